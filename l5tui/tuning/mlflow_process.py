"""A process beside a study that shows its trials to MLflow while it goes on.

It reads the catalogue, which is the truth, so that nothing is lost where it is late or dies; when its standard input
is closed it records what is left, ends the study's run in MLflow as its row in the catalogue says, and is gone.
"""

from __future__ import annotations

import logging
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from l5tui.runner.beside import start_beside
from l5tui.store.studies import Studies
from l5tui.tuning.events import Recording, StudyObserver, StudyWarned
from l5tui.workspace import Workspace

LOOK_SECONDS = 0.3
WAIT_SECONDS = 0.1
log = logging.getLogger(__name__)


class StudyRecorder:
    """Runs that process while a block lasts, and waits for it at the end.

    Parameters
    ----------
    study_id : str
    workspace : Workspace
    tell : callable
        Told how many trials are left when the block has ended, and of what went wrong.
    requests : callable
        With two requests to stop nothing is waited for: the process goes on by itself.
    """

    def __init__(
        self, study_id: str, workspace: Workspace, tell: StudyObserver, requests: Callable[[], int]
    ) -> None:
        self._study_id = study_id
        self._workspace = workspace
        self._tell = tell
        self._requests = requests
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        root = str(self._workspace.root.absolute())
        self._process = start_beside("l5tui.tuning.mlflow_process", root, self._study_id)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        process = self._process
        assert process is not None
        _close(process.stdin)
        studies = Studies.open(self._workspace)
        while process.poll() is None and self._requests() < 2:
            self._tell(Recording(studies.count_untracked_trials(self._study_id)))
            time.sleep(WAIT_SECONDS)
        if process.poll() not in (0, None):
            answer = process.stdout.read().decode() if process.stdout else ""
            told = answer.strip().splitlines() or ["the process that records has died"]
            self._tell(StudyWarned(f"not all in MLflow: {told[-1]}"))
        _close(process.stdout)


def _close(pipe: IO[bytes] | None) -> None:
    if pipe is not None:
        pipe.close()


def main() -> None:
    """Record the study that is named on the command line until standard input is closed."""
    import os

    from l5tui.errors import L5Error
    from l5tui.runner.logs import log_to
    from l5tui.tuning.study_tracker import StudyTracker, finish_left_studies

    root, study_id = sys.argv[1:]
    workspace = Workspace(Path(root))
    log_to(workspace)
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    try:
        with StudyTracker(study_id, workspace) as tracker:
            while not _is_closed(LOOK_SECONDS):
                tracker.catch_up()
            tracker.finish()
        finish_left_studies(workspace, but=study_id)
    except Exception as error:
        log.exception("study %s could not be shown to MLflow", study_id)
        told = str(error) if isinstance(error, L5Error) else f"{type(error).__name__}: {error}"
        answers.write(" ".join(told.split()) + "\n")
        sys.exit(1)


def _is_closed(seconds: float) -> bool:
    """Whether standard input has ended; waits a little for that."""
    import select

    readable, _, _ = select.select([sys.stdin], [], [], seconds)
    return bool(readable) and not sys.stdin.readline()


if __name__ == "__main__":
    main()
