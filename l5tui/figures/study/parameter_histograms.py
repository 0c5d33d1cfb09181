"""Histograms of the values of all trials and of the best trials."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from l5tui.analysis.parameter_axis import ParameterAxis
from l5tui.analysis.study_table import StudyTable
from l5tui.figures.study.heading import StudyHeading, add_study_heading
from l5tui.figures.study.marks import BEST, say_in_panel
from l5tui.figures.study.parameter_panels import parameter_panels, set_parameter_axis
from l5tui.figures.style import FAINT, print_style
from l5tui.model.arrays import FloatArray, IntArray

BINS = 12
MOST_WHOLE = 24
"""Largest number of whole numbers that have a bin each."""


def parameter_histograms_figure(table: StudyTable, heading: StudyHeading) -> Figure:
    """Draw how often each value was tried, and how often among the best tenth.

    Parameters
    ----------
    table : StudyTable
        Trials of the study.
    heading : StudyHeading
        Name, identifier and confirmed value of the study.

    Returns
    -------
    matplotlib.figure.Figure
        A panel for each parameter; both histograms are shares of their own trials, so that their shapes
        compare.
    """
    with print_style():
        figure, panels = parameter_panels(len(table.axes), 1)
        best = table.best_rows
        for column, axes in enumerate(panels):
            _draw_panel(axes, table, column, best)
            set_parameter_axis(axes, table.axes[column], "x")
        highest = max(axes.get_ylim()[1] for axes in panels)
        for axes in panels:
            axes.set_ylim(0, 1.05 * highest)
            if axes.get_subplotspec().is_first_col():  # type: ignore[union-attr]
                axes.set_ylabel("share of trials (%)")
            else:
                axes.tick_params(labelleft=False)
        keys = [Patch(facecolor=FAINT, alpha=0.5, label=f"all {len(table)} trials")]
        if len(best):
            counted = "1 trial" if len(best) == 1 else f"{len(best)} trials"
            keys.append(Patch(facecolor="none", edgecolor=BEST, linewidth=1.6, label=f"best 10 %: {counted}"))
        note = (
            "Each histogram adds up to 100 % of its own trials. Trials without a value are among all trials."
        )
        add_study_heading(figure, table, heading, [note], keys)
    return figure


def _draw_panel(axes: Axes, table: StudyTable, column: int, best: IntArray) -> None:
    if not len(table):
        say_in_panel(axes, "no trials")
        return
    edges = bin_edges(table.axes[column])
    all_shares = _shares(table.places[:, column], edges)
    axes.stairs(all_shares, edges, fill=True, color=FAINT, alpha=0.5, label="all")
    highest = all_shares.max()
    if len(best):
        shares = _shares(table.places[best, column], edges)
        axes.stairs(shares, edges, color=BEST, linewidth=1.6, label="best")
        highest = max(highest, shares.max())
    axes.set_ylim(0, highest)


def bin_edges(axis: ParameterAxis) -> FloatArray:
    """Return the edges of equal shares of an axis.

    A choice has a bin of its own, and so has a whole number if there are few.

    Parameters
    ----------
    axis : ParameterAxis
        Axis of the parameter.

    Returns
    -------
    ndarray, shape (bin + 1,)
        In the parameter's unit; of choices, in indices.
    """
    low, high = axis.ends
    if axis.choices or (axis.integer and high - low < MOST_WHOLE):
        return np.arange(low - 0.5, high + 1.0)
    if axis.integer:
        low, high = low - 0.5, high + 0.5
        if not axis.log:
            # Whole numbers to a bin, or some bins would hold one more than others.
            width = np.ceil((high - low) / BINS)
            whole: FloatArray = low + width * np.arange(np.ceil((high - low) / width) + 1)
            return whole
    return np.geomspace(low, high, BINS + 1) if axis.log else np.linspace(low, high, BINS + 1)


def _shares(places: FloatArray, edges: FloatArray) -> FloatArray:
    """Percentage of places in each bin; rounding at an end counts into the last bin."""
    counts, _ = np.histogram(np.clip(places, edges[0], edges[-1]), edges)
    return 100.0 * counts / len(places)
