"""Names of the figures of a run, known without loading what draws them."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

Format: TypeAlias = Literal["png", "svg", "pdf"]

LIGHT: Final = ("selectivity", "weights")
"""The figures that sum a run up."""

ALL: Final = (
    *LIGHT,
    "rates",
    "weight_course",
    "rate_distribution",
    "tuning",
    "weight_maps",
    "stability",
    "loss",
)
"""Every figure of a run."""

NAMES: Final = (*ALL, "tuning_polar")
"""Names of all figures."""
