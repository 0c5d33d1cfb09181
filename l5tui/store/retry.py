"""Writes that are worth waiting for: retried while another process holds the catalogue."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from l5tui.errors import LockedStoreError

RETRY_SECONDS = 300.0
"""Time until a write is given up."""

ATTEMPT_SECONDS = 0.5
"""Time that one attempt waits for the lock; between attempts a request to stop is seen."""

WARN_SECONDS = 3.0
"""Time until the user is warned that a write waits; a request to stop is obeyed only then, as most waits are short."""

T = TypeVar("T")


class Persistence:
    """Retries of the writes of one long task; after it has given up once, each write is tried once.

    Parameters
    ----------
    warn : callable
        Called once for each write that waits longer than `WARN_SECONDS`.
    stopped : callable
        Whether to wait no longer.
    """

    def __init__(self, warn: Callable[[LockedStoreError], None], stopped: Callable[[], bool]) -> None:
        self._warn = warn
        self._stopped = stopped
        self._has_given_up = False

    def __call__(self, write: Callable[[], T]) -> T:
        """Return what `write` returns; see `retry_while_locked`."""
        try:
            return retry_while_locked(
                write, warn=self._warn, stopped=lambda: self._has_given_up or self._stopped()
            )
        except LockedStoreError:
            self._has_given_up = True
            raise


def retry_while_locked(
    write: Callable[[], T],
    *,
    warn: Callable[[LockedStoreError], None] = lambda error: None,
    stopped: Callable[[], bool] = lambda: False,
) -> T:
    """Write to the catalogue, again and again while another process holds its lock.

    Parameters
    ----------
    write : callable
        One transaction, which should wait no longer than `ATTEMPT_SECONDS` for the lock.
    warn : callable, optional
        Called once, after `WARN_SECONDS`.
    stopped : callable, optional
        Whether to wait no longer; called after `WARN_SECONDS`.

    Returns
    -------
    object
        The result of `write`.

    Raises
    ------
    LockedStoreError
        After `RETRY_SECONDS`, or where `stopped` returns True.
    """
    begun = time.monotonic()
    warned = False
    while True:
        try:
            return write()
        except LockedStoreError as error:
            waited = time.monotonic() - begun
            if waited >= RETRY_SECONDS or (waited >= WARN_SECONDS and stopped()):
                raise
            if waited >= WARN_SECONDS and not warned:
                warned = True
                warn(error)
