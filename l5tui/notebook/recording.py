"""One process that shows the runs of a session to MLflow: loading MLflow takes seconds, which are spent once."""

from __future__ import annotations

import atexit
from collections.abc import Callable, Mapping
from functools import cache

from l5tui.runner.mlflow_process import ProcessRecorder
from l5tui.workspace import Workspace


class SessionRecorder:
    """Records in a process that stays for the next run, until this one ends.

    Parameters
    ----------
    workspace : Workspace
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._process: ProcessRecorder | None = None

    def prepare(self) -> None:
        """Have the process load MLflow while something else is done."""
        if self._process is None:
            self._process = ProcessRecorder(self._workspace).__enter__()

    def record(
        self, run_id: str, timings: Mapping[str, float], catching_up: Callable[[], None] = lambda: None
    ) -> None:
        """See `l5tui.runner.mlflow_recorder.MlflowRecorder.record`."""
        self.prepare()
        assert self._process is not None
        try:
            self._process.record(run_id, timings, catching_up)
        except BaseException:
            # Its answer may still be to come, which the next run must not take for its own.
            self.close()
            raise

    def close(self) -> None:
        """End the process after it has recorded all requested runs."""
        if self._process is not None:
            self._process.__exit__(None, None, None)
            self._process = None


@cache
def session_recorder(workspace: Workspace) -> SessionRecorder:
    """Return the recorder of a workspace; it is closed at interpreter exit."""
    recorder = SessionRecorder(workspace)
    atexit.register(recorder.close)
    return recorder
