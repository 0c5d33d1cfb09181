"""Running an experiment by the runner: its events, and that it ends as it says."""

from __future__ import annotations

import itertools
import json
import logging
import threading
from pathlib import Path

import pytest

from l5tui.config import Experiment
from l5tui.errors import StoreError
from l5tui.runner.events import Event, PhaseStarted, Progress, RunStarted, Warned
from l5tui.runner.history import RunStatus, list_runs, show_run
from l5tui.runner.logs import log_to
from l5tui.runner.provenance import code_revision, provenance
from l5tui.store.catalog import Catalog
from l5tui.store.netcdf import open_run
from l5tui.workspace import Workspace
from tests.logs import let_go_of_logs
from tests.runner.running import in_mlflow, run
from tests.workspaces import ENDLESS, TINY, assert_truthful, rows, run_files


def phases(events: list[Event]) -> list[str]:
    """Names of the phases, in order."""
    return [event.phase for event in events if isinstance(event, PhaseStarted)]


def test_events_contain_the_run_its_phases_and_its_progress(workspace: Workspace) -> None:
    events: list[Event] = []
    report = run(workspace, observe=events.append, track=True)
    assert events[0] == RunStarted(report.record.id, "tiny")
    assert [name for name in phases(events) if name != "compile"] == ["simulate", "measure", "store", "track"]
    progress = [event for event in events if isinstance(event, Progress)]
    assert progress[-1].fraction == 1.0
    assert progress[-1].remaining == 0.0
    for before, after in itertools.pairwise(progress):
        assert before.fraction <= after.fraction
        assert before.elapsed <= after.elapsed
    assert not any(isinstance(event, Warned) for event in events)
    assert Progress(0, 2, 0, 600, 0.0).remaining is None
    assert Progress(1, 2, 150, 600, 3.0).remaining == pytest.approx(9.0)


def test_two_runs_give_the_same_bits(workspace: Workspace) -> None:
    first, second = (run(workspace).record for _ in range(2))
    datasets = [open_run(workspace.root / str(record.file)) for record in (first, second)]
    for own in ("run_id", "created", "measured", "timings"):
        for dataset in datasets:
            assert dataset.attrs.pop(own)
    assert datasets[0].identical(datasets[1])
    assert first.id < second.id


def test_a_run_in_a_thread_can_be_cancelled_by_its_callback(workspace: Workspace) -> None:
    stop, reports = threading.Event(), []

    def observe(event: Event) -> None:
        if isinstance(event, Progress) and event.steps:
            stop.set()

    thread = threading.Thread(target=lambda: reports.append(run(workspace, ENDLESS, observe, stop.is_set)))
    thread.start()
    thread.join()
    (report,) = reports
    assert report.record.status is RunStatus.CANCELLED
    assert "steps" in str(report.record.error)
    assert (report.tables, report.paths["netcdf"]) == (None, None)
    assert_truthful(workspace)


def test_a_cancel_before_completion_leaves_no_file(workspace: Workspace) -> None:
    seen: list[Event] = []
    report = run(workspace, observe=seen.append, cancelled=lambda: "store" in phases(seen))
    assert report.record.status is RunStatus.CANCELLED
    assert report.record.error == "cancelled while the file was written"
    assert run_files(workspace) == set()
    assert_truthful(workspace)


@pytest.mark.parametrize("phase", ["simulate", "measure", "store"])
def test_an_interrupt_in_a_phase_cancels(workspace: Workspace, phase: str) -> None:
    def interrupt(event: Event) -> None:
        if event == PhaseStarted(phase):
            raise KeyboardInterrupt

    report = run(workspace, observe=interrupt)
    assert (report.record.status, report.record.error) == (RunStatus.CANCELLED, "interrupted")
    assert_truthful(workspace)


def test_an_interrupt_during_recording_leaves_the_run_complete(workspace: Workspace) -> None:
    def interrupt(event: Event) -> None:
        if event == PhaseStarted("track"):
            raise KeyboardInterrupt

    report = run(workspace, observe=interrupt, track=True)
    assert report.record.status is RunStatus.COMPLETED
    assert report.warnings == (
        "interrupted while the run was recorded in MLflow; the run itself is complete",
    )
    assert in_mlflow(workspace) == {}
    assert_truthful(workspace)


