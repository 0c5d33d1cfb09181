"""Holding back signals while something is done that must be done whole."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))
"""Signals that ask a run to stop."""


@contextmanager
def shielded() -> Iterator[None]:
    """Hold back signals until the block has ended; then they do what they would have done.

    An exception that a signal raises may come between any two instructions: between a commit and the
    assignment that notes it, for one. Only the main thread gets signals, so in others there is nothing to do.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    noted: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        noted.append(number)

    previous = {
        number: handler
        for number in SIGNALS
        if (handler := signal.getsignal(number)) not in (None, signal.SIG_IGN)
    }
    try:
        for number in previous:
            signal.signal(number, note)
        yield
    finally:
        # Ctrl+C last: its handler may raise between two of these.
        for number in reversed(previous):
            signal.signal(number, previous[number])
        for number in dict.fromkeys(noted):
            signal.raise_signal(number)
