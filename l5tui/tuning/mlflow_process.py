"""The subprocess that records a study's trials in MLflow while the study runs, as the study sees it.

`l5tui.tuning.mlflow_worker` is what runs in it. Once its standard input is closed it records what is left and answers
``finished``; nothing waits for it from then on.
"""

from __future__ import annotations

import logging
import os
import select
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import IO, Self

from l5tui.errors import LockedStoreError
from l5tui.runner.beside import WITHOUT_THREADS, log_stderr, start_beside
from l5tui.runner.process_limit import is_named_in, limit_in_words
from l5tui.store.database import Database
from l5tui.store.studies import Studies
from l5tui.text import duration
from l5tui.tuning.events import Recording, StudyObserver, StudyWarned
from l5tui.workspace import Workspace

LOOK_SECONDS = 0.3
WAIT_SECONDS = 0.1
FINISHED = "finished"
"""Answer of a subprocess that has recorded the whole study."""
MOST_DEATHS = 3
"""Processes that may die one after another, before no other is started."""
WORKED_SECONDS = 60.0
"""Life of a process after which its death does not count as one after another."""
SILENCE_SECONDS = 120.0
"""Time without progress after which the process is ended; the next study records what it has left."""
SILENT = "no progress for {}; the catalogue has all trials, and the next study records the rest"
STOPPED_SECONDS = 1.0
"""Time that a study waits for the process once a stop was requested; the process then continues by itself."""

log = logging.getLogger(__name__)


class StudyRecorder:
    """Runs that process while a block lasts, and waits at the end until it has recorded the study.

    A process that dies is replaced, during the block as well as at its end; its standard error goes to the log. One
    that makes no progress for `SILENCE_SECONDS` at the end is ended, with a warning.

    Parameters
    ----------
    study_id : str
    workspace : Workspace
    observe : callable
        Receives the number of trials that are left when the block has ended, and warnings.
    requests : callable
        Number of requests to stop. After one, the wait ends after `STOPPED_SECONDS`, after two at once; the process
        then continues by itself.
    locate : callable, optional
        Returns the workspace where it is now; by default it stays.
    """

    def __init__(
        self,
        study_id: str,
        workspace: Workspace,
        observe: StudyObserver,
        requests: Callable[[], int],
        *,
        locate: Callable[[], Workspace] | None = None,
    ) -> None:
        self._study_id = study_id
        self._workspace = workspace
        self._locate = locate or (lambda: workspace)
        self._observe = observe
        self._requests = requests
        self._process: subprocess.Popen[bytes] | None = None
        self._stderr: IO[bytes] | None = None
        self._started = 0.0
        self._deaths = 0
        self._cause = ""
        self._answer: str | None = None
        self._is_ending = threading.Event()
        self._watcher = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._start()
        self._watcher.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_ending.set()
        self._watcher.join()
        while self._answer is None and self._deaths < MOST_DEATHS:
            self._answer = self._waited()
            if self._answer is None and self._deaths < MOST_DEATHS:
                self._start()
        if self._answer is None:
            self._answer = (
                f"the process that records has died {MOST_DEATHS} times in a row{self._cause}; "
                f"see {self._locate().log}"
            )
        if self._answer not in ("", FINISHED):
            self._observe(StudyWarned(f"not all in MLflow: {self._answer}"))

    def _start(self) -> None:
        self._workspace = self._locate()
        root = str(self._workspace.root.absolute())
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115 (`log_stderr` closes it)
        self._process = start_beside(
            "l5tui.tuning.mlflow_worker",
            root,
            self._study_id,
            stderr=self._stderr,
            environment=WITHOUT_THREADS,
        )
        self._started = time.monotonic()

    def _watch(self) -> None:
        """Replace the process whenever it dies while the study runs."""
        while not self._is_ending.wait(LOOK_SECONDS):
            process = self._process
            assert process is not None
            assert process.stdout is not None
            if process.poll() is None:
                continue
            answer = process.stdout.read()
            if answer.endswith(b"\n") and not self._is_moved():
                # It has failed with a reason, which a new process would fail with as well.
                self._answer = answer.decode().strip()
                return
            _close(process.stdin)
            _close(process.stdout)
            self._note_death(process)
            if self._deaths >= MOST_DEATHS:
                return
            self._start()

    def _is_moved(self) -> bool:
        """Whether the workspace was moved after the process was started, which may be why it has failed."""
        return self._locate() != self._workspace

    def _note_death(self, process: subprocess.Popen[bytes]) -> None:
        """Count and log the death of the process."""
        has_worked = time.monotonic() - self._started > WORKED_SECONDS
        self._deaths = 1 if has_worked else self._deaths + 1
        log.warning("the process that records a study in MLflow has died (exit code %s)", process.wait())
        if self._stderr is not None:
            written = log_stderr(self._stderr, log, logging.WARNING)
            self._stderr = None
            self._cause = f": {limit_in_words()}" if is_named_in(written) else ""

    def _waited(self) -> str | None:
        """Wait for the answer of the process, and report meanwhile how many trials are left.

        Returns
        -------
        str or None
            `FINISHED`, or what went wrong; empty if the wait has ended by a request; None if the process has died.
        """
        process = self._process
        assert process is not None
        assert process.stdout is not None
        _close(process.stdin)
        answer, silence = self._read_answer(process.stdout)
        _close(process.stdout)
        has_failed = answer is not None and answer.strip() != FINISHED.encode()
        has_died = answer is not None and not answer.endswith(b"\n") and not silence
        has_died = has_died or (has_failed and self._is_moved())
        if silence:
            # It holds the lock of the study, which the next process needs.
            process.kill()
        # It may record earlier studies for a while; its exit code is collected whenever it ends.
        threading.Thread(target=process.wait, daemon=True).start()
        if has_died:
            self._note_death(process)
            return None
        if self._stderr is not None:
            log_stderr(self._stderr, log, logging.INFO)
            self._stderr = None
        if answer is None:
            log.info("study %s: the process that records in MLflow continues by itself", self._study_id)
            return ""
        return silence or answer.decode().strip()

    def _read_answer(self, stdout: IO[bytes]) -> tuple[bytes | None, str]:
        """Read the answer of the process.

        Returns
        -------
        bytes or None
            The answer, not a whole line if the process has died; None if the wait has ended by a request.
        str
            Why the process is to be ended; empty otherwise.
        """
        studies = Studies(Database(lambda: self._locate().catalog))
        answer, left = b"", -1
        begun = changed = time.monotonic()
        while not answer.endswith(b"\n"):
            now, requests = time.monotonic(), self._requests()
            if requests >= 2 or (requests and now - begun > STOPPED_SECONDS):
                return None, ""
            with suppress(LockedStoreError):  # another process holds the catalogue, or it is being moved
                if (count := studies.count_untracked_trials(self._study_id)) != left:
                    left, changed = count, now
            if now - changed > SILENCE_SECONDS:
                return answer, SILENT.format(duration(SILENCE_SECONDS))
            self._observe(Recording(left))
            readable, _, _ = select.select([stdout], [], [], WAIT_SECONDS)
            if readable:
                piece = os.read(stdout.fileno(), 1 << 16)
                if not piece:
                    break
                answer += piece
        return answer, ""


def _close(pipe: IO[bytes] | None) -> None:
    if pipe is not None:
        with suppress(BrokenPipeError):
            pipe.close()
