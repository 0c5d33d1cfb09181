"""The figures of a stored study."""

from __future__ import annotations

from typing import TYPE_CHECKING

from l5tui.analysis.study_table import study_table
from l5tui.errors import UnknownFigureError, UnsuitableRunError
from l5tui.tuning.methods import study_kind
from l5tui.tuning.report import StudyReport

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from l5tui.figures.study.heading import StudyHeading


def study_figure(report: StudyReport, name: str) -> Figure:
    """One figure of a study, to show or to save.

    Parameters
    ----------
    report : StudyReport
    name : str
        One of `l5tui.figures.study.gallery.STUDY_FIGURES`.

    Raises
    ------
    UnknownFigureError
        Where there is no such figure.
    UnsuitableRunError
        Where no trial has ended yet.
    """
    from l5tui.figures.study.gallery import STUDY_FIGURES

    if name not in STUDY_FIGURES:
        raise UnknownFigureError(f"no figure {name!r} of a study; there are {', '.join(STUDY_FIGURES)}")
    study = report.record
    ended = [trial for trial in report.trials if trial.status.is_final]
    if not ended:
        raise UnsuitableRunError(f"study {study.id} has no figure: none of its trials has ended")
    table = study_table(study.space, ended, study.objective, study.maximize, report.confirmed_trial)
    return STUDY_FIGURES[name](table, study_heading(report))


def study_heading(report: StudyReport) -> StudyHeading:
    """Return what the figures of a study say of it."""
    from l5tui.figures.study.heading import StudyHeading

    study, best = report.record, report.confirmed
    confirmed = best.with_interval if best else ""
    return StudyHeading(study.name, study.id, confirmed, study_kind(study.method) == "search")
