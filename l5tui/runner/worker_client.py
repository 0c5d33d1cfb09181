"""Client of `l5tui.runner.worker`: start the process, send requests, and pass on its answers."""

from __future__ import annotations

import asyncio
import itertools
import json
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from l5tui.runner.beside import give_way, start_beside
from l5tui.workspace import Workspace

LONGEST_LINE = 2**20
POLL_SECONDS = 0.01
LEAVE_SECONDS = 3.0
"""How long the process may take to cancel everything before it is killed."""


class WorkerClient:
    """A warm process for one workspace, started when it is first needed, or anew where it has died.

    Parameters
    ----------
    workspace : callable
        Returns the workspace, which may be moved, where it is now.
    answered : callable
        Called with every answer, as a mapping, on the event loop; also with ``{"event": "died", "code": …}`` if the
        process ends without a request.
    """

    def __init__(
        self, workspace: Callable[[], Workspace], answered: Callable[[Mapping[str, Any]], None]
    ) -> None:
        self._workspace = workspace
        self._answered = answered
        self._numbers = itertools.count(1)
        # Not asyncio's own: that kills its processes when the loop is closed, and this one may have to go on.
        self._process: subprocess.Popen[bytes] | None = None
        self._reading: asyncio.Task[None] | None = None
        self._is_leaving = False

    @property
    def pid(self) -> int | None:
        """Number of the process; None where there is none."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start the process; harmless where it runs."""
        if self._process is not None or self._is_leaving:
            return
        self._process = start_beside("l5tui.runner.worker", str(self._workspace().root))
        give_way(self._process)
        self._reading = asyncio.create_task(self._read(self._process))

    def number(self) -> int:
        """Return a number for the next request."""
        return next(self._numbers)

    def send(self, request: str, **values: Any) -> None:
        """Send a request: ``run`` and ``preview`` with id, toml and name, ``cancel`` with an id."""
        self.start()
        if self._process is not None:
            _send(self._process, {"request": request, **values})

    async def leave(self, *, cancel: bool) -> None:
        """Let the process go.

        Parameters
        ----------
        cancel : bool
            Cancel what it runs and wait for it; otherwise it finishes by itself and is not waited for.
        """
        self._is_leaving = True
        process = self._process
        if process is None or process.stdin is None or process.stdin.closed:
            return
        if cancel:
            _send(process, {"request": "quit"})
        with suppress(BrokenPipeError):
            process.stdin.close()
        if cancel and not await self._has_ended(LEAVE_SECONDS):
            process.kill()
        if cancel:
            await self.ended()
        if self._reading is not None:
            self._reading.cancel()
            with suppress(asyncio.CancelledError):
                await self._reading

    async def ended(self) -> None:
        """Wait until the process has ended, which one that finishes by itself may take long for."""
        while not await self._has_ended(LEAVE_SECONDS):
            pass

    async def _has_ended(self, seconds: float) -> bool:
        process, deadline = self._process, time.monotonic() + seconds
        while process is not None and process.poll() is None and time.monotonic() < deadline:
            await asyncio.sleep(POLL_SECONDS)
        return process is None or process.returncode is not None

    async def _read(self, process: subprocess.Popen[bytes]) -> None:
        reader = asyncio.StreamReader(limit=LONGEST_LINE)
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), process.stdout
        )
        try:
            async for line in reader:
                self._answered(json.loads(line))
            await self.ended()
        finally:
            transport.close()
        if process.stdin is not None:
            with suppress(BrokenPipeError):
                process.stdin.close()
        if not self._is_leaving:
            self._process = None
            self._answered({"event": "died", "code": process.returncode})


def _send(process: subprocess.Popen[bytes], request: Mapping[str, Any]) -> None:
    assert process.stdin is not None
    # Where it has died, the reader says so.
    with suppress(BrokenPipeError):
        process.stdin.write((json.dumps(request) + "\n").encode())
        process.stdin.flush()
