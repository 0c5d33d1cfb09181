"""A search outlives a catalogue that another process holds for a while."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from l5tui.store import connection, retry
from l5tui.store.studies import Studies
from l5tui.store.study_records import StudyStatus, TrialStatus
from l5tui.tuning import pulse
from l5tui.tuning.events import StudyEvent, StudyWarned, TrialEnded
from l5tui.tuning.lifecycle import new_study
from l5tui.tuning.space import search_space
from l5tui.workspace import Workspace
from tests.tuning.searches import experiment_of, study_toml
from tests.workspaces import locked


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Attempts and warnings within parts of a second."""
    for name, seconds in (("ATTEMPT_SECONDS", 0.1), ("WARN_SECONDS", 0.3)):
        monkeypatch.setattr(retry, name, seconds)
    monkeypatch.setattr(connection, "BUSY_TIMEOUT_S", 0.1)
    monkeypatch.setattr(pulse, "HEARTBEAT_SECONDS", 0.0)


def test_trials_wait_for_the_catalogue(workspace: Workspace) -> None:
    from l5tui.tuning.study import run_study

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


def test_a_study_waits_for_the_catalogue_to_begin(workspace: Workspace) -> None:
    from l5tui.tuning.study import run_study

    lock = ExitStack()

    def observe(event: StudyEvent) -> None:
        if isinstance(event, StudyWarned):
            lock.close()

    Studies.open(workspace)
    toml = study_toml(trials=1)
    lock.enter_context(locked(workspace))
    report = run_study(experiment_of(toml), toml, workspace, observe=observe, track=False)
    assert report.record.status is StudyStatus.COMPLETED
    assert len(report.warnings) == 1


def test_a_stop_ends_the_wait_of_a_study_that_has_not_begun(workspace: Workspace) -> None:
    from l5tui.tuning.study import run_study

    Studies.open(workspace)
    toml = study_toml(trials=1)
    with locked(workspace), pytest.raises(KeyboardInterrupt):
        run_study(experiment_of(toml), toml, workspace, requests=lambda: 1, track=False)
    assert Studies.open(workspace).studies() == []


def test_resuming_and_mlflow_s_process_wait_for_the_catalogue(workspace: Workspace) -> None:
    studies, toml = Studies.open(workspace), study_toml(trials=1)
    experiment = experiment_of(toml)
    options = {"method": "random", "trials": 1, "objective": "loss", "maximize": False}
    study = studies.start(new_study(experiment, toml, search_space(experiment), **options))  # type: ignore[arg-type]
    studies.end(study.id, StudyStatus.STOPPED, "stopped")
    lock = ExitStack()
    with studies.persistent(lambda error: lock.close(), lambda: False):
        lock.enter_context(locked(workspace))
        studies.resume(study.id, 2, 1, None)
        lock.enter_context(locked(workspace))
        studies.note_mlflow(study.id, "a run")
    found = studies.find(study.id)
    assert (found.status, found.trials, found.mlflow_run) == (StudyStatus.RUNNING, 2, "a run")
