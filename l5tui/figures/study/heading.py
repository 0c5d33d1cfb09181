"""What every figure says of its study."""

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
"""Room that the heading takes above the panels."""

NOTE_MM = 3.2
"""Room that a note takes below the panels."""


@dataclass(frozen=True)
class StudyHeading:
    """What a table of trials does not say of its study.

    Parameters
    ----------
    name, study_id : str
    """

    name: str
    study_id: str


def study_facts(table: StudyTable) -> str:
    """Objective, trials and the best value in one line."""
    goal = "maximized" if table.maximize else "minimized"
    facts = [f"{one_line(table.objective, 30)} {goal}", trials_in_words(table)]
    if table.best is not None:
        value = f"{table.values[table.best]:.4g}".replace("-", "−")
        facts.append(f"best {value} in trial {table.numbers[table.best]}")
    return "  ·  ".join(facts)


def trials_in_words(table: StudyTable) -> str:
    """How many trials there are, and how many of them came to no value."""
    counts = Counter(table.statuses)
    told = "1 trial" if len(table) == 1 else f"{len(table)} trials"
    others = [f"{counts[status]} {status}" for status in sorted(counts) if status != "completed"]
    return f"{told} ({', '.join(others)})" if others else told


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
    table : StudyTable
    heading : StudyHeading
    notes : sequence of str
        One line each.
    keys : sequence of Artist
        Labelled samples for the legend.
    """
    lines = [*notes, f"Study {heading.study_id}"]
    write_heading(figure, on_one_line(heading.name), study_facts(table), lines, ())
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
    """Room below the panels for the labels of the lowest axis and for notes and the study's line."""
    return labels + 5.5 + NOTE_MM * (notes + 1)
