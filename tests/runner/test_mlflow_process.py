"""A process beside the run shows it to MLflow."""

from __future__ import annotations

import os
import signal
import time

import pytest

from l5tui.config.toml_text import parse_toml
from l5tui.config.validation import validate
from l5tui.runner import beside, mlflow_process
from l5tui.runner.events import Event, PhaseStarted
from l5tui.runner.mlflow_process import ProcessRecorder
from l5tui.runner.report import RunReport
from l5tui.runner.run import run_experiment
from l5tui.store.catalog import Catalog
from l5tui.store.process import is_alive
from l5tui.workspace import Workspace
from tests.runner.running import in_mlflow
from tests.runner.running import tracked_run as run
from tests.workspaces import TINY


def run_beside(workspace: Workspace, recorder: ProcessRecorder, events: list[Event]) -> RunReport:
    """Run the tiny experiment, recorded by another process."""
    experiment = validate(parse_toml(TINY))
    return run_experiment(experiment, TINY, workspace, observe=events.append, recorder=recorder)


def pid_of(recorder: ProcessRecorder) -> int:
    """Its process."""
    assert recorder._process is not None
    return recorder._process.pid


def test_runs_and_earlier_ones_are_recorded(workspace: Workspace, catalog: Catalog) -> None:
    missed = run(workspace, cancelled=lambda: True).record
    events: list[Event] = []
    with ProcessRecorder(workspace) as recorder:
        reports = [run_beside(workspace, recorder, events) for _ in range(2)]
        pid = pid_of(recorder)
    assert [report.warnings for report in reports] == [(), ()]
    found = in_mlflow(workspace)
    assert found.keys() == {missed.id, *(report.record.id for report in reports)}
    for report in reports:
        assert report.record.mlflow_run == found[report.record.id].info.run_id
        assert report.record.timings["track"] > 0
    assert events.count(PhaseStarted("catch_up")) == 1
    assert not is_alive(pid, None)


def test_what_mlflow_refuses_is_a_warning(workspace: Workspace) -> None:
    workspace.mlflow_database.unlink()
    workspace.mlflow_database.mkdir()
    with ProcessRecorder(workspace) as recorder:
        report = run_beside(workspace, recorder, [])
    (warning,) = report.warnings
    assert warning.startswith(f"not in MLflow: {workspace.mlflow_database}")
    assert report.record.status == "completed"


def test_a_process_that_dies_is_replaced(workspace: Workspace) -> None:
    with ProcessRecorder(workspace) as recorder:
        reports = []
        for _ in range(2):
            os.kill(pid_of(recorder), signal.SIGKILL)
            reports.append(run_beside(workspace, recorder, []))
    assert [report.warnings for report in reports] == [(), ()]
    assert in_mlflow(workspace).keys() == {report.record.id for report in reports}


@pytest.mark.slow
def test_processes_that_die_in_a_row_are_reported_and_their_standard_error_is_logged(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    # A folder that breaks what the process imports, as an installation does that lacks a library.
    broken = workspace.root / "broken"
    broken.mkdir()
    (broken / "json.py").write_text("raise SystemError('no json here')\n")
    monkeypatch.setenv("PYTHONPATH", str(broken))
    monkeypatch.setattr(beside, "own_environment", lambda: dict(os.environ))
    with ProcessRecorder(workspace) as recorder:
        reports = [run_beside(workspace, recorder, []) for _ in range(2)]
    for report in reports:
        (warning,) = report.warnings
        assert warning.endswith(f"the process that records has died 3 times in a row; see {workspace.log}")
        assert report.record.status == "completed"
    assert "no json here" in caplog.text
    assert in_mlflow_later(workspace, reports[-1].record.id)


def in_mlflow_later(workspace: Workspace, run_id: str) -> bool:
    """Whether the next run's process would show it, as this one seems to be at it still."""
    return run_id in [record.id for record in Catalog.open(workspace).untracked(9)]


def test_with_nothing_to_record_it_ends_at_once(workspace: Workspace) -> None:
    begun = time.monotonic()
    with ProcessRecorder(workspace) as recorder:
        pid = pid_of(recorder)
    assert not is_alive(pid, None)
    assert time.monotonic() - begun < 1.0


@pytest.mark.slow
def test_requested_runs_are_recorded_even_if_no_process_waits(workspace: Workspace, catalog: Catalog) -> None:
    class Impatient(ProcessRecorder):
        def record(self, *arguments: object, **_: object) -> None:
            stdin, _stdout = self._pipes()
            self._is_recording = True
            stdin.write(f'{{"run_id": "{arguments[0]}", "timings": {{}}}}\n'.encode())
            stdin.flush()
            raise KeyboardInterrupt

    with Impatient(workspace) as recorder:
        report = run_beside(workspace, recorder, [])
    assert report.warnings == (
        "interrupted while the run was recorded in MLflow; the run itself is complete",
    )
    for _ in range(600):
        if catalog.find(report.record.id).mlflow_run:
            break
        time.sleep(0.05)
    assert in_mlflow(workspace).keys() == {report.record.id}
    process = recorder._process
    assert process is not None
    assert process.wait(timeout=30) == 0


@pytest.mark.slow
def test_a_process_that_does_not_answer_is_ended_with_a_warning(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mlflow_process, "SILENCE_SECONDS", 0.3)
    with ProcessRecorder(workspace) as recorder:
        os.kill(pid_of(recorder), signal.SIGSTOP)
        report = run_beside(workspace, recorder, [])
    (warning,) = report.warnings
    assert warning.endswith(
        "the process that records has not answered for 0.3 s; the next run records what is missing"
    )
    assert report.record.status == "completed"
