"""Helper process that loads MLflow and matplotlib during a run, and then records the run.

Loading both takes longer than the default experiment. The process answers a line of JSON on its standard input
with lines on its standard output, and ends when its input is closed, so that it never outlives a run for long.
"""

from __future__ import annotations

import gc
import importlib
import json
import logging
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from l5tui.errors import TrackingError, one_line
from l5tui.runner.beside import WITHOUT_THREADS, log_stderr, start_beside
from l5tui.runner.logs import log_to
from l5tui.runner.mlflow_recorder import OwnRecorder
from l5tui.text import duration
from l5tui.tracking.environment import prepare_environment
from l5tui.workspace import Workspace, find_workspace

LOADED_EARLY = (
    "mlflow.store.tracking.sqlalchemy_store",
    "l5tui.runner.catch_up",
    "l5tui.figures.gallery",
    "xarray.backends.netCDF4_",
)
"""What recording a run needs and what is slow to import."""


MOST_DEATHS = 3
"""Processes that may die one after another without recording anything, before no other is started."""

KILLED_SECONDS = 0.1
"""Time that a process that is killed has to end in before it is left to the system."""

SILENCE_SECONDS = 120.0
"""Time without an answer after which the process is ended."""

CATCH_UP_SECONDS = 1200.0
"""The same while it records earlier runs, of which it sends no progress."""

log = logging.getLogger(__name__)


class ProcessRecorder:
    """Records in a process of its own, begun when the block is entered, and replaced if it dies.

    Terminal signals do not reach that process, so that it records every run that was requested. Its standard error goes
    to the log.

    Parameters
    ----------
    workspace : Workspace
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._process: subprocess.Popen[bytes] | None = None
        self._stderr: IO[bytes] | None = None
        self._is_recording = False
        self._deaths = 0

    def __enter__(self) -> Self:
        self._stderr = tempfile.TemporaryFile()
        self._process = start_beside(
            "l5tui.runner.mlflow_process",
            str(self._workspace.root.absolute()),
            stderr=self._stderr,
            environment=WITHOUT_THREADS,
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        stdin, stdout = self._pipes()
        assert self._process is not None
        if not self._is_recording:
            # Nothing is under way, and to wait until it has imported what it is importing would take seconds.
            self._process.kill()
            # On a busy machine the system takes long to end it; nothing depends on that.
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(KILLED_SECONDS)
        with suppress(BrokenPipeError):
            stdin.close()
        stdout.close()
        self._log_stderr(logging.INFO)

    def record(
        self, run_id: str, timings: Mapping[str, float], catching_up: Callable[[], None] = lambda: None
    ) -> None:
        """See `MlflowRecorder.record`."""
        while self._deaths < MOST_DEATHS:
            if self._process is not None and self._process.poll() is not None:
                self._restart()
            if self._answer(run_id, timings, catching_up):
                self._deaths = 0
                return
            self._deaths += 1
        raise TrackingError(
            f"{self._workspace.mlflow_database}: the process that records has died {MOST_DEATHS} times in a row; "
            f"see {self._workspace.log}"
        )

    def _restart(self) -> None:
        """Replace a process that has died."""
        assert self._process is not None
        log.warning("the process that records in MLflow has died (exit code %s)", self._process.returncode)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(BrokenPipeError):
                    pipe.close()
        self._log_stderr(logging.WARNING)
        self.__enter__()

    def _log_stderr(self, level: int) -> None:
        if self._stderr is not None:
            log_stderr(self._stderr, log, level)
            self._stderr = None

    def _answer(self, run_id: str, timings: Mapping[str, float], catching_up: Callable[[], None]) -> bool:
        """Have the process record a run; False if it dies before it answers."""
        stdin, stdout = self._pipes()
        self._is_recording = True
        # If the process has died it does not answer, which is handled below.
        with suppress(BrokenPipeError):
            stdin.write(json.dumps({"run_id": run_id, "timings": dict(timings)}).encode() + b"\n")
            stdin.flush()
        assert self._process is not None
        limit = _Limit(self._process, SILENCE_SECONDS)
        for line in stdout:
            limit.cancel()
            answer = json.loads(line)
            if answer["event"] == "catch_up":
                limit = _Limit(self._process, CATCH_UP_SECONDS)
                catching_up()
                continue
            self._is_recording = False
            if answer["event"] == "failed":
                self._deaths = 0
                raise TrackingError(answer["error"])
            return True
        self._is_recording = False
        limit.cancel()
        self._process.wait()
        if limit.has_passed:
            reason = f"the process that records has not answered for {duration(limit.seconds)}"
            raise TrackingError(
                f"{self._workspace.mlflow_database}: {reason}; the next run records what is missing"
            )
        return False

    def _pipes(self) -> tuple[IO[bytes], IO[bytes]]:
        assert self._process is not None
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        return self._process.stdin, self._process.stdout


class _Limit:
    """Ends a process that does not answer, one that is stopped too.

    Parameters
    ----------
    process : Popen
    seconds : float
        Time from now.
    """

    def __init__(self, process: subprocess.Popen[bytes], seconds: float) -> None:
        self.seconds = seconds
        self.has_passed = False
        self._process = process
        self._timer = threading.Timer(seconds, self._pass)
        self._timer.daemon = True
        self._timer.start()

    def cancel(self) -> None:
        """Let the process run."""
        self._timer.cancel()

    def _pass(self) -> None:
        self.has_passed = True
        self._process.kill()


def main() -> None:
    """Record the runs requested on standard input until it is closed."""
    workspace = find_workspace(Path(sys.argv[1]))
    log_to(workspace)
    prepare_environment()
    # What libraries print must not be taken for an answer.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    # Importing makes objects that stay: to look for garbage among them takes a quarter of the time.
    gc.disable()
    for name in LOADED_EARLY:
        importlib.import_module(name)
    recorder = OwnRecorder(workspace)
    recorder.prepare()
    gc.freeze()
    gc.enable()

    def answer(event: str, **details: Any) -> None:
        # A request is completed even if its owner is gone.
        with suppress(BrokenPipeError):
            answers.write(json.dumps({"event": event, **details}) + "\n")
            answers.flush()

    for line in sys.stdin:
        request = json.loads(line)
        try:
            recorder.record(request["run_id"], request["timings"], lambda: answer("catch_up"))
        except TrackingError as error:
            answer("failed", error=str(error))
        except Exception as error:
            answer("failed", error=one_line(error))
        else:
            answer("recorded")


if __name__ == "__main__":
    main()
