"""Panels that several figures share: one a direction, courses with bands, and notes on missing variables."""

from __future__ import annotations

import math
from textwrap import fill
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from l5tui.figures.recorded import directions_of
from l5tui.figures.style import FAINT, INK, Margins, new_figure, set_margins
from l5tui.model.arrays import FloatArray

if TYPE_CHECKING:
    import xarray as xr

MOST_PANELS: Final = 16
"""Largest number of panels that is readable on a page."""

PANEL_HEIGHT_MM: Final = 42.0
ONSET: Final[dict[str, Any]] = {"color": INK, "linewidth": 0.8, "linestyle": (0, (1, 1.5))}
BAND_ALPHA: Final = 0.2


def direction_panels(
    dataset: xr.Dataset, margins: Margins, label_x: str, label_y: str
) -> tuple[Figure, list[tuple[int, Axes]]]:
    """Return a figure with one panel a direction of motion, in alike axes.

    Parameters
    ----------
    dataset : xarray.Dataset
        Dataset of a run.
    margins : Margins
        Room around and between the panels, in mm.
    label_x, label_y : str
        For the outer panels.

    Returns
    -------
    figure : Figure
    panels : list of (int, Axes)
        Index of each direction with its panel; of many directions, some that are evenly spread.
    """
    directions = directions_of(dataset)
    every = math.ceil(len(directions) / MOST_PANELS)
    shown = list(range(0, len(directions), every))
    columns = 2 if len(shown) <= 4 else 4
    rows = math.ceil(len(shown) / columns)
    height = margins.top + margins.bottom + rows * PANEL_HEIGHT_MM + (rows - 1) * margins.between_rows
    figure = new_figure(height)
    grid = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
    set_margins(figure, margins)
    for axes in grid.ravel()[len(shown) :]:
        axes.remove()
    for axes in grid[:, 0]:
        axes.set_ylabel(label_y)
    for axes in grid[-1] if len(shown) == grid.size else grid.ravel()[: len(shown)][-columns:]:
        axes.set_xlabel(label_x)
        axes.tick_params(axis="x", labelbottom=True)
    panels = list(zip(shown, grid.ravel()[: len(shown)], strict=True))
    for index, axes in panels:
        axes.set_title(f"{directions[index]:g}°")
    return figure, panels


def skipped_note(dataset: xr.Dataset) -> list[str]:
    """Return a note on the number of directions that are shown, if there are too many.

    Parameters
    ----------
    dataset : xarray.Dataset
        Dataset of a run.

    Returns
    -------
    list of str
        One line; empty if all directions are shown.
    """
    count = len(directions_of(dataset))
    every = math.ceil(count / MOST_PANELS)
    return [f"Shown: {len(range(0, count, every))} of {count} directions."] if every > 1 else []


def draw_course(
    axes: Axes, steps: FloatArray, mean: FloatArray, spread: FloatArray, colour: str, label: str
) -> None:
    """Draw a line with a band of one spread to either side; a dot if there is a single value.

    Parameters
    ----------
    axes : Axes
        Panel that is changed in place.
    steps : ndarray, shape (time,)
        Abscissa, in steps.
    mean, spread : ndarray, shape (time,)
        Mean and standard deviation over realizations; NaN is not drawn.
    colour : str
    label : str
        Label of the line.
    """
    alone = np.isfinite(mean).sum() == 1
    axes.plot(steps, mean, color=colour, marker="o" if alone else None, markersize=3, label=label)
    if np.isfinite(spread).any():
        axes.fill_between(
            steps, mean - spread, mean + spread, color=colour, alpha=BAND_ALPHA, linewidth=0, zorder=1
        )


def onset_step(dataset: xr.Dataset) -> int | None:
    """Return the first step of learning.

    Parameters
    ----------
    dataset : xarray.Dataset
        A run, with the attributes ``onset_step`` and ``rule``.

    Returns
    -------
    int or None
        None if no rule is active, or if learning begins with the first step.
    """
    onset = int(dataset.attrs["onset_step"])
    return onset if dataset.attrs["rule"] != "none" and 0 < onset < last_step(dataset) else None


def last_step(dataset: xr.Dataset) -> int:
    """Return the last recorded step.

    Parameters
    ----------
    dataset : xarray.Dataset
        Dataset of a run.

    Returns
    -------
    int
    """
    return int(dataset["last_step"].max())


def frame_course(axes: Axes, dataset: xr.Dataset) -> None:
    """Limit the x axis to the run, and mark the onset of learning.

    Parameters
    ----------
    axes : Axes
        Panel that is changed in place.
    dataset : xarray.Dataset
        Dataset of a run.
    """
    axes.set_xlim(0, last_step(dataset))
    if (onset := onset_step(dataset)) is not None:
        axes.axvline(onset, **ONSET, label="onset")


def stand_on_zero(axes: Axes) -> None:
    """Begin the y axis at 0 unless a value is negative, as rates of a tanh may be.

    Parameters
    ----------
    axes : Axes
        Panel that is changed in place.
    """
    values = np.concatenate([np.asarray(line.get_ydata(), dtype=np.float64) for line in axes.lines])
    if not (values < 0).any():
        axes.set_ylim(bottom=0)


def say_instead(axes: Axes, text: str) -> None:
    """Write in an empty panel why it is empty.

    Parameters
    ----------
    axes : Axes
        Panel that is changed in place.
    text : str
        Broken into lines of the panel's width.
    """
    axes.set_xticks([])
    axes.set_yticks([])
    axes.set_xlabel("")
    axes.set_ylabel("")
    # As wide as the panel, in letters of this size.
    width = axes.get_window_extent().width / axes.get_figure(root=True).dpi * 25.4  # type: ignore[union-attr]
    axes.text(
        0.5,
        0.5,
        fill(text, max(12, int(width / 1.55))),
        ha="center",
        va="center",
        color=FAINT,
        transform=axes.transAxes,
        label="missing",
    )
