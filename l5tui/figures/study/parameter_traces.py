"""Values of each parameter, by trial."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from l5tui.analysis.study_table import StudyTable
from l5tui.figures.study.heading import StudyHeading, add_study_heading
from l5tui.figures.study.marks import NO_VALUE, STAR, TRIAL, UNFINISHED, best_label
from l5tui.figures.study.parameter_panels import parameter_panels, set_parameter_axis, spread_out
from l5tui.figures.study.trial_axis import set_trial_axis
from l5tui.figures.style import INK, print_style
from l5tui.model.arrays import FloatArray

SHARE = 15
"""A running mean covers 1/SHARE of the trials of a study."""

FEWEST = 5
"""Smallest number of trials in a running mean."""


def parameter_traces_figure(table: StudyTable, heading: StudyHeading) -> Figure:
    """Draw the value of each parameter in each trial, with its running mean.

    Parameters
    ----------
    table : StudyTable
        Trials of the study.
    heading : StudyHeading
        Name, identifier and confirmed value of the study.

    Returns
    -------
    matplotlib.figure.Figure
        A panel for each parameter; means are taken on the axis that is searched, so of logarithms where that
        is logarithmic, and not of choices.
    """
    window = max(FEWEST, len(table) // SHARE)
    mean: dict[str, Any] = {"color": INK, "linewidth": 1.2, "label": f"mean of the last {window}"}
    with print_style():
        figure, panels = parameter_panels(
            len(table.axes), 1, columns=2, left_mm=25, between_columns=26, labels_mm=8
        )
        for column, axes in enumerate(panels):
            _draw_panel(axes, table, column)
            if not table.axes[column].choices and len(table) >= window:
                means = running_mean(table.units[:, column], window)
                axes.plot(table.numbers[window - 1 :], table.axes[column].places(means), **mean)
        keys = [Line2D([], [], **TRIAL, label="trial")]
        if any(not axis.choices for axis in table.axes) and len(table) >= window:
            keys.append(Line2D([], [], **mean))
        if table.chosen is not None:
            keys.append(Line2D([], [], **STAR, label=best_label(table)))
        for status, marker in UNFINISHED.items():
            if table.with_status(status).any():
                keys.append(Line2D([], [], **NO_VALUE, marker=marker, label=status))
        note = "A running mean stands at the last of its trials; on a logarithmic axis it is that of the logarithms."
        add_study_heading(figure, table, heading, [note], keys)
    return figure


def running_mean(values: FloatArray, window: int) -> FloatArray:
    """Return the means of every `window` consecutive values.

    Parameters
    ----------
    values : ndarray, shape (value,)
    window : int

    Returns
    -------
    ndarray, shape (value − window + 1,)
    """
    return np.convolve(values, np.full(window, 1 / window), mode="valid")


def _draw_panel(axes: Axes, table: StudyTable, column: int) -> None:
    numbers = table.numbers.astype(float)
    places = spread_out(table.axes[column], table.places[:, column])
    others = ~table.with_status(*UNFINISHED)
    axes.plot(numbers[others], places[others], label="trial", **TRIAL)
    for status, marker in UNFINISHED.items():
        if (chosen := table.with_status(status)).any():
            axes.plot(numbers[chosen], places[chosen], marker=marker, label=status, **NO_VALUE)
    if table.chosen is not None:
        axes.plot(numbers[table.chosen], places[table.chosen], label="best", **STAR)
    set_trial_axis(axes, table)
    set_parameter_axis(axes, table.axes[column], "y")
