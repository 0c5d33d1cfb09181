"""Heading, legend and notes of a study's figure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.artist import Artist
from matplotlib.figure import Figure

from l5tui.analysis.study_table import StudyTable
from l5tui.config.wording import one_line
from l5tui.figures.heading import LEFT_MM, on_one_line, write_heading
from l5tui.figures.style import MM_PER_INCH

TOP_MM = 17.0
"""Height of the heading above the panels, in mm."""

NOTE_MM = 3.2
"""Height of a note below the panels, in mm."""


@dataclass(frozen=True)
class StudyHeading:
    """Facts of a study that its table of trials does not contain.

    Parameters
    ----------
    name, study_id : str
        Name and identifier of the study.
    confirmed : str
        Objective of the best trial in fresh circuits, with its interval and n; empty where it is not confirmed.
    is_search : bool
        Whether the study is a search; a design or an inference has no best point to confirm.
    """

    name: str
    study_id: str
    confirmed: str = ""
    is_search: bool = True


def study_facts(table: StudyTable, heading: StudyHeading) -> str:
    """Return objective, number of trials and best value in one line.

    The best value is that in fresh circuits if the study is confirmed, otherwise that in search.

    Parameters
    ----------
    table : StudyTable
        Trials of the study.
    heading : StudyHeading
        Name, identifier and confirmed value of the study.

    Returns
    -------
    str
    """
    goal = "maximized" if table.maximize else "minimized"
    facts = [f"{one_line(table.objective, 30)} {goal}", trials_in_words(table)]
    if table.best is not None:
        best = _best_in_search(table)
        if table.confirmed is not None:
            trial = table.numbers[table.confirmed]
            facts.append(f"confirmed best {heading.confirmed}, trial {trial}")
        else:
            facts.append(f"best in search {best}, not confirmed" if heading.is_search else f"best {best}")
    return "  ·  ".join(facts)


def trials_in_words(table: StudyTable) -> str:
    """Return the number of trials, and of those without a value, in words.

    Parameters
    ----------
    table : StudyTable
        Trials of the study.

    Returns
    -------
    str
        Such as ``60 trials (2 diverged, 1 failed)``.
    """
    counts = Counter(table.statuses)
    text = "1 trial" if len(table) == 1 else f"{len(table)} trials"
    others = [f"{counts[status]} {status}" for status in sorted(counts) if status != "completed"]
    return f"{text} ({', '.join(others)})" if others else text


def add_study_heading(
    figure: Figure,
    table: StudyTable,
    heading: StudyHeading,
    notes: Sequence[str] = (),
    keys: Sequence[Artist] = (),
) -> None:
    """Write the study's name and facts above a figure, its legend above the panels, and notes below.

    Parameters
    ----------
    figure : Figure
        Figure that is changed in place.
    table : StudyTable
        Trials of the study.
    heading : StudyHeading
        Name, identifier and confirmed value of the study.
    notes : sequence of str
        One line each.
    keys : sequence of Artist
        Labelled samples for the legend.
    """
    study = f"Study {heading.study_id}"
    if table.confirmed is not None:
        study = f"Best in search {_best_in_search(table)}  ·  {study}"
    lines = [*notes, study]
    write_heading(figure, on_one_line(heading.name), study_facts(table, heading), lines, ())
    if keys:
        width, height = (inches * MM_PER_INCH for inches in figure.get_size_inches())
        figure.legend(
            handles=list(keys),
            loc="upper left",
            bbox_to_anchor=(LEFT_MM / width, 1 - 11.0 / height),
            ncols=len(keys),
            borderaxespad=0,
            borderpad=0,
        )


def bottom_mm(notes: int, labels: float) -> float:
    """Return the room below the panels for the lowest axis, the notes and the study's line.

    Parameters
    ----------
    notes : int
        Number of notes.
    labels : float
        Room for the labels of the lowest axis, in mm.

    Returns
    -------
    float
        In mm.
    """
    return labels + 5.5 + NOTE_MM * (notes + 1)


def _best_in_search(table: StudyTable) -> str:
    if table.best is None:
        return "none"
    value = f"{table.values[table.best]:.4g}".replace("-", "−")
    return f"{value} in trial {table.numbers[table.best]}"
