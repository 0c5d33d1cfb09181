"""Warm process: everything is loaded and compiled; it runs and previews the experiments that it receives.

It takes requests as lines of JSON on standard input and answers with lines on standard output, which
docs/progress-lines.md describes. At the end of its input it finishes the requested runs and exits.
"""

from __future__ import annotations

import json
import logging
import os
import queue
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TypedDict

from threadpoolctl import threadpool_limits

from l5tui.config import Experiment
from l5tui.config.toml_file import parse_experiment
from l5tui.errors import ConfigError, L5Error, MemoryShortageError
from l5tui.runner.anchor import Anchor
from l5tui.runner.lines import as_line, to_line
from l5tui.runner.logs import log_to
from l5tui.runner.mlflow_process import ProcessRecorder
from l5tui.runner.mlflow_recorder import LaterRecorder, is_deferred
from l5tui.runner.pause import Pause
from l5tui.runner.preview import preview
from l5tui.runner.rehearsal import rehearse
from l5tui.workspace import Workspace, find_workspace

if TYPE_CHECKING:
    from l5tui.runner.events import Observer
    from l5tui.runner.mlflow_recorder import MlflowRecorder
    from l5tui.runner.report import RunReport

LOADED_EARLY = (
    "l5tui.runner.run",
    "l5tui.runner.preview",
    "l5tui.model.compiled.warm_up",
    "l5tui.analysis.measures",
)
"""What runs and previews need and what is slow to import."""

IDLE_SECONDS = 1.0
"""Time without a run after which MLflow is loaded: earlier, that would slow the start of the app down."""

PREVIEW_NAME = "preview"

log = logging.getLogger(__name__)


class _Request:
    """State of a requested run: started, cancelled, paused."""

    def __init__(self) -> None:
        self.taken = threading.Lock()
        """Acquired once, by the thread that begins the run or that drops it after a cancellation; never released."""
        self.cancelled = threading.Event()
        self.pause = Pause()


class _Options(TypedDict):
    """What every run is given."""

    observe: Observer
    cancelled: Callable[[], bool]
    recorder: MlflowRecorder | None
    pause: Pause
    force: bool


