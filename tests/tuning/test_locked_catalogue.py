"""A search outlives a catalogue that another process holds for a while."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from l5tui.store import connection, retry
from l5tui.store.study_records import StudyStatus, TrialStatus
from l5tui.tuning import pulse
from l5tui.tuning.events import StudyEvent, StudyWarned, TrialEnded
from l5tui.workspace import Workspace
from tests.tuning.searches import experiment_of, study_toml
from tests.workspaces import locked


def test_trials_wait_for_the_catalogue(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    from l5tui.tuning.study import run_study

    for name, seconds in (("ATTEMPT_SECONDS", 0.1), ("WARN_SECONDS", 0.3)):
        monkeypatch.setattr(retry, name, seconds)
    monkeypatch.setattr(connection, "BUSY_TIMEOUT_S", 0.1)
    monkeypatch.setattr(pulse, "HEARTBEAT_SECONDS", 0.0)
    lock = ExitStack()

    def observe(event: StudyEvent) -> None:
        if isinstance(event, TrialEnded) and event.trial.number == 0:
            lock.enter_context(locked(workspace))
        if isinstance(event, StudyWarned):
            lock.close()

    toml = study_toml(trials=3)
    report = run_study(experiment_of(toml), toml, workspace, observe=observe, track=False)
    (warning,) = report.warnings
    assert "is locked by another process" in warning
    assert report.record.status is StudyStatus.COMPLETED
    assert [(trial.status, trial.attempts) for trial in report.trials] == [(TrialStatus.COMPLETED, 1)] * 3
