"""Tags, notes and deleting, in the catalogue, on the disk and in MLflow."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from l5tui.errors import StoreError, UnknownRunError
from l5tui.runner.catch_up import record_stored
from l5tui.runner.curation import delete_run, note_run, tag_run
from l5tui.runner.events import Event, PhaseStarted
from l5tui.runner.history import show_run
from l5tui.runner.overview import last_by_experiment, overview
from l5tui.store.catalog import Catalog
from l5tui.store.labels import Labels, load_labels
from l5tui.store.records import NewRun
from l5tui.workspace import Workspace, create_workspace
from tests.runner.running import in_mlflow
from tests.runner.running import run as untracked_run
from tests.runner.running import tracked_run as run
from tests.workspaces import assert_truthful, rows, run_files


def test_tags_are_added_and_taken_away_everywhere(workspace: Workspace, catalog: Catalog) -> None:
    record = run(workspace).record
    assert tag_run(workspace, "last", add=["b", "apple", "b"]).record.tags == ("zebra", "apple", "b")
    done = tag_run(workspace, record.id, add=["c"], remove=["zebra", "none such"])
    assert (done.record.tags, done.warnings) == (("apple", "b", "c"), ())
    assert catalog.find(record.id).tags == ("apple", "b", "c")
    assert [found.id for found in catalog.runs(tag="c")] == [record.id]
    assert in_mlflow(workspace)[record.id].data.tags["l5tui.tags"] == "apple, b, c"
    for tag in ("", "x" * 101):
        with pytest.raises(StoreError, match="1 to 100 characters"):
            tag_run(workspace, "last", add=[tag])
    assert catalog.find(record.id).tags == ("apple", "b", "c")


def test_notes_are_replaced_everywhere(workspace: Workspace, catalog: Catalog) -> None:
    record = run(workspace).record
    note_run(workspace, "last", "two\nlines \udcff")
    assert catalog.find(record.id).notes == "two\nlines \\udcff"
    assert in_mlflow(workspace)[record.id].data.tags["mlflow.note.content"] == "two\nlines \\udcff"
    with pytest.raises(StoreError, match="20,000 characters"):
        note_run(workspace, "last", "x" * 20_001)


def test_a_deleted_run_is_gone_everywhere_and_others_stay(workspace: Workspace) -> None:
    kept, gone = (run(workspace).record for _ in range(2))
    done = delete_run(workspace, "last")
    assert (done.record.id, done.warnings) == (gone.id, ())
    assert [row["id"] for row in rows(workspace)] == [kept.id]
    assert run_files(workspace) == {f"{kept.id}.nc"}
    assert in_mlflow(workspace).keys() == {kept.id}
    with closing(sqlite3.connect(workspace.catalog)) as connection:
        for table in ("selectivity", "weight", "summary", "loss_term", "run_tag"):
            (ids,) = zip(*connection.execute(f"SELECT DISTINCT run_id FROM {table}"), strict=True)
            assert ids == (kept.id,)
    with pytest.raises(UnknownRunError):
        show_run(workspace, gone.id)
    assert_truthful(workspace)


@pytest.mark.parametrize("moment", ["before", "while"])
def test_a_run_that_is_deleted_before_or_while_mlflow_records_it_is_gone_everywhere(
    workspace: Workspace, moment: str
) -> None:
    kept = run(workspace).record
    deleted: list[str] = []

    def delete() -> dict[str, float]:
        deleted.append(delete_run(workspace, "last").record.id)
        return {}

    def observe(event: Event) -> None:
        if moment == "before" and isinstance(event, PhaseStarted) and event.phase == "track":
            delete()

    if moment == "before":
        report = run(workspace, observe=observe)
        assert report.record.status == "completed"
        assert report.warnings == (f"run {report.record.id} has been deleted by another process",)
    else:
        record = untracked_run(workspace).record
        with pytest.raises(UnknownRunError):
            record_stored(workspace, Catalog.open(workspace), record, delete)
    assert len(deleted) == 1
    assert [row["id"] for row in rows(workspace)] == [kept.id]
    assert in_mlflow(workspace).keys() == {kept.id}


def test_a_run_whose_file_or_mlflow_run_is_gone_already_can_be_deleted(workspace: Workspace) -> None:
    record = run(workspace).record
    (workspace.root / str(record.file)).unlink()
    workspace.mlflow_database.unlink()
    assert delete_run(workspace, "last").warnings == ()
    assert rows(workspace) == []


def test_what_mlflow_refuses_is_a_warning(workspace: Workspace) -> None:
    run(workspace)
    workspace.mlflow_database.unlink()
    workspace.mlflow_database.write_text("no database")
    for done in (tag_run(workspace, "last", add=["x"]), delete_run(workspace, "last")):
        (warning,) = done.warnings
        assert warning.startswith("MLflow")
    assert rows(workspace) == []


def test_a_run_that_still_runs_stays(workspace: Workspace, catalog: Catalog) -> None:
    import os
    import socket

    from l5tui.store.process import process_start_time

    started = process_start_time(os.getpid())
    new = NewRun("x", 1, "h", "", "corrected", "oja", socket.gethostname(), os.getpid(), started)
    record = catalog.start(new)
    with pytest.raises(StoreError, match="still running"):
        delete_run(workspace, record.id)
    with pytest.raises(StoreError, match="still running"):
        catalog.delete(record.id)
    assert [row["id"] for row in rows(workspace)] == [record.id]


def test_notes_and_tags_of_a_running_run_are_copied_when_it_completes(workspace: Workspace) -> None:
    def label(event: Event) -> None:
        if event == PhaseStarted("store"):
            tag_run(workspace, "last", add=["crowd"])
            note_run(workspace, "last", "while it runs")

    report = run(workspace, observe=label)
    copy = load_labels(workspace, report.record.id)
    assert copy == Labels("while it runs", ("zebra", "apple", "crowd"))


def test_looking_for_a_run_makes_no_catalogue(tmp_path_factory: pytest.TempPathFactory) -> None:
    empty = create_workspace(tmp_path_factory.mktemp("empty"))
    with pytest.raises(UnknownRunError, match="no runs yet"):
        tag_run(empty, "last")
    with pytest.raises(UnknownRunError, match="no runs yet"):
        delete_run(empty, "last")
    assert overview(empty) == []
    assert not empty.catalog.exists()


def test_the_overview_agrees_with_the_catalogue(workspace: Workspace, catalog: Catalog) -> None:
    run(workspace)
    newest = run(workspace, cancelled=lambda: True).record
    found = overview(workspace)
    for seen, record in zip(found, catalog.runs(), strict=True):
        assert (seen.id, seen.status, seen.tags) == (record.id, str(record.status), record.tags)
        assert (seen.seed, seen.rule, seen.error) == (record.seed, record.rule, record.error)
        assert seen.loss is None or seen.loss == record.loss
    assert last_by_experiment(found)["tiny", newest.rule].id == newest.id
    workspace.catalog.write_bytes(b"x" * 5000)
    with pytest.raises(StoreError, match="not a SQLite database"):
        overview(workspace)


TAG_AT_ONCE = """
import sys
from pathlib import Path
from l5tui.runner.catch_up import record_stored
from l5tui.runner.curation import note_run, tag_run
from l5tui.workspace import Workspace

