"""Stop a study that runs in another process of this machine."""

from __future__ import annotations

import os
import signal
import socket

from l5tui.errors import StoreError
from l5tui.store.process import is_alive, is_visible
from l5tui.store.study_records import StudyStatus
from l5tui.tuning.study import open_studies
from l5tui.workspace import Workspace


def stop_study(workspace: Workspace, reference: str, *, now: bool = False) -> None:
    """Send a stop signal to the process of a study; the study can be resumed.

    Parameters
    ----------
    workspace : Workspace
    reference : str
        As `l5tui.tuning.study.show_study` finds studies.
    now : bool, optional
        Whether trials that run are interrupted; else they end, and no more are begun.

    Raises
    ------
    UnknownRunError
        Where no study, or more than one, answers to the reference.
    StoreError
        Where it does not run, or not on this machine.
    """
    study = open_studies(workspace).find(reference)
    if study.damage or study.pid <= 1:
        # Signals to such numbers would reach every process of the user.
        raise StoreError(f"study {study.id} cannot be stopped: its row is damaged; see `l5tui doctor`")
    if study.status is not StudyStatus.RUNNING:
        raise StoreError(f"study {study.id} does not run: it is {study.status}")
    if study.host != socket.gethostname():
        raise StoreError(f"study {study.id} runs on {study.host}; stop process {study.pid} there")
    if not is_visible(study.process_started):
        raise StoreError(f"study {study.id} runs in another container on {study.host}; stop it there")
    if not is_alive(study.pid, study.process_started):
        raise StoreError(f"study {study.id} does not run: process {study.pid} is gone")
    try:
        os.kill(study.pid, signal.SIGTERM if now else signal.SIGINT)
    except OSError as error:
        raise StoreError(
            f"process {study.pid} of study {study.id} cannot be signalled: {error.strerror}"
        ) from error
