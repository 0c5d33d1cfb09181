"""A complete run is never lost: its row is written later, from its file, where the catalogue cannot be written now."""

from __future__ import annotations

import shutil
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import replace

import pytest

from l5tui.errors import StoreError, UnrecordedRunError
from l5tui.runner.curation import delete_run
from l5tui.runner.doctor import examine, repair
from l5tui.runner.doctor.file_reading import FileReader
from l5tui.runner.doctor.files import Files
from l5tui.runner.doctor.finding import Kind
from l5tui.runner.events import Event, PhaseStarted, RunStarted, Warned
from l5tui.runner.history import RunStatus, list_runs, show_run
from l5tui.runner.report import RunReport
from l5tui.store import connection, retry
from l5tui.store.catalog import Catalog
from l5tui.store.labels import Labels, load_labels
from l5tui.store.netcdf import file_sha256
from l5tui.store.records import RunRecord
from l5tui.workspace import Workspace
from tests.runner.running import run
from tests.workspaces import assert_truthful, locked, rows, run_files

DEAD = 4_194_000
"""A process id that no process has."""


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second in place of minutes."""
    monkeypatch.setattr(retry, "RETRY_SECONDS", 1.0)
    monkeypatch.setattr(retry, "ATTEMPT_SECONDS", 0.1)
    monkeypatch.setattr(retry, "WARN_SECONDS", 0.2)
    monkeypatch.setattr(connection, "BUSY_TIMEOUT_S", 0.2)


def started(events: list[Event]) -> str:
    """Id of the run."""
    return next(event.run_id for event in events if isinstance(event, RunStarted))


def measures(report: RunReport) -> dict[str, object]:
    """What a run was measured by; what is not defined is None."""
    report_dict = report.as_dict()
    return {
        name: report_dict[name]
        for name in ("loss", "loss_terms", "targets", "selectivity", "weights", "summary")
    }


def as_if_killed(workspace: Workspace, record: RunRecord) -> None:
    """Make the row of a complete run what it is after a kill between the renaming of its file and its commit."""
    with closing(sqlite3.connect(workspace.catalog)) as opened, opened:
        opened.execute(
            "UPDATE run SET status = 'running', file = NULL, file_sha256 = NULL, loss = NULL, ended = NULL,"
            " timings = '{}', mlflow_run = NULL, pid = ?, process_started = NULL WHERE id = ?",
            (DEAD, record.id),
        )
        for table in ("selectivity", "weight", "summary", "loss_term"):
            opened.execute(f"DELETE FROM {table} WHERE run_id = ?", (record.id,))


def test_a_catalogue_that_stays_locked_does_not_cost_a_complete_run(workspace: Workspace) -> None:
    events: list[Event] = []
    with ExitStack() as lock:

        def observe(event: Event) -> None:
            events.append(event)
            if event == PhaseStarted("store"):
                lock.enter_context(locked(workspace))

        with pytest.raises(UnrecordedRunError) as refused:
            run(workspace, observe=observe)
        run_id = started(events)
        file = workspace.runs / f"{run_id}.nc"
        assert str(file) in str(refused.value)
        assert "is locked by another process" in str(refused.value)
        assert "the next l5tui command" in str(refused.value)
        digest = file_sha256(file)
        assert [row["status"] for row in rows(workspace)] == ["running"]
        # Looking works meanwhile, and takes nothing away.
        assert [record.status for record in list_runs(workspace)] == [RunStatus.RUNNING]
        assert file_sha256(file) == digest
    shown = show_run(workspace, "last")
    assert (shown.record.id, shown.record.status) == (run_id, RunStatus.COMPLETED)
    assert (shown.record.file_sha256, shown.record.tags) == (digest, ("zebra", "apple"))
    assert shown.tables is not None
    assert shown.tables.loss == shown.record.loss
    assert shown.record.timings["simulate"] > 0
    assert_truthful(workspace)


def test_a_catalogue_that_is_locked_for_a_while_is_waited_for(workspace: Workspace) -> None:
    lock, events = ExitStack(), []

    def observe(event: Event) -> None:
        events.append(event)
        if event == PhaseStarted("store"):
            lock.enter_context(locked(workspace))
        if isinstance(event, Warned):
            lock.close()

    report = run(workspace, observe=observe)
    assert report.record.status is RunStatus.COMPLETED
    (warning,) = report.warnings
    assert "is locked by another process" in warning
    assert "is retried" in warning
    assert_truthful(workspace)


def test_a_request_to_stop_ends_the_waiting_and_keeps_the_file(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retry, "RETRY_SECONDS", 3600.0)
    stop, events = threading.Event(), []
    with ExitStack() as lock:

        def observe(event: Event) -> None:
            events.append(event)
            if event == PhaseStarted("store"):
                lock.enter_context(locked(workspace))
            if isinstance(event, Warned):
                stop.set()

        with pytest.raises(UnrecordedRunError):
            run(workspace, observe=observe, cancelled=stop.is_set)
    assert run_files(workspace) == {f"{started(events)}.nc"}


@pytest.mark.parametrize("how", ["cancelled", "failed"])
def test_an_end_that_cannot_be_written_is_written_later(workspace: Workspace, how: str) -> None:
    with ExitStack() as lock:
        events: list[Event] = []

        def observe(event: Event) -> None:
            events.append(event)
            if event == PhaseStarted("measure"):
                lock.enter_context(locked(workspace))
                if how == "failed":
                    raise ValueError("went wrong")

        def cancelled() -> bool:
            return how == "cancelled" and PhaseStarted("measure") in events

        with pytest.raises(StoreError) as refused:
            run(workspace, observe=observe, cancelled=cancelled)
        assert how in str(refused.value)
        assert run_files(workspace) == set()
    (record,) = list_runs(workspace)
    assert str(record.status) == how
    assert "went wrong" in str(record.error) or how == "cancelled"
    assert_truthful(workspace)


def test_a_run_killed_before_its_commit_is_completed_from_its_file(workspace: Workspace) -> None:
    whole = run(workspace)
    as_if_killed(workspace, whole.record)
    (record,) = list_runs(workspace)
    assert record.id == whole.record.id
    assert (record.status, record.file) == (RunStatus.COMPLETED, whole.record.file)
    assert (record.file_sha256, record.loss) == (whole.record.file_sha256, whole.record.loss)
    assert (record.tags, record.notes) == (whole.record.tags, whole.record.notes)
    assert measures(show_run(workspace, record.id)) == measures(whole)
    assert_truthful(workspace)


def test_labels_that_changed_during_a_run_that_was_killed_are_copied_when_it_is_completed(
    workspace: Workspace,
) -> None:
    whole = run(workspace)
    as_if_killed(workspace, whole.record)
    Catalog.open(workspace).set_tags(whole.record.id, ("during",))
    assert load_labels(workspace, whole.record.id) is None
    (record,) = list_runs(workspace)
    assert record.status is RunStatus.COMPLETED
    assert record.tags == ("during",)
    assert load_labels(workspace, record.id) == Labels(record.notes, record.tags)


def test_looking_works_where_such_a_row_cannot_be_written(workspace: Workspace) -> None:
    whole = run(workspace)
    as_if_killed(workspace, whole.record)
    with locked(workspace):
        assert [record.status for record in list_runs(workspace)] == [RunStatus.RUNNING]
        assert show_run(workspace, "last").record.status is RunStatus.RUNNING


def damaged(workspace: Workspace) -> tuple[RunReport, bytes]:
    """A run that was killed before its commit, and whose file was damaged since."""
    whole = run(workspace)
    as_if_killed(workspace, whole.record)
    path = workspace.root / str(whole.record.file)
    path.write_bytes(path.read_bytes()[:5000])
    return whole, path.read_bytes()


def test_a_file_that_is_not_whole_stays_where_it_is_and_is_named(workspace: Workspace) -> None:
    whole, content = damaged(workspace)
    (record,) = list_runs(workspace)
    assert (record.status, record.file) == (RunStatus.FAILED, None)
    assert str(record.error).startswith(
        f"interrupted: process {DEAD} ended without a final status; its file "
    )
    assert str(whole.record.file) in str(record.error)
    assert (workspace.root / str(whole.record.file)).read_bytes() == content
    delete_run(workspace, record.id)
    assert run_files(workspace) == set()


@pytest.fixture(scope="module")
def reader() -> Iterator[FileReader]:
    """One process that reads files, as it takes a second to start."""
    with FileReader() as reader:
        yield reader


def test_doctor_closes_every_stale_run_though_one_file_is_damaged(
    workspace: Workspace, reader: FileReader
) -> None:
    second = run(workspace)
    damaged(workspace)
    as_if_killed(workspace, second.record)
    said: list[str] = []
    left = repair(workspace, said.append, reader=reader)
    assert not [line for line in said if line.startswith("not mended")]
    assert [str(record.status) for record in list_runs(workspace)] == ["failed", "completed"]
    assert {each.kind for each in left.findings} == {Kind.FILE_FOREIGN}


def test_doctor_completes_a_run_that_was_closed_though_its_file_is_whole(
    workspace: Workspace, reader: FileReader
) -> None:
    whole = run(workspace)
    as_if_killed(workspace, whole.record)
    aside = workspace.root / "aside.nc"
    shutil.move(workspace.root / str(whole.record.file), aside)
    assert [record.status for record in list_runs(workspace)] == [RunStatus.FAILED]
    shutil.move(aside, workspace.root / str(whole.record.file))
    assert Kind.ROW_DISAGREES in {
        each.kind for each in examine(workspace, files=Files(workspace, reader)).findings
    }
    repair(workspace, lambda line: None, reader=reader)
    (record,) = list_runs(workspace)
    assert (record.status, record.error) == (RunStatus.COMPLETED, None)
    assert measures(show_run(workspace, record.id)) == measures(whole)


def test_a_run_that_was_taken_for_dead_completes_all_the_same(workspace: Workspace) -> None:
    """Another machine closes a run as interrupted that could not show that it is alive."""

    def close(event: Event) -> None:
        if event == PhaseStarted("store"):
            catalog = Catalog.open(workspace)
            (record,) = catalog.runs()
            with closing(sqlite3.connect(workspace.catalog)) as opened, opened:
                opened.execute("UPDATE run SET pid = ?, process_started = NULL", (DEAD,))
            (closed,) = catalog.close_stale()
            assert (closed.id, closed.status) == (record.id, RunStatus.FAILED)
            catalog.note_mlflow(record.id, "recorded as failed")

    report = run(workspace, observe=close, track=True)
    assert (report.record.status, report.record.error) == (RunStatus.COMPLETED, None)
    assert report.record.mlflow_run not in (None, "recorded as failed")
    assert_truthful(workspace)


def test_another_process_may_adopt_the_file_first(workspace: Workspace) -> None:
    """The commit that comes second finds the row as it would have written it."""
    whole = run(workspace).record
    catalog = Catalog.open(workspace)
    tables = catalog.tables(whole.id)
    assert whole.file is not None
    assert whole.file_sha256 is not None
    again = catalog.complete(
        whole.id,
        status=whole.status,
        file=whole.file,
        sha256=whole.file_sha256,
        tables=tables,
        timings=whole.timings,
    )
    assert again == replace(whole, mlflow_run=again.mlflow_run)
