"""Marks of trials in the figures of a study."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from l5tui.analysis.study_table import StudyTable
from l5tui.figures.style import FAINT, INK
from l5tui.model.arrays import FloatArray

BEST: Final = "#E69F00"
"""Colour of the best trial, from Okabe and Ito's palette; no population has it."""

UNFINISHED: Final[Mapping[str, str]] = {"diverged": "x", "failed": "+"}
"""Marker of trials that ended without a value."""

TRIAL: Final[dict[str, Any]] = {
    "linestyle": "none",
    "marker": "o",
    "markersize": 2.6,
    "markerfacecolor": FAINT,
    "markeredgecolor": "none",
    "alpha": 0.7,
}
NO_VALUE: Final[dict[str, Any]] = {
    "linestyle": "none",
    "markersize": 3.6,
    "color": INK,
    "markeredgewidth": 0.7,
}
STAR: Final[dict[str, Any]] = {
    "linestyle": "none",
    "marker": "*",
    "markersize": 9,
    "markerfacecolor": BEST,
    "markeredgecolor": INK,
    "markeredgewidth": 0.6,
    "zorder": 5,
}


def draw_trials(axes: Axes, table: StudyTable, x: FloatArray, y: FloatArray) -> None:
    """Draw trials with a value as dots, and the best one as a star.

    Parameters
    ----------
    axes : Axes
        Panel that is changed in place.
    table : StudyTable
        Trials of the study.
    x, y : ndarray, shape (trial,)
        Places of all trials.
    """
    axes.plot(x[table.finished], y[table.finished], label="trial", **TRIAL)
    if table.chosen is not None:
        axes.plot(x[table.chosen], y[table.chosen], label="best", **STAR)


def draw_unfinished(axes: Axes, table: StudyTable, x: FloatArray) -> None:
    """Draw trials without a value at the edge where the objective is worst.

    Parameters
    ----------
    axes : Axes
        Panel that is changed in place.
    table : StudyTable
        Trials of the study.
    x : ndarray, shape (trial,)
        Abscissas of all trials.
    """
    edge = 0.03 if table.maximize else 0.97
    for status, marker in UNFINISHED.items():
        if (chosen := table.with_status(status)).any():
            axes.plot(
                x[chosen],
                [edge] * int(chosen.sum()),
                transform=axes.get_xaxis_transform(),
                marker=marker,
                label=status,
                **NO_VALUE,
            )


def trial_keys(table: StudyTable, dot: str = "trial") -> list[Line2D]:
    """Return the marks of `draw_trials` and `draw_unfinished` for a legend.

    Parameters
    ----------
    table : StudyTable
        Trials of the study.
    dot : str, optional
        Label of the dots.

    Returns
    -------
    list of Line2D
    """
    keys = []
    if table.finished.any():
        keys += [Line2D([], [], label=dot, **TRIAL), Line2D([], [], label=best_label(table), **STAR)]
    for status, marker in UNFINISHED.items():
        if table.with_status(status).any():
            keys.append(Line2D([], [], marker=marker, label=f"{status}: no value", **NO_VALUE))
    return keys


def best_label(table: StudyTable) -> str:
    """Return the star's name: the best trial in fresh circuits, or the best in search.

    Parameters
    ----------
    table : StudyTable
        Trials of the study.

    Returns
    -------
    str
    """
    return "best in search" if table.confirmed is None else "best in fresh circuits"


def say_in_panel(axes: Axes, text: str) -> None:
    """Write in the middle of a panel why nothing is drawn there.

    Parameters
    ----------
    axes : Axes
        Panel that is changed in place.
    text : str
    """
    axes.text(0.5, 0.5, text, ha="center", va="center", color=FAINT, fontsize=7.5, transform=axes.transAxes)
