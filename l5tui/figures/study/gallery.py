"""All figures of a study, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from matplotlib.figure import Figure

from l5tui.analysis.study_table import StudyTable
from l5tui.figures.output import png_bytes
from l5tui.figures.study.convergence import convergence_figure
from l5tui.figures.study.heading import StudyHeading
from l5tui.figures.study.importance import importance_figure
from l5tui.figures.study.objective_against_parameters import objective_against_parameters_figure
from l5tui.figures.study.parameter_histograms import parameter_histograms_figure
from l5tui.figures.study.parameter_traces import parameter_traces_figure
from l5tui.figures.study.slices import slices_figure

STUDY_FIGURES: Final[Mapping[str, Callable[[StudyTable, StudyHeading], Figure]]] = {
    "convergence": convergence_figure,
    "parameter_traces": parameter_traces_figure,
    "parameter_histograms": parameter_histograms_figure,
    "objective_against_parameters": objective_against_parameters_figure,
    "slices": slices_figure,
    "importance": importance_figure,
}
"""Functions that draw each figure; the names are those of the files."""


def draw_study(table: StudyTable, heading: StudyHeading) -> dict[str, bytes]:
    """Draw all figures of a study as the content of PNG files, by their paths, such as ``figures/slices.png``.

    Parameters
    ----------
    table : StudyTable
        Trials of the study.
    heading : StudyHeading
        Name, identifier and confirmed value of the study.

    Returns
    -------
    dict of str to bytes
        Content of each PNG file, by its path.
    """
    return {
        f"figures/{figure}.png": png_bytes(draw(table, heading)) for figure, draw in STUDY_FIGURES.items()
    }
