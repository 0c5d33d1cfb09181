"""Ctrl+C during a study: once to begin no more trials, twice to stop now."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from l5tui.runner.shield import SIGNALS

BOUNCE_SECONDS = 0.5
"""Further signals within this time are the same request."""


@contextmanager
def counted_signals() -> Iterator[Callable[[], int]]:
    """Count stop signals in place of their default action.

    Yields
    ------
    callable
        Returns the number of stop requests so far; SIGTERM and SIGHUP count as two, because no user waits then.
    """
    requests, last = 0, -BOUNCE_SECONDS

    def note(number: int, _frame: FrameType | None) -> None:
        nonlocal requests, last
        now = time.monotonic()
        if number != signal.SIGINT:
            requests += 2
        elif now - last > BOUNCE_SECONDS:
            requests += 1
        last = now

    if threading.current_thread() is not threading.main_thread():
        yield lambda: 0
        return
    previous = {
        number: handler
        for number in SIGNALS
        if (handler := signal.getsignal(number)) not in (None, signal.SIG_IGN)
    }
    try:
        for number in previous:
            signal.signal(number, note)
        yield lambda: requests
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