workspace, run_id, name = Workspace(Path(sys.argv[1])), sys.argv[2], sys.argv[3]
print("ready", flush=True)
sys.stdin.readline()
for number in range(20):
    changed = tag_run(workspace, run_id, add=[f"{name}-{number}"])
    assert changed.warnings == (), changed.warnings
    note_run(workspace, run_id, f"{name} {number}")
"""


def test_processes_that_tag_a_run_at_once_lose_no_tag_and_the_newest_copy_wins(
    workspace: Workspace, catalog: Catalog
) -> None:
    record = run(workspace).record
    catalog.note_mlflow(record.id, None)  # MLflow takes seconds to load; its tags have a test of their own
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", TAG_AT_ONCE, str(workspace.root), record.id, name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for name in ("a", "b")
    ]
    for writer in writers:
        assert writer.stdout is not None
        with writer.stdout as output:
            assert output.readline() == "ready\n"
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("\n")
        writer.stdin.close()
    assert [writer.wait(60) for writer in writers] == [0, 0]
    now = catalog.find(record.id)
    assert set(now.tags) == {*record.tags, *(f"{name}-{number}" for name in "ab" for number in range(20))}
    assert load_labels(workspace, record.id) == Labels(now.notes, now.tags)


def test_of_several_threads_the_newest_tags_and_notes_are_in_the_copy_and_in_mlflow(
    workspace: Workspace, catalog: Catalog
) -> None:
    record = run(workspace).record
    with ThreadPoolExecutor(4) as threads:
        done = list(threads.map(lambda number: tag_run(workspace, record.id, add=[f"t{number}"]), range(8)))
    assert [each.warnings for each in done] == [()] * 8
    now = catalog.find(record.id)
    assert set(now.tags) == {*record.tags, *(f"t{number}" for number in range(8))}
    assert load_labels(workspace, record.id) == Labels(now.notes, now.tags)
    assert in_mlflow(workspace)[record.id].data.tags["l5tui.tags"] == ", ".join(now.tags)
