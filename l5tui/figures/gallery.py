"""All figures of a run, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Final, TypeAlias

from matplotlib.figure import Figure

from l5tui.figures.loss import loss_figure
from l5tui.figures.rate_distribution import rate_distribution_figure
from l5tui.figures.rates import rates_figure
from l5tui.figures.selectivity import selectivity_figure
from l5tui.figures.stability import stability_figure
from l5tui.figures.tuning import tuning_figure
from l5tui.figures.weight_course import weight_course_figure
from l5tui.figures.weight_maps import weight_maps_figure
from l5tui.figures.weights import weights_figure

if TYPE_CHECKING:
    import xarray as xr

Draw: TypeAlias = "Callable[[xr.Dataset], Figure]"

GALLERY: Final[Mapping[str, Draw]] = {
    "selectivity": selectivity_figure,
    "weights": weights_figure,
    "rates": rates_figure,
    "weight_course": weight_course_figure,
    "rate_distribution": rate_distribution_figure,
    "tuning": tuning_figure,
    "weight_maps": weight_maps_figure,
    "stability": stability_figure,
    "loss": loss_figure,
    "tuning_polar": partial(tuning_figure, polar=True),
}
"""Functions that draw a run's dataset, by the names of `l5tui.figures.names`."""
