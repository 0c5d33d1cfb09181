"""Handlers of Ctrl+C, SIGTERM and SIGHUP: each signal requests once that the command stops."""

from __future__ import annotations

import atexit
import os
import signal
import time
from types import FrameType

SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))

BOUNCE_SECONDS = 1.0
"""Further signals within this time are the same request; they must not disturb what the first one began."""

INTERRUPTED = 130
"""Exit code of a command that a signal has stopped."""

REPEAT_SECONDS = 0.02
"""Time until an exception is raised again that was lost."""


class Interrupts:
    """Turns signals into KeyboardInterrupt, and remembers that there was one."""

    def __init__(self) -> None:
        self._last: float | None = None
        self._finished = 0.0

    def install(self) -> None:
        """Take signals from now on, except those that this process was started to ignore, as by nohup."""
        for number in SIGNALS:
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self._interrupt)
        if hasattr(signal, "SIGALRM"):
            signal.signal(signal.SIGALRM, self._raise)
        # Callbacks run in reverse order: this one after those of all libraries.
        atexit.register(self._ignore)

    def finish(self) -> None:
        """Let the exit of the interpreter be undisturbed: its exit code is decided.

        A signal later than `BOUNCE_SECONDS` ends a process that hangs, with `INTERRUPTED`.
        """
        if hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_REAL, 0)
        self._finished = time.monotonic()
        for number in SIGNALS:
            if signal.getsignal(number) == self._interrupt:
                signal.signal(number, self._leave)

    def release(self) -> None:
        """Let signals end the process at once: the app handles them itself."""
        if hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_REAL, 0)
        for number in SIGNALS:
            if signal.getsignal(number) == self._interrupt:
                signal.signal(number, signal.SIG_DFL)

    def requested(self) -> bool:
        """Whether there was a signal; also where the exception that it raised was lost."""
        return self._last is not None

    def heed(self) -> None:
        """Stop where a signal has come whose exception was lost, as some imports lose it."""
        if self.requested():
            raise KeyboardInterrupt

    def repeat(self) -> None:
        """Raise the exception of a signal once more, in a moment: a destructor or a callback from C has lost it."""
        if hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_REAL, REPEAT_SECONDS)

    def _raise(self, number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt("terminated" if number == signal.SIGTERM else "interrupted")

    def _leave(self, _number: int, _frame: FrameType | None) -> None:
        if time.monotonic() - self._finished > BOUNCE_SECONDS:
            os._exit(INTERRUPTED)

    def _ignore(self) -> None:
        """Ignore signals where Python restores the default action, which ends a process without its exit code."""
        for number in SIGNALS:
            if signal.getsignal(number) in (self._interrupt, self._leave):
                signal.signal(number, signal.SIG_IGN)

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        before, self._last = self._last, time.monotonic()
        if before is None or self._last - before > BOUNCE_SECONDS:
            self._raise(number, frame)


interrupts = Interrupts()
"""Those of this process; idle until `l5tui.cli.main.main` installs them."""
