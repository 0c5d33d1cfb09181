"""Legend entries that several figures share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from l5tui.config.populations import POPULATIONS
from l5tui.figures.panels import ONSET, onset_step
from l5tui.figures.style import COLOURS, FAINT, INK

if TYPE_CHECKING:
    import xarray as xr


def population_keys() -> list[Line2D]:
    """Return a line in the colour of each population, for a legend.

    Returns
    -------
    list of Line2D
    """
    return [Line2D([], [], color=COLOURS[name], linewidth=1.8, label=name) for name in POPULATIONS]


def onset_keys(dataset: xr.Dataset) -> list[Line2D]:
    """Return the line that marks the onset of learning, for a legend.

    Parameters
    ----------
    dataset : xarray.Dataset
        Dataset of a run.

    Returns
    -------
    list of Line2D
        Empty if the run has no onset after its first step.
    """
    if onset_step(dataset) is None:
        return []
    return [Line2D([], [], label="learning begins", **ONSET)]


def bar_keys() -> list[Patch]:
    """Return bars before and after learning, for a legend.

    Returns
    -------
    list of Patch
    """
    return [
        Patch(facecolor="white", edgecolor=INK, hatch="////", label="before learning"),
        Patch(facecolor=FAINT, edgecolor=INK, label="after learning"),
    ]


def line_keys() -> list[Line2D]:
    """Return lines before and after learning, for a legend.

    Returns
    -------
    list of Line2D
    """
    return [
        Line2D([], [], color=INK, linewidth=1.2, linestyle="--", label="before learning"),
        Line2D([], [], color=INK, linewidth=1.4, label="after learning"),
    ]
