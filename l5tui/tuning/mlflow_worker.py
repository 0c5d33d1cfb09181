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
from l5tui.runner.anchor import Anchor
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
    anchor = Anchor(workspace)
    try:
        while not _record(study_id, anchor):
            log.info("study %s: the workspace was moved to %s", study_id, anchor.workspace().root)
    except Exception as error:
        log.exception("study %s could not be recorded in MLflow", study_id)
        is_plain = isinstance(error, L5Error)
        now = anchor.workspace()
        message = str(error if is_plain else tracking_error(now, f"cannot record study {study_id}", error))
        answers.write(" ".join(message.split()) + "\n")
        sys.exit(1)
    with suppress(BrokenPipeError):
        answers.write(f"{FINISHED}\n")
        answers.close()
    finish_left_studies(anchor.workspace(), but=study_id)


def _record(study_id: str, anchor: Anchor) -> bool:
    """Record a study until standard input is closed; False if the workspace was moved meanwhile.

    MLflow has the absolute paths of its database and of the artifacts, and has to be opened again.
    """
    workspace = anchor.workspace()
    try:
        with StudyTracker(study_id, workspace) as tracker:
            while not _is_closed(LOOK_SECONDS):
                if anchor.workspace() != workspace:
                    return False
                tracker.catch_up()
            if anchor.workspace() != workspace:
                return False
            tracker.finish()
    except Exception:
        if anchor.workspace() == workspace:
            raise
        return False
    return True


def _is_closed(seconds: float) -> bool:
    """Whether standard input has ended; waits a little for that."""
    readable, _, _ = select.select([sys.stdin], [], [], seconds)
    return bool(readable) and not sys.stdin.readline()


if __name__ == "__main__":
    main()
