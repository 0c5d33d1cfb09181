"""Caveats of a run's measures and of a comparison of losses, one line each."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from l5tui.analysis.cell_rows import Counts, counts_of
from l5tui.config.measure_names import CONDITIONS, SPREADS
from l5tui.config.populations import POPULATIONS

if TYPE_CHECKING:
    from l5tui.analysis.tables import RunTables

CHANGED = 0.2
"""Relative change of the number of responding cells from which a comparison of means has a caveat."""

REASONS = {
    "spread_between": "it takes two realizations",
    "spread_within": "it takes two neurons of a population",
}
"""Reason why a spread is not defined."""


def caveats(tables: RunTables) -> tuple[str, ...]:
    """Return what limits a run's measures, one line each, from its tables alone.

    Parameters
    ----------
    tables : RunTables
        Measures of a run.

    Returns
    -------
    tuple of str
        One line each; empty if nothing limits the measures.
    """
    return (*_incomplete_loss(tables), *_negative_responses(tables), *_other_cells(tables))


def left_out(terms: Mapping[str, float]) -> tuple[str, ...]:
    """Return the spreads that are not defined, which the signed and the absolute loss leave out.

    Parameters
    ----------
    terms : mapping of str to float
        Terms of a loss by name, as `l5tui.analysis.loss.loss_terms` returns them.

    Returns
    -------
    tuple of str
        ``spread_between``, ``spread_within`` or both, if they are NaN.

    Examples
    --------
    >>> left_out({"rmse": 0.1, "spread_between": math.nan, "spread_within": 0.2})
    ('spread_between',)
    """
    return tuple(name for name in SPREADS if math.isnan(terms.get(name, 0.0)))


def _negative_responses(tables: RunTables) -> Iterable[str]:
    counts = counts_of(tables.cells)
    for (condition, name, population), count in counts.items():
        if name == "negative" and count:
            total = counts[condition, "neurons", population]
            yield (
                f"selectivity of {population} {condition} learning is not defined: "
                f"the response of {count} of {total} cells is negative"
            )


def _other_cells(tables: RunTables) -> Iterable[str]:
    """Where a mean after learning is one over clearly more or fewer responding cells than before."""
    counts = counts_of(tables.cells)
    for population in POPULATIONS if counts else ():
        totals = [counts[condition, "neurons", population] for condition in CONDITIONS]
        before, after = (_responding(counts, condition, population) for condition in CONDITIONS)
        if min(totals) and abs(after - before) > CHANGED * before:
            yield (
                f"the number of responding {population} cells changes from {before} to {after} of {totals[1]} with "
                "learning: the change of their mean selectivity is partly a change of the set of cells"
            )


def _responding(counts: Counts, condition: str, population: str) -> int:
    neurons, silent, negative = (
        counts[condition, name, population] for name in ("neurons", "silent", "negative")
    )
    return neurons - silent - negative


def _incomplete_loss(tables: RunTables) -> Iterable[str]:
    terms = tables.loss_terms
    is_distance = "targets" in terms and terms["targets"] == tables.loss
    if math.isnan(tables.loss) or is_distance:
        return
    for name in left_out(terms):
        yield (
            f"the loss does not contain {name}, which is not defined: {REASONS[name]}; "
            "do not compare it with losses that include it"
        )


def unequal_realizations(counts: Iterable[int | None]) -> str:
    """Return a caveat where losses are of different numbers of realizations; else an empty text.

    Parameters
    ----------
    counts : iterable of int or None
        Realizations of each loss that is compared; None where they are not known.

    Returns
    -------
    str
        One line; empty if all known counts are equal.

    Examples
    --------
    >>> unequal_realizations([5, 1, 5])
    'losses of 1 and 5 realizations: not comparable, as the spread between realizations is one of their terms'
    >>> unequal_realizations([5, 5])
    ''
    """
    known = sorted({count for count in counts if count is not None})
    if len(known) < 2:
        return ""
    listed = f"{', '.join(map(str, known[:-1]))} and {known[-1]}"
    return f"losses of {listed} realizations: not comparable, as the spread between realizations is one of their terms"
