"""Gaussian-process estimate of the objective along each parameter, through the best point."""

from __future__ import annotations

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from l5tui.analysis.slices import FEWEST, Slice, slices
from l5tui.analysis.study_table import StudyTable
from l5tui.figures.study.heading import StudyHeading, add_study_heading
from l5tui.figures.study.marks import STAR, best_label, say_in_panel
from l5tui.figures.study.objective_axis import objective_label, set_objective_axis
from l5tui.figures.study.parameter_panels import parameter_panels, set_parameter_axis
from l5tui.figures.style import FAINT, INK, print_style

NOTES = (
    "Gaussian process of the ranks of the objective, all other parameters as in the best trial; mapped back, it "
    "cannot leave the values seen.",
    "The band is the process's doubt of the expected value, 16 % to 84 %; wide where few trials were made nearby.",
)


def slices_figure(table: StudyTable, heading: StudyHeading) -> Figure:
    """Draw the process's median along each parameter through the best point, and its uncertainty.

    Parameters
    ----------
    table : StudyTable
        Trials of the study.
    heading : StudyHeading
        Name, identifier and confirmed value of the study.

    Returns
    -------
    matplotlib.figure.Figure
        A panel for each parameter, all with the same y axis.
    """
    found = slices(table)
    with print_style():
        figure, panels = parameter_panels(len(table.axes), len(NOTES))
        for column, axes in enumerate(panels):
            set_parameter_axis(axes, table.axes[column], "x")
            set_objective_axis(axes, table)
            if found.slices:
                _draw_slice(axes, found.slices[column])
            else:
                say_in_panel(axes, f"fewer than {FEWEST} trials with a value,\nor all with the same")
            if table.chosen is not None:
                x, y = table.places[table.chosen, column], table.values[table.chosen]
                axes.plot(x, y, label="best", **STAR)
            if axes.get_subplotspec().is_first_col():  # type: ignore[union-attr]
                axes.set_ylabel(objective_label(table))
            else:
                axes.tick_params(labelleft=False)
        keys: list[Artist] = []
        if found.slices:
            keys = [
                Line2D([], [], color=INK, label="median"),
                Patch(color=FAINT, alpha=0.35, linewidth=0, label="16 % to 84 %"),
            ]
        if table.chosen is not None:
            keys.append(Line2D([], [], **STAR, label=best_label(table)))
        add_study_heading(figure, table, heading, NOTES, keys)
    return figure


def _draw_slice(axes: Axes, drawn: Slice) -> None:
    if drawn.axis.choices:
        errors = [drawn.median - drawn.lower, drawn.upper - drawn.median]
        axes.errorbar(
            drawn.places, drawn.median, yerr=errors, linestyle="none", marker="_", color=INK, label="median"
        )
        return
    axes.fill_between(
        drawn.places, drawn.lower, drawn.upper, color=FAINT, alpha=0.35, linewidth=0, label="band"
    )
    axes.plot(
        drawn.places, drawn.median, color=INK, label="median", marker="." if len(drawn.places) < 2 else ""
    )
