"""Cancelling what takes long before a simulation has a first step: sampling and eigenvalues of a large network."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

Stop: TypeAlias = Callable[[], bool]
"""Returns whether to cancel."""

PIECE = 1_000_000
"""Elements of a matrix that are computed between two checks for a cancel: some hundredths of a second."""


class StoppedError(Exception):
    """The computation was cancelled."""


def never() -> bool:
    """Return False: the computation is not cancelled.

    Returns
    -------
    bool
    """
    return False


def pieces(rows: int, columns: int, stop: Stop) -> Iterator[slice]:
    """Yield the rows of a matrix in pieces of about `PIECE` elements.

    Parameters
    ----------
    rows, columns : int
    stop : callable
        Called before each piece.

    Yields
    ------
    slice
        Consecutive rows.

    Raises
    ------
    StoppedError
        If `stop` returned True.
    """
    count = max(1, PIECE // max(columns, 1))
    for first in range(0, rows, count):
        if stop():
            raise StoppedError
        yield slice(first, min(first + count, rows))
