"""Queue of the changes to stored runs: tags, notes and deletions, one after the other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class RunChanges:
    """Changes of the catalogue that the app has begun; a later one waits until the earlier ones are complete."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()
        self.running = ""
        """Description of the change that is in progress; empty if there is none."""

    @asynccontextmanager
    async def turn(self, what: str) -> AsyncIterator[None]:
        """Wait for the earlier changes, then hold the queue.

        Parameters
        ----------
        what : str
            Description for the status line.
        """
        async with self._turn:
            self.running = what
            try:
                yield
            finally:
                self.running = ""
