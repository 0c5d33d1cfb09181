"""A study that another process took for interrupted continues; one that was resumed elsewhere ends."""

from __future__ import annotations

import os
import sqlite3

import pytest

from l5tui.errors import StoreError
from l5tui.store.process import process_start_time
from l5tui.store.studies import Studies
from l5tui.store.study_records import StudyStatus
from l5tui.tuning.events import StudyEvent, TrialEnded
from l5tui.workspace import Workspace
from tests.tuning.searches import experiment_of, study_toml

DEAD = 2**22 + 1


def closed_by_another(workspace: Workspace, study_id: str) -> None:
    """Close the row of a study as a process does that believes it dead."""
    with sqlite3.connect(workspace.catalog) as catalog:
        (pid,) = catalog.execute("SELECT pid FROM study WHERE id = ?", (study_id,)).fetchone()
        catalog.execute("UPDATE study SET pid = ? WHERE id = ?", (DEAD, study_id))
    (closed,) = Studies.open(workspace).close_stale()
    assert (closed.id, closed.status) == (study_id, StudyStatus.STOPPED)
    with sqlite3.connect(workspace.catalog) as catalog:
        catalog.execute("UPDATE study SET pid = ? WHERE id = ?", (pid, study_id))


@pytest.mark.parametrize("resumed", [False, True])
def test_a_study_whose_row_was_closed_meanwhile(workspace: Workspace, resumed: bool) -> None:
    from l5tui.tuning.study import run_study

    def observe(event: StudyEvent) -> None:
        if isinstance(event, TrialEnded) and event.trial.number == 0:
            closed_by_another(workspace, event.trial.study_id)
            if resumed:
                pid = os.getppid()
                Studies.open(workspace).resume(event.trial.study_id, 3, pid, process_start_time(pid))

    toml = study_toml(trials=3)
    if not resumed:
        report = run_study(experiment_of(toml), toml, workspace, observe=observe, track=False)
        assert (report.record.status, report.record.error) == (StudyStatus.COMPLETED, None)
        assert report.record.counts == {"completed": 3}
        assert [trial.attempts for trial in report.trials] == [1, 1, 1]
        return
    with pytest.raises(StoreError, match=f"was resumed by process {os.getppid()} on"):
        run_study(experiment_of(toml), toml, workspace, observe=observe, track=False)
    (left,) = Studies.open(workspace).studies()
    assert (left.status, left.pid) == (StudyStatus.RUNNING, os.getppid())
