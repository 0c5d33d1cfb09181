"""Parameters of a study as lines of text: posterior marginals, or sensitivity indices."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rich.text import Text

from l5tui.text import number, safe

if TYPE_CHECKING:
    from l5tui.tuning.insight import Insight, ParameterInsight

BLOCKS = " ▁▂▃▄▅▆▇█"
BAR = 10
NAME = 13
ROOMY = 44
"""Width from which mean and standard deviation have room beside the interval."""
COURSE = 16
"""Estimates of the evidence that are drawn, the last ones."""


def insight_lines(insight: Insight, names: Mapping[str, str], width: int) -> Text:
    """Return a line a parameter: its name, its marginal in its range or the length of its index, and the numbers.

    Parameters
    ----------
    insight : Insight
    names : mapping of str to str
        What parameters are called, by their paths.
    width : int
        Room in cells.
    """
    text = Text(safe(insight.text), "dim")
    if not insight.rows:
        return text
    largest = max((abs(row.value) for row in insight.rows if math.isfinite(row.value)), default=0.0)
    columns = _columns(insight, width)
    head = "in range" if insight.rows[0].shares else ""
    lines = [Text(f"{'':{NAME}} {head:{BAR}} {' '.join(column[0] for column in columns)}", "dim")]
    for place, row in enumerate(insight.rows, 1):
        name = Text(safe(names.get(row.path, row.path)))
        name.truncate(NAME, overflow="ellipsis", pad=True)
        numbers = " ".join(column[place] for column in columns)
        lines.append(Text.assemble(name, " ", (_bar(row, largest), "bold"), " ", numbers.rstrip()))
    if course := _course(insight.course):
        lines.insert(0, Text(f"{'log evidence':{NAME}} {course}"))
    for line in lines:
        line.truncate(max(width, 1), overflow="ellipsis")
    return Text("\n").join([*lines, text])


def _course(values: Sequence[float]) -> str:
    """How a number went, between its lowest and its highest; nothing where it has not gone anywhere yet."""
    known = [value for value in values[-COURSE:] if math.isfinite(value)]
    if len(known) < 2:
        return ""
    low, high = min(known), max(known)
    steps = len(BLOCKS) - 2
    heights = [round((value - low) / (high - low) * steps) if high > low else 0 for value in known]
    return f"{''.join(BLOCKS[1 + height] for height in heights)} {number(low, 1)}…{number(high, 1)}"


def _columns(insight: Insight, width: int) -> list[list[str]]:
    """Return the columns of numbers, each with its title, as wide as its widest."""
    rows = insight.rows
    interval = ["5 %…95 %", *(f"{_short(row.low)}…{_short(row.high)}" for row in rows)]
    mean = ["mean", *(number(row.value, 3) for row in rows)]
    std = ["std", *(_short(row.std) for row in rows)]
    if not rows[0].shares:
        columns = [["value", *(_index(row.value, (row.high - row.low) / 2) for row in rows)]]
        if any(math.isfinite(row.first) for row in rows):
            columns[0][0] = "total"
            columns.insert(0, ["first", *(_index(row.first, row.first_half) for row in rows)])
        return [_padded(column) for column in columns]
    if width < ROOMY:
        return [[cell.ljust(len("5 %…95 %")) for cell in interval]]
    return [*map(_padded, (mean, std)), interval]


def _padded(cells: list[str]) -> list[str]:
    room = max(map(len, cells))
    return [cell.rjust(room) for cell in cells]


def _index(value: float, half: float) -> str:
    if not math.isfinite(value):
        return "n/a"
    shown = f"{value:.2f}".replace("-", "−")
    return f"{shown}±{half:.2f}" if half > 0 else shown


def _short(value: float) -> str:
    return number(value, 2 if abs(value) < 100 else 3)


def _bar(row: ParameterInsight, largest: float) -> str:
    if row.shares:
        top = max(row.shares)
        return "".join(BLOCKS[round(share / top * (len(BLOCKS) - 1))] if top else " " for share in row.shares)
    filled = round(abs(row.value) / largest * BAR) if largest > 0 and math.isfinite(row.value) else 0
    alone = filled
    if math.isfinite(row.first):
        alone = min(max(round(row.first / largest * BAR), 0), filled) if largest > 0 else 0
    return ("█" * alone + "░" * (filled - alone)).ljust(BAR)