class Worker:
    """Run one experiment at a time, in the order of the requests, and preview concurrently.

    Parameters
    ----------
    workspace : Workspace
    answers : file
        Where its answers go.
    """

    def __init__(self, workspace: Workspace, answers: IO[str]) -> None:
        self._anchor = Anchor(workspace)
        self._answers = answers
        self._answering = threading.Lock()
        self._runs: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        self._requests: dict[int, _Request] = {}
        self._previews: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self._recording = ExitStack()
        self._recorder: Any = None
        self._recorder_workspace: Workspace | None = None

    @property
    def _workspace(self) -> Workspace:
        """The workspace where it is now."""
        return self._anchor.workspace()

    def load(self) -> None:
        """Import and compile what the first run would wait for."""
        for name in LOADED_EARLY:
            import_module(name)
        from l5tui.model.compiled.warm_up import needs_compiling, warm_up
        from l5tui.runner.opening import open_catalog

        # For good: a preview that ends would otherwise lift the limit of a run beside it.
        threadpool_limits(limits=1, user_api="blas")
        if needs_compiling(Experiment()):
            self._answer("compiling")
        warm_up(Experiment())
        try:
            open_catalog(self._workspace)
        except L5Error as error:
            log.warning("the catalogue cannot be opened: %s", error)

    def serve(self, requests: IO[str]) -> None:
        """Handle requests until the input ends or requests ``quit``; return after all of them are done."""
        threading.Thread(target=self._read, args=(requests,), daemon=True).start()
        with self._recording:
            self.load()
            threading.Thread(target=self._preview_newest, daemon=True).start()
            self._answer("ready")
            request = self._first()
            while request is not None:
                self._run(request)
                request = self._runs.get()

    def stop(self) -> None:
        """Cancel everything and leave."""
        for steering in list(self._requests.values()):
            steering.cancelled.set()
        self._runs.put(None)

    def _read(self, requests: IO[str]) -> None:
        for line in requests:
            request = json.loads(line)
            match request["request"]:
                case "run" | "rerun":
                    self._requests[request["id"]] = _Request()
                    self._runs.put(request)
                case "cancel" | "pause" | "resume":
                    if (steering := self._requests.get(request["id"])) is not None:
                        self._steer(request, steering)
                case "preview":
                    self._previews.put(request)
                case "quit":
                    self.stop()
        if not self._requests:
            # Nothing was requested: do not finish loading and compiling for an owner that is gone.
            os._exit(0)
        # No request can resume a paused run any more.
        for steering in list(self._requests.values()):
            steering.pause.release()
        self._runs.put(None)

    def _steer(self, request: dict[str, Any], steering: _Request) -> None:
        match request["request"]:
            case "cancel":
                steering.cancelled.set()
                if steering.taken.acquire(blocking=False):
                    self._answer("dropped", id=request["id"])
            case "pause":
                steering.pause.hold()
            case "resume":
                steering.pause.release()

    def _first(self) -> dict[str, Any] | None:
        """Return the first run. While idle, warm up this process and the recorder's."""
        if self._runs.empty():
            rehearse()
        try:
            return self._runs.get(timeout=IDLE_SECONDS)
        except queue.Empty:
            self._start_recorder()
            return self._runs.get()

    def _start_recorder(self) -> None:
        """Start what records runs in MLflow, again after the workspace was moved."""
        now = self._workspace
        if is_deferred():
            self._recorder = LaterRecorder()
        elif self._recorder is None or self._recorder_workspace != now:
            self._recording.close()
            self._recorder = self._recording.enter_context(ProcessRecorder(now))
            self._recorder_workspace = now

    def _run(self, request: dict[str, Any]) -> None:
        number = request["id"]
        steering = self._requests[number]
        try:
            if not steering.taken.acquire(blocking=False):
                return
            if steering.cancelled.is_set():
                self._answer("dropped", id=number)
                return
            self._start_recorder()
            options = _Options(
                observe=lambda event: self._write(to_line(event, id=number)),
                cancelled=steering.cancelled.is_set,
                recorder=self._recorder,
                pause=steering.pause,
                force=bool(request.get("force")),
            )
            report = (
                self._run_again(request, options) if "run" in request else self._run_new(request, options)
            )
        except Exception as error:
            self._refuse(number, error)
        else:
            self._answer("ended", id=number, report=report.as_dict())
        finally:
            del self._requests[number]

    def _run_new(self, request: dict[str, Any], options: _Options) -> RunReport:
        from l5tui.runner.run import run_experiment

        source = parse_experiment(request["toml"], request["name"], request["name"])
        return run_experiment(source.experiment, source.text, self._workspace, **options)

    def _run_again(self, request: dict[str, Any], options: _Options) -> RunReport:
        """Run a stored run again, and compare the two if the request says so."""
        from l5tui.runner.rerun import find_run, rerun, verify

        wanted = bool(request.get("verify"))
        original = find_run(self._workspace, request["run"], with_file=wanted)
        report = rerun(original, self._workspace, **options)
        if wanted and report.record.file is not None:
            found = verify(original, report.record, report.workspace)
            self._answer("verified", id=request["id"], **found.as_dict(), lines=found.lines())
        return report

    def _preview_newest(self) -> None:
        """Preview the newest request; older replaceable ones are dropped."""
        while True:
            request = self._previews.get()
            with suppress(queue.Empty):
                while request.get("replaceable", True):
                    newer = self._previews.get_nowait()
                    self._answer("dropped", id=request["id"])
                    request = newer
            try:
                experiment = parse_experiment(request["toml"], PREVIEW_NAME).experiment
                newest = not request.get("replaceable", True)
                found = preview(experiment, lambda: not newest and not self._previews.empty())  # noqa: B023
            except Exception as error:
                self._refuse(request["id"], error)
            else:
                self._answer("preview", id=request["id"], **asdict(found))

    def _refuse(self, number: int, error: Exception) -> None:
        if not isinstance(error, L5Error):
            log.error("request %s failed", number, exc_info=error)
        lines = [str(error) or type(error).__name__]
        if isinstance(error, ConfigError):
            lines = error.lines()
        elif isinstance(error, MemoryShortageError):
            lines = [error.with_override("l5tui run FILE --force")]
        self._answer("refused", id=number, errors=lines)

    def _answer(self, kind: str, **values: Any) -> None:
        self._write(as_line(kind, **values))

    def _write(self, line: str) -> None:
        # A request is completed even if its owner is gone.
        with self._answering, suppress(BrokenPipeError):
            self._answers.write(line + "\n")
            self._answers.flush()


def main() -> None:
    """Serve the workspace that the command line names."""
    workspace = find_workspace(Path(sys.argv[1]))
    log_to(workspace)
    logging.captureWarnings(True)
    # What libraries print must not be taken for an answer.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    worker = Worker(workspace, answers)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: worker.stop())
    # Ctrl+C is for the parent process, which then sends a request.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    worker.serve(sys.stdin)


if __name__ == "__main__":
    main()
