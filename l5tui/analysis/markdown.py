"""The measures of a run as Markdown tables, for reading."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from l5tui.analysis.cell_rows import cell_rows
from l5tui.analysis.tables import RunTables, cells_with_spread
from l5tui.config import POPULATIONS


def markdown_table(heading: Sequence[str], rows: Iterable[Sequence[str]], labels: int = 1) -> str:
    """A Markdown table.

    Parameters
    ----------
    heading : sequence of str
    rows : iterable of sequence of str
    labels : int
        How many of the columns are text, on the left; the others are numbers, on the right.

    Returns
    -------
    str
        Ends with a line break.

    Examples
    --------
    >>> print(markdown_table(["a", "b"], [["x|y", "1"]]), end="")
    | a | b |
    |---|---:|
    | x\\|y | 1 |
    """
    rule = "".join("|---" if column < labels else "|---:" for column in range(len(heading))) + "|"
    return "\n".join([_line(heading), rule, *map(_line, rows)]) + "\n"


def selectivity_markdown(tables: RunTables) -> str:
    """Rate and selectivity before and after learning, mean ± standard deviation of the realizations' means."""
    cells = cells_with_spread(tables)
    measures, conditions = (
        dict.fromkeys(getattr(row, key) for row in tables.selectivity) for key in ("measure", "condition")
    )
    rows = [
        [measure, condition, *(_with_spread(*cells[condition, measure, each]) for each in POPULATIONS)]
        for measure in measures
        for condition in conditions
    ]
    counted = [[title, condition, *texts] for title, condition, texts in cell_rows(tables.cells)]
    return markdown_table(["measure", "learning", *POPULATIONS], [*rows, *counted], labels=2)


def weight_markdown(tables: RunTables) -> str:
    """Mean weight of each block over all its pairs."""
    means = {(r.post, r.pre, r.quantity): r.value for r in tables.weights if r.statistic == "mean"}
    quantities = list(dict.fromkeys(row.quantity for row in tables.weights))
    rows = [
        [post, pre, *(decimal(means[post, pre, quantity], 6) for quantity in quantities)]
        for post in POPULATIONS
        for pre in POPULATIONS
    ]
    return markdown_table(["post", "pre", *quantities], rows, labels=2)


def summary_markdown(tables: RunTables) -> str:
    """The loss, its terms and the summary."""
    rows = {"loss": tables.loss, **tables.loss_terms, **tables.summary}
    return markdown_table(["name", "value"], [[name, decimal(value, 6)] for name, value in rows.items()])


def decimal(value: float, decimals: int = 3, *, signed: bool = False) -> str:
    """A number with a true minus sign, ``n/a`` where it is not defined; whole numbers stay whole."""
    if not math.isfinite(value):
        return "n/a"
    if float(value).is_integer() and not signed:
        return str(int(value)).replace("-", "−")
    shown = f"{value:{'+' if signed else ''}.{decimals}f}"
    return (shown.lstrip("+-") if float(shown) == 0 else shown).replace("-", "−")


def _with_spread(mean: float, spread: float) -> str:
    return f"{decimal(mean)} ± {decimal(spread)}" if math.isfinite(mean) else "n/a"


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
