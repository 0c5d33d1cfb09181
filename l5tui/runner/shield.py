"""Holding back signals while something is done that must be done whole."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))
"""Signals that cancel a run."""


@contextmanager
def shielded() -> Iterator[Callable[[], bool]]:
    """Hold back signals until the block has ended; then they do what they would have done.

    An exception that a signal raises may come between any two instructions: between a commit and the
    assignment that notes it, or between the taking of a lock and the block that would give it back, after
    which the next thread that takes the lock waits for ever. Only the main thread gets signals, so in others there is
    nothing to do.

    Yields
    ------
    callable
        Whether a signal is held back. If it has returned True and the block then raises, the signal counts as
        handled and is not raised again.
    """
    if threading.current_thread() is not threading.main_thread():
        yield lambda: False
        return
    held: list[int] = []
    was_seen = stopped = False

    def note(number: int, _frame: FrameType | None) -> None:
        held.append(number)

    def is_held() -> bool:
        nonlocal was_seen
        was_seen = bool(held)
        return was_seen

    previous = {
        number: handler
        for number in SIGNALS
        if (handler := signal.getsignal(number)) not in (None, signal.SIG_IGN)
    }
    try:
        for number in previous:
            signal.signal(number, note)
        yield is_held
    except BaseException:
        stopped = True
        raise
    finally:
        # Ctrl+C last: its handler may raise between two of these.
        for number in reversed(previous):
            signal.signal(number, previous[number])
        for number in dict.fromkeys(() if was_seen and stopped else held):
            signal.raise_signal(number)
