"""Objective and best objective so far, by trial."""

from __future__ import annotations

from typing import Any

from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from l5tui.analysis.study_table import StudyTable
from l5tui.figures.study.heading import TOP_MM, StudyHeading, add_study_heading, bottom_mm
from l5tui.figures.study.marks import draw_trials, draw_unfinished, say_in_panel, trial_keys
from l5tui.figures.study.objective_axis import objective_label, set_objective_axis
from l5tui.figures.study.trial_axis import set_trial_axis
from l5tui.figures.style import INK, Margins, new_figure, print_style, set_margins

HEIGHT_MM = 85.0
MARGINS = Margins(left=21, right=4, bottom=bottom_mm(1, 10), top=TOP_MM + 2)


def convergence_figure(table: StudyTable, heading: StudyHeading) -> Figure:
    """Draw the value of each trial, and the best value up to each.

    Parameters
    ----------
    table : StudyTable
        Trials of the study.
    heading : StudyHeading
        Name, identifier and confirmed value of the study.

    Returns
    -------
    matplotlib.figure.Figure
        One panel; trials without a value stand at the edge where the objective is worst.
    """
    with print_style():
        figure = new_figure(HEIGHT_MM)
        axes = figure.subplots()
        set_margins(figure, MARGINS)
        numbers = table.numbers.astype(float)
        keys = trial_keys(table)
        if table.finished.any():
            line: dict[str, Any] = {"color": INK, "linewidth": 1.2, "label": "best so far"}
            axes.step(numbers, table.best_so_far, where="post", **line)
            keys.insert(1, Line2D([], [], **line))
        else:
            say_in_panel(axes, "no trial has a value")
        draw_trials(axes, table, numbers, table.values)
        draw_unfinished(axes, table, numbers)
        set_trial_axis(axes, table)
        set_objective_axis(axes, table)
        axes.set_ylabel(objective_label(table))
        end = "largest" if table.maximize else "smallest"
        note = f"The best so far is the {end} value up to a trial, in the circuits of the search."
        add_study_heading(figure, table, heading, [note], keys)
    return figure
