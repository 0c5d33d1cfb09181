"""Measures of a run as Markdown tables."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from l5tui.analysis.cell_rows import cell_rows
from l5tui.analysis.tables import RunTables, cells_with_spread
from l5tui.config import POPULATIONS


def markdown_table(heading: Sequence[str], rows: Iterable[Sequence[str]], labels: int = 1) -> str:
    r"""Return a Markdown table.

    Parameters
    ----------
    heading : sequence of str
        Titles of the columns.
    rows : iterable of sequence of str
        Cells of each row; a vertical bar is escaped.
    labels : int
        Number of text columns, on the left; the others are numbers, aligned to the right.

    Returns
    -------
    str
        Ends with a line break.

    Examples
    --------
    >>> print(markdown_table(["a", "b"], [["x|y", "1"]]), end="")
    | a | b |
    |---|---:|
    | x\|y | 1 |
    """
    rule = "".join("|---" if column < labels else "|---:" for column in range(len(heading))) + "|"
    return "\n".join([_line(heading), rule, *map(_line, rows)]) + "\n"


def selectivity_markdown(tables: RunTables) -> str:
    """Return rate and selectivity before and after learning as a Markdown table.

    Parameters
    ----------
    tables : RunTables
        Measures of a run.

    Returns
    -------
    str
        Mean ± standard deviation of the realizations' means for each measure, condition and population, and
        the counts of cells. Rates are in a.u.
    """
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
    """Return the mean weight of each block over all its pairs as a Markdown table.

    Parameters
    ----------
    tables : RunTables
        Measures of a run.

    Returns
    -------
    str
        A row a block, a column a quantity; means over realizations.
    """
    means = {(r.post, r.pre, r.quantity): r.value for r in tables.weights if r.statistic == "mean"}
    quantities = list(dict.fromkeys(row.quantity for row in tables.weights))
    rows = [
        [post, pre, *(decimal(means[post, pre, quantity], 6) for quantity in quantities)]
        for post in POPULATIONS
        for pre in POPULATIONS
    ]
    return markdown_table(["post", "pre", *quantities], rows, labels=2)


def summary_markdown(tables: RunTables) -> str:
    """Return the loss, its terms and the summary as a Markdown table.

    Parameters
    ----------
    tables : RunTables
        Measures of a run.

    Returns
    -------
    str
        A row a number.
    """
    rows = {"loss": tables.loss, **tables.loss_terms, **tables.summary}
    return markdown_table(["name", "value"], [[name, decimal(value, 6)] for name, value in rows.items()])


def decimal(value: float, decimals: int = 3, *, signed: bool = False) -> str:
    """Format a number with a true minus sign, ``n/a`` if it is not defined; whole numbers stay whole.

    Parameters
    ----------
    value : float
    decimals : int, optional
        Digits after the point.
    signed : bool, optional
        Whether a positive number has a plus sign.

    Returns
    -------
    str

    Examples
    --------
    >>> decimal(-0.12345), decimal(5.0), decimal(math.nan), decimal(1.0, signed=True)
    ('−0.123', '5', 'n/a', '+1.000')
    """
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
