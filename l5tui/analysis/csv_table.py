"""CSV with exact numbers, in which spreadsheets find no formulas."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""Characters with which a spreadsheet's formula begins."""


def csv_text(rows: Iterable[Sequence[object]]) -> str:
    r"""Return rows as CSV: numbers in full, None as an empty cell, text in quotes where CSV needs them.

    Text that a spreadsheet would take for a formula, and that is no number, gets an apostrophe in front.

    Parameters
    ----------
    rows : iterable of sequence of object
        Cells of each row; the first row is usually the header.

    Returns
    -------
    str
        One line a row, each with a line break at its end.

    Examples
    --------
    >>> csv_text([["name", "value"], ["=1+1", None], ["a,b", 0.1]])
    'name,value\n\'=1+1,\n"a,b",0.1\n'
    """
    return "".join(_line(row) for row in rows)


def _line(row: Sequence[object]) -> str:
    # A writer quotes only those line breaks that are among its own.
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerow([_cell(value) for value in row])
    return text.getvalue().removesuffix("\r\n") + "\n"


def _cell(value: object) -> object:
    if not isinstance(value, str) or not value.lstrip(" \n").startswith(FORMULA):
        return value
    try:
        float(value)
    except ValueError:
        return f"'{value}"
    return value