def test_an_interrupt_as_soon_as_the_row_is_complete_leaves_it_so(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(record: logging.LogRecord) -> bool:
        if str(record.msg).startswith("%s; %s"):
            raise KeyboardInterrupt
        return True

    logger = logging.getLogger("l5tui.runner.run")
    monkeypatch.setattr(logger, "filters", [interrupt])
    logger.setLevel(logging.INFO)
    try:
        report = run(workspace, track=True)
    finally:
        logger.setLevel(logging.NOTSET)
    assert report.record.status is RunStatus.COMPLETED
    assert report.warnings == ("interrupted; the run itself is complete",)
    assert_truthful(workspace)


def test_an_error_that_an_interrupt_caused_cancels(workspace: Workspace) -> None:
    seen: list[Event] = []

    def break_down(event: Event) -> None:
        seen.append(event)
        if event == PhaseStarted("measure"):
            raise SystemError("initialization of a module did not complete")

    report = run(workspace, observe=break_down, cancelled=lambda: "measure" in phases(seen))
    assert (report.record.status, report.record.error) == (RunStatus.CANCELLED, "interrupted")
    assert run_files(workspace) == set()
    assert_truthful(workspace)


def test_an_unforeseen_error_fails_the_run_with_its_reason(workspace: Workspace) -> None:
    def break_down(event: Event) -> None:
        if event == PhaseStarted("measure"):
            raise ValueError("two\nlines")

    report = run(workspace, observe=break_down)
    assert (report.record.status, report.record.error) == (RunStatus.FAILED, "ValueError: two lines")
    assert_truthful(workspace)


def test_a_run_that_another_process_closed_is_not_completed(workspace: Workspace) -> None:
    def close(event: Event) -> None:
        if event == PhaseStarted("store"):
            catalog = Catalog.open(workspace)
            catalog.end(catalog.find("last").id, status=RunStatus.FAILED, error="closed")

    with pytest.raises(StoreError, match="is failed already"):
        run(workspace, observe=close)
    assert_truthful(workspace)


def test_without_a_catalogue_nothing_begins(workspace: Workspace) -> None:
    workspace.catalog.mkdir()
    events: list[Event] = []
    with pytest.raises(StoreError):
        run(workspace, observe=events.append)
    assert events == []
    assert run_files(workspace) == set()


def test_history_finds_what_was_run(workspace: Workspace) -> None:
    assert list_runs(workspace) == []
    report = run(workspace)
    assert list_runs(workspace, status=RunStatus.COMPLETED, rule="sliding_bcm", tag="zebra") == [
        report.record
    ]
    assert list_runs(workspace, status=RunStatus.FAILED) == []
    shown = show_run(workspace, "last")
    assert shown.record == report.record
    assert shown.as_dict() == report.as_dict()


def test_provenance_names_what_decides_the_bits() -> None:
    made_by = provenance(Experiment())
    assert {"l5tui", "python", "numpy", "scipy", "platform", "blas"} <= made_by.versions.keys()
    assert "openblas" in made_by.versions["blas"] or made_by.versions["blas"]
    assert all(isinstance(value, str) for value in made_by.versions.values())


def test_code_outside_a_repository_has_no_revision(tmp_path: Path) -> None:
    (tmp_path / "__init__.py").touch()
    assert code_revision(tmp_path) == (None, None)
    assert code_revision(tmp_path / "nowhere") == (None, None)


def test_a_log_that_cannot_be_written_is_reported_once_in_one_line(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    workspace.log.mkdir()
    log_to(workspace)
    try:
        for _ in range(2):
            logging.getLogger("l5tui.runner").error("x")
    finally:
        let_go_of_logs()
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"{workspace.log} could not be written: ")


def test_an_experiment_of_one_neuron_more_than_none_runs(workspace: Workspace) -> None:
    report = run(workspace, TINY.replace("[9, 22, 7, 6]", "[0, 2, 0, 0]"))
    assert report.record.status is RunStatus.COMPLETED
    assert rows(workspace)[0]["loss"] is None or isinstance(rows(workspace)[0]["loss"], float)
    assert_truthful(workspace)


def test_warnings_about_the_experiment_are_reported_and_stored_with_the_run(workspace: Workspace) -> None:
    events: list[Event] = []
    report = run(workspace, TINY.replace("[network]", "[network]\ngamma = 2"), observe=events.append)
    (warning,) = report.warnings
    assert warning.startswith("network.gamma: with 2 the rule sliding_bcm is ill-posed near silence")
    assert [event.text for event in events if isinstance(event, Warned)] == [warning]
    stored = open_run(workspace.root / str(report.record.file), ["steps"])
    assert json.loads(stored.attrs["warnings"]) == [warning]
    assert show_run(workspace, report.record.id).warnings == (warning,)
