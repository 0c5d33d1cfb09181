"""MLflow shows a study as a run with its trials inside, whatever happens on the way."""

from __future__ import annotations

import signal
import time
from typing import Any

import pytest
from filelock import FileLock

from l5tui.notebook.study import open_study
from l5tui.runner import beside
from l5tui.store.studies import Studies
from l5tui.store.study_records import StudyStatus
from l5tui.tracking.edits import set_status
from l5tui.tracking.mlflow_database import STUDIES_NAME, open_client
from l5tui.tuning import mlflow_process
from l5tui.tuning.events import Recording, StudyEvent, StudyWarned, TrialEnded
from l5tui.tuning.lifecycle import new_study
from l5tui.tuning.mlflow_process import MOST_DEATHS, StudyRecorder
from l5tui.tuning.space import search_space
from l5tui.tuning.study import resume_study, show_study
from l5tui.tuning.study_tracker import StudyTracker, finish_left_studies
from l5tui.workspace import Workspace
from tests.cli.processes import wait_until
from tests.tuning.searches import experiment_of, search, study_toml


class Shown:
    """What MLflow has of the one study of a workspace."""

    def __init__(self, workspace: Workspace) -> None:
        with open_client(workspace) as client:
            experiment = client.get_experiment_by_name(STUDIES_NAME)
            assert experiment is not None
            found: list[Any] = list(client.search_runs([experiment.experiment_id], max_results=1000))
            nested = [run for run in found if "mlflow.parentRunId" in run.data.tags]
            (self.parent,) = [run for run in found if run not in nested]
            assert {run.data.tags["mlflow.parentRunId"] for run in nested} <= {self.parent.info.run_id}
            self.trials = {int(run.data.tags["l5tui.trial"]): run for run in nested}
            assert len(self.trials) == len(nested)
            self.files = {
                run.info.run_id: {
                    file.path
                    for folder in ("", "figures")
                    for file in client.list_artifacts(run.info.run_id, folder)
                    if not file.is_dir
                }
                for run in found
            }

    @property
    def statuses(self) -> set[str]:
        """Statuses of the trials' runs."""
        return {run.info.status for run in self.trials.values()}


@pytest.mark.slow
def test_locks_that_killed_processes_left_are_cleared(workspace: Workspace) -> None:
    left = workspace.mlruns / "study-20260101-000000-killed.lock"
    held = workspace.mlruns / "study-20260101-000000-living.lock"
    workspace.mlruns.mkdir(exist_ok=True)
    left.touch()
    with FileLock(held):
        search(workspace, study_toml(trials=1), track=True)
        assert sorted(workspace.mlruns.glob("study-*.lock")) == [held]


def test_a_study_is_a_run_with_its_trials_inside(workspace: Workspace) -> None:
    events: list[StudyEvent] = []
    report = search(workspace, study_toml(trials=3), events, track=True)
    assert report.warnings == ()
    assert any(isinstance(event, Recording) for event in events)
    shown = Shown(workspace)
    assert shown.parent.info.status == "FINISHED"
    assert shown.parent.info.run_id == report.record.mlflow_run
    assert shown.parent.data.tags["l5tui.study_id"] == report.record.id
    assert shown.parent.data.metrics["best_so_far"] == report.record.best_value
    assert shown.files[shown.parent.info.run_id] >= {
        *("trials.csv", "best.toml", "experiment.toml", "figures/convergence.png"),
        *("figures/parameter_traces.png", "figures/slices.png", "figures/importance.png"),
    }
    assert shown.trials.keys() == {0, 1, 2}
    for trial in report.trials:
        run = shown.trials[trial.number]
        assert (run.info.run_id, run.info.status) == (trial.mlflow_run, "FINISHED")
        assert run.data.metrics["loss"] == trial.value
        assert run.data.metrics["after/DS.CS"] == trial.metrics["after/DS.CS"]
        assert float(run.data.params["stimulus.amplitude.CS"]) == trial.point["stimulus.amplitude.CS"]
        ratio = float(run.data.params["plasticity.tau_threshold / plasticity.tau_learn"])
        assert ratio == trial.point["plasticity.tau_threshold"]
        assert float(run.data.params["plasticity.tau_threshold"]) == pytest.approx(
            ratio * float(run.data.params["plasticity.tau_learn"])
        )
        assert shown.files[run.info.run_id] == {"figures/trial.png"}
        # The notebook and the JSON use the same names, each with the same number.
        row = open_study(report.record.id, workspace=workspace.root).trials.loc[trial.number]
        (parameters,) = [
            each["parameters"] for each in report.as_dict()["trials"] if each["number"] == trial.number
        ]
        assert len(parameters) == 5
        for name, value in parameters.items():
            assert run.data.params[name] == str(value)
            assert row[name] == value


