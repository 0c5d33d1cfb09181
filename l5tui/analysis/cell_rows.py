"""Counts of the cells behind the means of a run, as rows of text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from l5tui.config.measure_names import CONDITIONS, INDICES
from l5tui.config.populations import POPULATIONS

if TYPE_CHECKING:
    from l5tui.analysis.tables import SelectivityRow

Counts = dict[tuple[str, str, str], int]

SHARES = {
    "responses at the floor": ("at_floor", "responses"),
    "responses at the ceiling": ("at_ceiling", "responses"),
}


def counts_of(cells: Sequence[SelectivityRow]) -> Counts:
    """Return the counts of cells by condition, name and population.

    Parameters
    ----------
    cells : sequence of SelectivityRow
        As `l5tui.analysis.tables.RunTables.cells`.

    Returns
    -------
    dict of (str, str, str) to int
        Number of cells, summed over realizations, by (condition, count, population).

    Examples
    --------
    >>> from l5tui.analysis.tables import SelectivityRow
    >>> counts_of([SelectivityRow("after", "silent", "count", "CS", 3.0)])
    {('after', 'silent', 'CS'): 3}
    """
    return {(row.condition, row.measure, row.population): int(row.value) for row in cells}


def cell_rows(cells: Sequence[SelectivityRow]) -> list[tuple[str, str, tuple[str, ...]]]:
    """Return rows to print: what is counted, before or after learning, and a text for each population.

    Measures of the same cells share a row: ``n of OS, DS, OS_p``. Each count is of all cells, over all realizations.

    Parameters
    ----------
    cells : sequence of SelectivityRow
        As `l5tui.analysis.tables.RunTables.cells`; without any there are no rows.

    Returns
    -------
    list of (str, str, tuple of str)
        Title, condition (``before`` or ``after``), and one text for each of the populations CS, CC, PV and
        SST.
    """
    counts = counts_of(cells)
    rows = []
    for condition in CONDITIONS if counts else ():
        total: dict[str, int] = {name: counts[condition, "neurons", name] for name in POPULATIONS}

        def of_total(
            count: str, condition: str = condition, total: dict[str, int] = total
        ) -> tuple[str, ...]:
            return tuple(f"{counts[condition, count, name]} of {total[name]}" for name in POPULATIONS)

        grouped: dict[tuple[str, ...], list[str]] = {}
        for index in INDICES:
            grouped.setdefault(of_total(f"n_{index}"), []).append(index)
        titles = {
            texts: "n of the indices" if len(names) == len(INDICES) else f"n of {', '.join(names)}"
            for texts, names in grouped.items()
        }
        rows += [(title, condition, texts) for texts, title in titles.items()]
        rows.append(("silent", condition, of_total("silent")))
        if any(counts[condition, "negative", name] for name in POPULATIONS):
            rows.append(("negative", condition, of_total("negative")))
        for title, (part, whole) in SHARES.items():
            pairs = [(counts[condition, part, name], counts[condition, whole, name]) for name in POPULATIONS]
            rows.append((title, condition, tuple(f"{a / b:.0%}" if b else "n/a" for a, b in pairs)))
    order = list(dict.fromkeys(title for title, _, _ in rows))
    return sorted(rows, key=lambda row: (order.index(row[0]), CONDITIONS.index(row[1])))
