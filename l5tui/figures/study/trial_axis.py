"""Axis of the trials' numbers."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from l5tui.analysis.study_table import StudyTable


def set_trial_axis(axes: Axes, table: StudyTable) -> None:
    """Give a panel's x axis the numbers of the trials, all of them, and its label.

    Parameters
    ----------
    axes : Axes
        Panel that is changed in place.
    table : StudyTable
        Trials of the study.
    """
    first, last = (int(table.numbers[0]), int(table.numbers[-1])) if len(table) else (0, 0)
    room = max(0.02 * (last - first), 0.5)
    axes.set_xlim(first - room, last + room)
    axes.xaxis.set_major_locator(MaxNLocator(6, integer=True, min_n_ticks=1))
    axes.set_xlabel("trial")