@pytest.mark.slow
def test_a_stopped_study_is_killed_in_mlflow_and_finished_once_it_was_taken_up(workspace: Workspace) -> None:
    events: list[StudyEvent] = []
    stopped = search(
        workspace,
        study_toml(trials=4),
        events,
        requests=lambda: int(sum(isinstance(event, TrialEnded) for event in events) >= 2),
        track=True,
    )
    # The command does not wait for MLflow; the process that records it continues and releases its lock at the end.
    studies, lock = Studies.open(workspace), workspace.mlruns / f"study-{stopped.record.id}.lock"
    wait_until(lambda: studies.find(stopped.record.id).mlflow_run, "MLflow has the study")
    wait_until(lambda: not lock.exists(), "MLflow has all of it")
    first = Shown(workspace)
    assert first.parent.info.status == "KILLED"
    assert first.trials.keys() == {trial.number for trial in stopped.trials}
    resume_study(stopped.record.id, workspace)
    last = Shown(workspace)
    assert last.parent.info.run_id == first.parent.info.run_id
    assert (last.parent.info.status, last.statuses) == ("FINISHED", {"FINISHED"})
    assert last.trials.keys() == {0, 1, 2, 3}


@pytest.mark.slow
def test_the_rest_of_a_killed_recording_is_removed_and_the_missing_part_recorded(
    workspace: Workspace,
) -> None:
    report = search(workspace, study_toml(trials=2))
    study_id = report.record.id
    with StudyTracker(study_id, workspace) as tracker:
        tracker.finish()
    with open_client(workspace) as client:
        parent = str(show_study(workspace, study_id).record.mlflow_run)
        experiment = client.get_run(parent).info.experiment_id
        tags = {"mlflow.parentRunId": parent, "l5tui.trial": "1"}
        client.create_run(experiment, tags=tags, run_name="half of trial 1")
    Studies.open(workspace).note_mlflow(study_id, None, 1)
    with StudyTracker(study_id, workspace) as tracker:
        tracker.finish()
    shown = Shown(workspace)
    assert (shown.parent.info.status, shown.statuses) == ("FINISHED", {"FINISHED"})
    assert shown.trials.keys() == {0, 1}


def test_what_mlflow_refuses_is_a_warning_and_the_study_is_complete(workspace: Workspace) -> None:
    workspace.mlflow_database.unlink()
    workspace.mlflow_database.mkdir()
    events: list[StudyEvent] = []
    report = search(workspace, study_toml(trials=1), events, track=True)
    assert report.record.status == "completed"
    (warning,) = report.warnings
    assert warning.startswith("not all in MLflow: ")
    assert StudyWarned(warning) in events


@pytest.mark.slow
def test_a_study_that_was_killed_with_its_recorder_is_ended_in_mlflow_by_the_next(
    workspace: Workspace,
) -> None:
    report = search(workspace, study_toml(trials=1))
    study_id = report.record.id
    tracker = StudyTracker(study_id, workspace)
    with tracker:
        tracker.catch_up()
    studies = Studies.open(workspace)
    begun = studies.find(study_id).mlflow_run
    studies.note_mlflow(study_id, None)
    assert Shown(workspace).parent.info.status == "RUNNING"
    finish_left_studies(workspace, but=study_id)
    assert Shown(workspace).parent.info.status == "RUNNING"
    finish_left_studies(workspace, but="another")
    shown = Shown(workspace)
    assert (shown.parent.info.run_id, shown.parent.info.status) == (begun, "FINISHED")
    assert studies.find(study_id).mlflow_run == begun
    assert shown.trials.keys() == {0}


def test_a_completed_study_with_the_status_of_an_earlier_interruption_in_mlflow_gets_its_own(
    workspace: Workspace,
) -> None:
    study = Studies.open(workspace).find(search(workspace, study_toml(trials=1), track=True).record.id)
    assert study.mlflow_run is not None
    set_status(workspace, study.mlflow_run, "KILLED")
    assert Shown(workspace).parent.info.status == "KILLED"
    finish_left_studies(workspace, but="another")
    assert Shown(workspace).parent.info.status == "FINISHED"


