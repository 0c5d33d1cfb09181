"""Queue of the changes to stored runs: tags, notes and deletions, one after the other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any


class RunChanges:
    """Changes of the catalogue that the app has begun; a later one waits until the earlier ones are complete."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()
        self._applying: asyncio.Future[Any] | None = None
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

    async def apply(self, change: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        """Make one change in a thread; it completes although its worker is cancelled.

        Returns
        -------
        object
            What `change` returns.
        """
        self._applying = asyncio.ensure_future(asyncio.to_thread(change, *arguments, **options))
        return await asyncio.shield(self._applying)

    async def finished(self) -> None:
        """Wait until every change that has been confirmed is complete."""
        async with self._turn:
            pass

    async def applied(self) -> None:
        """Wait for the one change that a thread is making, after the workers have been cancelled."""
        if self._applying is not None:
            await asyncio.wait([self._applying])
