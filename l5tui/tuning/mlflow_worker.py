"""Subprocess of a study: record its trials in MLflow while the study runs.

It reads the catalogue, which is the truth, so that nothing is lost if it is late or dies. Once its standard input is
closed it records what is left, ends the study's run in MLflow as its row in the catalogue says, and answers
``finished``. It then records what MLflow lacks of earlier studies, and ends.
"""

from __future__ import annotations

import logging
import os
import select
import sys
from contextlib import suppress
from pathlib import Path

from l5tui.errors import L5Error
from l5tui.runner.logs import log_to
from l5tui.tracking.failures import tracking_error
from l5tui.tuning.mlflow_process import FINISHED, LOOK_SECONDS
from l5tui.tuning.study_tracker import StudyTracker, finish_left_studies
from l5tui.workspace import Workspace

log = logging.getLogger(__name__)


def main() -> None:
    """Record the study that is named on the command line until standard input is closed."""
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
    except Exception as error:
        log.exception("study %s could not be shown to MLflow", study_id)
        is_plain = isinstance(error, L5Error)
        told = str(error if is_plain else tracking_error(workspace, f"cannot record study {study_id}", error))
        answers.write(" ".join(told.split()) + "\n")
        sys.exit(1)
    with suppress(BrokenPipeError):
        answers.write(f"{FINISHED}\n")
        answers.close()
    finish_left_studies(workspace, but=study_id)


def _is_closed(seconds: float) -> bool:
    """Whether standard input has ended; waits a little for that."""
    readable, _, _ = select.select([sys.stdin], [], [], seconds)
    return bool(readable) and not sys.stdin.readline()


if __name__ == "__main__":
    main()
