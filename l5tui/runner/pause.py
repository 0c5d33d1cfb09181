"""Holding a simulation up, and letting it go on."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

LOOK_SECONDS = 0.1
"""Time between two looks whether what waits is to stop for good."""


class Pause:
    """Pause and resume the threads of a simulation; its owner still sends heartbeats.

    Parameters
    ----------
    clock : callable, optional
        Gives seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._go = threading.Event()
        self._go.set()
        self._since = 0.0
        self._before = 0.0

    @property
    def is_held(self) -> bool:
        """Whether threads have to wait."""
        return not self._go.is_set()

    @property
    def seconds(self) -> float:
        """How long threads have had to wait in all, up to now."""
        with self._lock:
            return self._before + (self._clock() - self._since if self.is_held else 0.0)

    def hold(self) -> None:
        """Let threads wait from now on; harmless where they do."""
        with self._lock:
            if not self.is_held:
                self._since = self._clock()
                self._go.clear()

    def release(self) -> None:
        """Let threads go on; harmless where they do."""
        with self._lock:
            if self.is_held:
                self._before += self._clock() - self._since
                self._go.set()

    def wait(self, stopped: Callable[[], bool]) -> None:
        """Wait while threads are to wait, but no longer once `stopped` says so."""
        while self.is_held and not stopped():
            self._go.wait(LOOK_SECONDS)