@pytest.mark.slow
def test_a_study_does_not_wait_for_what_mlflow_has_missed_of_others(workspace: Workspace) -> None:
    missed = search(workspace, study_toml(trials=12)).record.id
    own = search(workspace, study_toml(trials=1), track=True).record.id
    studies = Studies.open(workspace)
    assert studies.count_untracked_trials(own) == 0
    assert studies.count_untracked_trials(missed) > 0
    deadline = time.monotonic() + 120
    while studies.count_untracked_trials(missed):
        assert time.monotonic() < deadline
        time.sleep(0.1)


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Ids of the processes that have been started to record; the first one is killed at once."""
    ids: list[int] = []
    start = beside.start_beside

    def started(*arguments: Any, **options: Any) -> Any:
        process = start(*arguments, **options)
        if not ids:
            process.kill()
        ids.append(process.pid)
        return process

    monkeypatch.setattr("l5tui.tuning.mlflow_process.start_beside", started)
    return ids


@pytest.mark.slow
def test_a_process_that_dies_is_replaced_at_the_end_of_the_study(
    workspace: Workspace, begun: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("l5tui.tuning.mlflow_process.LOOK_SECONDS", 1e6)  # no look before the end
    report = search(workspace, study_toml(trials=2), track=True)
    assert report.warnings == ()
    assert len(begun) == 2
    assert Shown(workspace).trials.keys() == {0, 1}


@pytest.mark.slow
def test_a_process_that_dies_is_replaced_while_the_study_runs(
    workspace: Workspace, begun: list[int], caplog: pytest.LogCaptureFixture
) -> None:
    study_id = search(workspace, study_toml(trials=2)).record.id
    studies = Studies.open(workspace)
    warnings: list[StudyEvent] = []
    with StudyRecorder(study_id, workspace, warnings.append, lambda: 0):
        deadline = time.monotonic() + 120
        while studies.count_untracked_trials(study_id):
            assert time.monotonic() < deadline
            time.sleep(0.1)
    assert len(begun) == 2
    assert not any(isinstance(event, StudyWarned) for event in warnings)
    assert "the process that records a study in MLflow has died (exit code -9)" in caplog.text
    assert Shown(workspace).trials.keys() == {0, 1}


@pytest.mark.slow
def test_processes_that_die_one_after_another_are_no_longer_replaced(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    study_id = search(workspace, study_toml(trials=1)).record.id
    begun: list[int] = []
    start = beside.start_beside

    def started(*arguments: Any, **options: Any) -> Any:
        process = start(*arguments, **options)
        process.kill()
        begun.append(process.pid)
        return process

    monkeypatch.setattr("l5tui.tuning.mlflow_process.start_beside", started)
    monkeypatch.setattr("l5tui.tuning.mlflow_process.LOOK_SECONDS", 0.02)
    events: list[StudyEvent] = []
    with StudyRecorder(study_id, workspace, events.append, lambda: 0) as recorder:
        recorder._watcher.join(60)
        assert len(begun) == MOST_DEATHS
    assert len(begun) == MOST_DEATHS
    (warning,) = (event.text for event in events if isinstance(event, StudyWarned))
    assert "died 3 times in a row" in warning


@pytest.mark.slow
def test_a_process_that_does_not_answer_is_ended_with_a_warning(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[Any] = []
    start = beside.start_beside

    def started(*arguments: Any, **options: Any) -> Any:
        begun.append(start(*arguments, **options))
        begun[-1].send_signal(signal.SIGSTOP)
        return begun[-1]

    monkeypatch.setattr(mlflow_process, "start_beside", started)
    monkeypatch.setattr(mlflow_process, "SILENCE_SECONDS", 0.3)
    studies, toml = Studies.open(workspace), study_toml(trials=1)
    experiment = experiment_of(toml)
    options = {"method": "random", "trials": 1, "objective": "loss", "maximize": False}
    study = studies.start(new_study(experiment, toml, search_space(experiment), **options))  # type: ignore[arg-type]
    events: list[StudyEvent] = []
    with mlflow_process.StudyRecorder(study.id, workspace, events.append, lambda: 0):
        studies.end(study.id, StudyStatus.COMPLETED)
    warnings = [event.text for event in events if isinstance(event, StudyWarned)]
    assert len(warnings) == 1
    assert warnings[0].startswith("not all in MLflow: no progress for 0.3 s; the catalogue has all trials")
    assert len(begun) == 1
    assert begun[0].wait(10) == -signal.SIGKILL
