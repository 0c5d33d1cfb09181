"""What a study tells of its parameters, as lines of text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from rich.text import Text

from l5tui.text import number, safe

if TYPE_CHECKING:
    from l5tui.tuning.insight import Insight, ParameterInsight

BLOCKS = " ▁▂▃▄▅▆▇█"
BAR = 10
NAME = 13
ROOMY = 42
"""Width from which a mean has room beside its interval."""


def insight_lines(insight: Insight, names: Mapping[str, str], width: int) -> Text:
    """A line a parameter: its name, how its marginal lies in its range or how long its index is, and the numbers.

    Parameters
    ----------
    insight : Insight
    names : mapping of str to str
        What parameters are called, by their paths.
    width : int
        Room in cells.
    """
    largest = max((abs(row.value) for row in insight.rows), default=0.0)
    is_posterior = any(row.shares for row in insight.rows)
    shows_value = width >= ROOMY or not is_posterior
    titles = ["in range" if is_posterior else ""]
    titles[0] = titles[0].ljust(BAR)
    titles += [f"{'mean' if is_posterior else 'value':>5}"] * shows_value + [
        "5 %…95 %" if is_posterior else "95 %"
    ]
    lines = [Text(f"{'':{NAME}} {' '.join(titles)}", "dim")]
    for row in insight.rows:
        name = Text(safe(names.get(row.path, row.path)))
        name.truncate(NAME, overflow="ellipsis", pad=True)
        numbers = [f"{number(row.value, 3):>5}"] * shows_value
        if row.low < row.high:
            numbers.append(f"{_short(row.low)}…{_short(row.high)}")
        lines.append(Text.assemble(name, " ", (_bar(row, largest), "bold"), " ", " ".join(numbers)))
    for line in lines:
        line.truncate(max(width, 1), overflow="ellipsis")
    return Text("\n").join([*lines, Text(safe(insight.told), "dim")])


def _short(value: float) -> str:
    return number(value, 2 if abs(value) < 100 else 3)


def _bar(row: ParameterInsight, largest: float) -> str:
    if row.shares:
        top = max(row.shares)
        return "".join(BLOCKS[round(share / top * (len(BLOCKS) - 1))] if top else " " for share in row.shares)
    filled = round(abs(row.value) / largest * BAR) if largest > 0 and row.value == row.value else 0
    return ("█" * filled).ljust(BAR)
