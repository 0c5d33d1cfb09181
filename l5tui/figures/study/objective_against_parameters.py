"""The objective against each parameter."""

from __future__ import annotations

from matplotlib.figure import Figure

from l5tui.analysis.study_table import StudyTable
from l5tui.figures.study.heading import StudyHeading, add_study_heading
from l5tui.figures.study.marks import draw_trials, draw_unfinished, say_in_panel, trial_keys
from l5tui.figures.study.objective_axis import objective_label, set_objective_axis
from l5tui.figures.study.parameter_panels import parameter_panels, set_parameter_axis, spread_out
from l5tui.figures.style import print_style


def objective_against_parameters_figure(table: StudyTable, heading: StudyHeading) -> Figure:
    """Draw the objective of every trial against each of its parameters.

    Parameters
    ----------
    table : StudyTable
        Trials of the study.
    heading : StudyHeading
        Name, identifier and confirmed value of the study.

    Returns
    -------
    matplotlib.figure.Figure
        A panel for each parameter, all with the same y axis; choices are spread out a little, so that they do
        not hide each other, and trials without a value stand at the edge where the objective is worst.
    """
    with print_style():
        figure, panels = parameter_panels(len(table.axes), 1)
        for column, axes in enumerate(panels):
            places = spread_out(table.axes[column], table.places[:, column])
            draw_trials(axes, table, places, table.values)
            draw_unfinished(axes, table, places)
            set_parameter_axis(axes, table.axes[column], "x")
            set_objective_axis(axes, table)
            if not table.finished.any():
                say_in_panel(axes, "no trial has a value")
            if axes.get_subplotspec().is_first_col():  # type: ignore[union-attr]
                axes.set_ylabel(objective_label(table))
            else:
                axes.tick_params(labelleft=False)
        note = "All other parameters differ from dot to dot."
        add_study_heading(figure, table, heading, [note], trial_keys(table))
    return figure
