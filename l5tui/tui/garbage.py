"""Run full garbage collections only while the user is idle.

A screen consists of very many small objects, so that a full collection takes 0.1 to 0.2 s. Python would start one
when enough objects have been created, that is, while keys are pressed.
"""

from __future__ import annotations

import gc
import time

YOUNG = (10_000, 20, 1_000_000)
"""Python's own looks: at what is young now and then, at everything practically never."""

LOOK_SECONDS = 10.0
"""How often it is seen whether it is time for a look at everything."""
QUIET_SECONDS = 2.0
"""Time without a key that makes another one soon unlikely."""
LONGEST_SECONDS = 300.0
"""Time after which it is looked even though keys are pressed."""


class QuietCollector:
    """Run full garbage collections while the user is idle, after a call of `begin`."""

    def __init__(self) -> None:
        self._key = self._looked = time.monotonic()
        self._before = gc.get_threshold()

    def begin(self) -> None:
        """Leave alone for good what there is now: what the start has made stays."""
        gc.freeze()
        gc.set_threshold(*YOUNG)
        gc.enable()

    def end(self) -> None:
        """Leave it to Python again."""
        gc.set_threshold(*self._before)
        gc.enable()

    def key_pressed(self) -> None:
        """Note the time of a key press."""
        self._key = time.monotonic()

    def look(self) -> bool:
        """Look at everything, if the moment is quiet or it is high time; whether it was done."""
        now = time.monotonic()
        if now - self._key < QUIET_SECONDS and now - self._looked < LONGEST_SECONDS:
            return False
        gc.collect()
        self._looked = time.monotonic()
        return True
