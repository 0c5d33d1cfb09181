"""The names of everything that a run is measured by; what computes them stands in `l5tui.analysis`."""

from __future__ import annotations

from itertools import product
from typing import Final

from l5tui.config.populations import POPULATIONS

CONDITIONS: Final = ("before", "after")
MEASURES: Final = ("rate", "OS", "DS", "OS_p", "OS_vector", "DS_vector")
INDICES: Final = MEASURES[1:]
"""Measures that are quotients of responses; they are not defined for every neuron."""
CELL_COUNTS: Final = (
    *("neurons", "silent", "negative", "responses", "at_floor", "at_ceiling"),
    *(f"n_{name}" for name in INDICES),
)
"""Cells behind the means of a population: all with rates; those silent in every direction, or negative in one; pairs of
neuron and direction, and how many of them are at the floor and the ceiling of the transfer function; cells with each
index."""
COUNT: Final = "count"
"""Statistic of the rows with these numbers."""
STATISTICS: Final = ("mean", "std_of_means", "mean_of_stds")
QUANTITIES: Final = ("initial", "final", "change", "target")
CONTRASTS: Final = ("OS", "DS", "OS_p")
LOSS_TERMS: Final = ("rmse", "delta_OS", "delta_DS", "spread_between", "spread_within")
SPREADS: Final = ("spread_between", "spread_within")
"""Terms that the loss is defined without: one realization has no spread between realizations."""


def measure_names() -> tuple[str, ...]:
    """Every measure of a run but its loss, as MLflow shows it: ``after/DS.CS``, ``weight_final/CS_from_CC``."""
    endings = ("", *(f".{name}" for name in STATISTICS if name != "mean"))
    measures = product(CONDITIONS, MEASURES, POPULATIONS, endings)
    blocks = product(QUANTITIES, POPULATIONS, POPULATIONS, endings)
    return (
        *(f"loss/{term}" for term in LOSS_TERMS),
        *(f"{condition}/{name}.{population}{ending}" for condition, name, population, ending in measures),
        *(f"weight_{quantity}/{post}_from_{pre}{ending}" for quantity, post, pre, ending in blocks),
        *(f"summary/contrast_{name}" for name in CONTRASTS),
        *(f"summary/mean_contrast_{name}" for name in CONTRASTS),
        "summary/not_in_equilibrium",
    )
