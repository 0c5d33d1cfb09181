"""Studies that this app has begun: a process each, which goes on where the app is left."""

from __future__ import annotations

import asyncio
import json
import logging
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from l5tui.config.toml_file import ReadExperiment
from l5tui.runner.beside import give_way, own_environment
from l5tui.workspace import Workspace

LONGEST_LINE = 2**24
POLL_SECONDS = 0.02
STOP_SECONDS = 3.0
"""Time that leaving waits for studies that were stopped; a slower one stops without the app."""


log = logging.getLogger(__name__)


class StudyProcess:
    """One study in a process of its own.

    Parameters
    ----------
    arguments : sequence of str
        Of ``l5tui``: its command, such as ``tune``, first.
    on_line : callable
        Called with this object and every line that the process writes, as a mapping; ``{"event": "gone"}`` is the last.
    study_id : str, optional
        Study that the process resumes; a new study has its id with the first line.
    """

    def __init__(
        self,
        arguments: Sequence[str],
        on_line: Callable[[StudyProcess, Mapping[str, Any]], None],
        study_id: str = "",
    ) -> None:
        self.study_id = study_id
        self.is_starting = True
        """Whether the study's row does not name this process yet."""
        self.progress: Mapping[str, Any] = {}
        self.posteriors: list[Mapping[str, Any]] = []
        """Posterior estimates of a running inference, oldest first."""
        self.left_to_track = 0
        self.fault = ""
        self._on_line = on_line
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115
        # Not asyncio's own: that kills its processes when the loop is closed, and this one has to go on.
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "l5tui", *arguments, "--progress", "jsonl"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            start_new_session=True,
            env=own_environment(),
        )
        give_way(self._process)
        self._reading = asyncio.create_task(self._read())

    @property
    def is_running(self) -> bool:
        """Whether the process is there."""
        return self._process.poll() is None

    def stop(self) -> None:
        """Stop now; trials that run are interrupted."""
        if self.is_running:
            self._process.send_signal(signal.SIGTERM)

    async def ended(self) -> None:
        """Wait until the process is gone."""
        while self.is_running:
            await asyncio.sleep(POLL_SECONDS)

    async def leave(self) -> None:
        """Read no more."""
        self._reading.cancel()
        with suppress(asyncio.CancelledError):
            await self._reading

    async def _read(self) -> None:
        reader = asyncio.StreamReader(limit=LONGEST_LINE)
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), self._process.stdout
        )
        try:
            async for line in reader:
                self._take(json.loads(line))
            await self.ended()
            self._errors.seek(0)
            lines = self._errors.read().decode(errors="replace").split("\n")
            self.fault = next((each for each in lines if each.strip()), "")
            if self._process.returncode:
                log.warning(
                    "study %s: its process ended with exit code %s; standard error: %s",
                    self.study_id or "without a row",
                    self._process.returncode,
                    "\n".join(lines),
                )
        finally:
            transport.close()
            self._errors.close()
        self._on_line(self, {"event": "gone"})

    def _take(self, line: Mapping[str, Any]) -> None:
        match line["event"]:
            case "started":
                self.study_id = line["study_id"]
                self.is_starting = False
            case "progress":
                self.progress = line
            case "posterior":
                self.posteriors.append(line)
            case "recording":
                self.left_to_track = line["left"]
        self._on_line(self, line)


class StudyRunner:
    """Begins studies and takes them up again.

    Parameters
    ----------
    workspace : callable
        Returns the workspace, which may be moved, where it is now.
    on_line : callable
        As of `StudyProcess`.
    """

    def __init__(
        self,
        workspace: Callable[[], Workspace],
        on_line: Callable[[StudyProcess, Mapping[str, Any]], None],
    ) -> None:
        self._workspace = workspace
        self._on_line = on_line
        self._folder = tempfile.TemporaryDirectory(prefix="l5tui-")
        self.processes: list[StudyProcess] = []
        self.resuming: set[str] = set()
        """Studies whose next process starts as soon as the last one has recorded their trials in MLflow."""

    @property
    def unfinished(self) -> list[StudyProcess]:
        """Processes that are there."""
        return [process for process in self.processes if process.is_running]

    def of(self, study_id: str) -> StudyProcess | None:
        """Return the process of a study; None if another app or no process runs it."""
        return next((each for each in self.unfinished if each.study_id == study_id), None)

    def is_being_resumed(self, study_id: str) -> bool:
        """Return whether a process that resumes a study is starting, or waits for the last one to end."""
        process = self.of(study_id)
        return study_id in self.resuming or (process is not None and process.is_starting)

    def begin(
        self, source: ReadExperiment, command: str = "tune", options: Sequence[str] = ()
    ) -> StudyProcess:
        """Begin a study of an experiment, saved or not: the study keeps the text.

        Parameters
        ----------
        source : ReadExperiment
        command : str, optional
            ``tune``, ``infer`` or ``sensitivity``.
        options : sequence of str, optional
            Of that command.
        """
        path = Path(self._folder.name) / f"study-{len(self.processes)}.toml"
        path.write_text(source.text, encoding="utf-8")
        return self._start(command, str(path), *options)

    async def resume(self, study_id: str, trials: int | None = None, command: str = "tune") -> StudyProcess:
        """Resume a study by `command`, with so many trials in all where that is given.

        A process of ours that still records its trials in MLflow ends first: two would record them twice.
        """
        if (process := self.of(study_id)) is not None:
            self.resuming.add(study_id)
            try:
                await process.ended()
            finally:
                self.resuming.discard(study_id)
        more = ["--trials", str(trials)] if trials is not None else []
        return self._start(command, "--resume", study_id, *more, study_id=study_id)

    async def leave(self, *, stop: bool) -> list[str]:
        """Detach from all processes, or stop them first.

        Parameters
        ----------
        stop : bool
            Stop all, and wait for that up to `STOP_SECONDS`.

        Returns
        -------
        list of str
            Ids of the studies that are still stopping.
        """
        stopping = self.unfinished if stop else []
        for process in stopping:
            process.stop()
        deadline = time.monotonic() + STOP_SECONDS
        while any(each.is_running for each in stopping) and time.monotonic() < deadline:
            await asyncio.sleep(POLL_SECONDS)
        late = [each.study_id for each in stopping if each.is_running]
        for process in self.processes:
            await process.leave()
        self._folder.cleanup()
        return late

    def _start(self, *arguments: str, study_id: str = "") -> StudyProcess:
        place = str(self._workspace().root)
        process = StudyProcess([*arguments, "--workspace", place], self._on_line, study_id)
        self.processes.append(process)
        return process
