"""Columns of the table of runs: their text and their sort key."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from l5tui.runner.overview import RunListing
from l5tui.text import duration, number, safe
from l5tui.tui.colours import STATUS_SIGNS


def when(created: str) -> str:
    """Format a time in local time, short: ``today 14:03``, ``24 Nov 14:03`` or ``24 Nov 2025``."""
    moment = datetime.fromisoformat(created).astimezone()
    now = datetime.now(moment.tzinfo)
    if moment.date() == now.date():
        return f"today {moment:%H:%M}"
    return f"{moment:%d %b %H:%M}" if moment.year == now.year else f"{moment:%d %b %Y}"


def seconds(run: RunListing) -> float | None:
    """How long a run took; None where it has not ended."""
    if run.started is None or run.ended is None:
        return None
    return (datetime.fromisoformat(run.ended) - datetime.fromisoformat(run.started)).total_seconds()


@dataclass(frozen=True)
class RunColumn:
    """One column.

    Parameters
    ----------
    field : str
        What it is called where it is remembered.
    title : str
        Its heading.
    width : int
    about : str
        Description in the list of columns.
    text : callable
        Returns the text for a run, safe to print.
    value : callable
        What runs are sorted by.
    right : bool
        Whether it is set to the right.
    newest_first : bool
        Whether it is sorted downwards to begin with.
    """

    field: str
    title: str
    width: int
    about: str
    text: Callable[[RunListing], str]
    value: Callable[[RunListing], object]
    right: bool = False
    newest_first: bool = False

    def order(self, run: RunListing, reverse: bool) -> tuple[bool, object]:
        """Return the sort key of a run; runs without a value come last in both directions."""
        value = self.value(run)
        missing = value in (None, (), "") or (isinstance(value, float) and math.isnan(value))
        return (not reverse, 0) if missing else (reverse, value)


def _text(field: str, title: str, width: int, about: str) -> RunColumn:
    def value(run: RunListing) -> str:
        return str(getattr(run, field) or "")

    return RunColumn(field, title, width, about, lambda run: safe(value(run)), value)


COLUMNS: tuple[RunColumn, ...] = (
    RunColumn(
        "created",
        "when",
        13,
        "when it was begun",
        lambda run: when(run.created),
        lambda run: run.created,
        newest_first=True,
    ),
    RunColumn(
        "status",
        "status",
        11,
        "status",
        lambda run: f"{STATUS_SIGNS.get(run.status, '?')} {run.status}",
        lambda run: run.status,
    ),
    RunColumn(
        "loss",
        "loss",
        8,
        "its loss",
        lambda run: number(run.loss, 4) if run.loss is not None else "",
        lambda run: run.loss,
        right=True,
    ),
    _text("rule", "rule", 11, "learning rule"),
    _text("name", "name", 18, "the experiment's name, in the remaining width"),
    RunColumn("seed", "seed", 6, "seed", lambda run: str(run.seed), lambda run: run.seed, right=True),
    RunColumn("tags", "tags", 16, "its tags", lambda run: safe(", ".join(run.tags)), lambda run: run.tags),
    RunColumn("id", "run", 22, "its id", lambda run: run.id, lambda run: run.id, newest_first=True),
    RunColumn(
        "took",
        "took",
        10,
        "duration",
        lambda run: duration(took) if (took := seconds(run)) is not None else "",
        seconds,
        right=True,
    ),
    RunColumn(
        "realizations",
        "R",
        4,
        "number of measured realizations",
        lambda run: str(run.realizations or ""),
        lambda run: run.realizations,
        right=True,
    ),
    _text("variant", "variant", 9, "variant: original or corrected"),
    _text("notes", "notes", 20, "its notes"),
    _text("error", "error", 20, "reason of a failure"),
    _text("hash", "hash", 12, "hash of its configuration"),
)
"""All, in the order in which they stand; where it is narrow, those on the right go first."""

AT_FIRST = ("created", "status", "loss", "rule", "name", "seed", "tags", "id")
"""The columns that are shown until others are chosen."""

GROWING = ("name", "notes", "error", "tags")
"""The first of these that is shown takes what room is left."""


def column(field: str) -> RunColumn | None:
    """Return the column of a field; None if there is none."""
    return next((each for each in COLUMNS if each.field == field), None)


def chosen(fields: Sequence[object]) -> tuple[RunColumn, ...]:
    """Return the columns of some fields, in their order; the default columns if there are none."""
    found = tuple(each for each in COLUMNS if each.field in fields)
    return found or tuple(each for each in COLUMNS if each.field in AT_FIRST)


def widths(columns: Sequence[RunColumn], room: int, gap: int) -> list[tuple[RunColumn, int]]:
    """Return the columns that fit, with their widths."""
    shown: list[tuple[RunColumn, int]] = []
    left = room
    for each in columns:
        if each.width <= left:
            shown.append((each, each.width))
            left -= each.width + gap
    fields = [each.field for each, _ in shown]
    growing = next((field for field in GROWING if field in fields), fields[-1] if fields else "")
    return [(each, width + max(left, 0) if each.field == growing else width) for each, width in shown]
