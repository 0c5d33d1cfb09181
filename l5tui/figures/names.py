"""Names of a run's figures, without Matplotlib."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

Format: TypeAlias = Literal["png", "svg", "pdf"]

LIGHT: Final = ("selectivity", "weights")
"""Names of the figures that summarize a run."""

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
"""Names of the figures of a run, in order, without variants."""

NAMES: Final = (*ALL, "tuning_polar")
"""Names of all figures, variants included."""
