"""Runs that MLflow lacks are recorded later."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import fields
from datetime import UTC, datetime, timedelta

import pytest
from filelock import FileLock

from l5tui.runner.catch_up import AT_ONCE, MOST_FAILURES, PATIENCE, catch_up
from l5tui.runner.events import Event, PhaseStarted
from l5tui.runner.report import RunReport
from l5tui.store.catalog import Catalog
from l5tui.store.process import boot_id
from l5tui.store.records import NewRun, RunStatus
from l5tui.tracking.mlflow_database import open_client
from l5tui.workspace import Workspace
from tests.runner.running import in_mlflow
from tests.runner.running import tracked_run as run
from tests.workspaces import DIVERGING, TINY

LIGHT = TINY.replace('figures = "none"', 'figures = "light"')


def unrecorded(workspace: Workspace, toml: str = TINY) -> RunReport:
    """A run that ends while MLflow cannot be used, in a process that is gone."""
    aside = workspace.mlflow_database.rename(workspace.mlruns / "aside")
    workspace.mlflow_database.mkdir()
    report = run(workspace, toml)
    workspace.mlflow_database.rmdir()
    aside.rename(workspace.mlflow_database)
    assert report.record.mlflow_run is None
    assert len(report.warnings) == 1
    change(workspace, report.record.id, process_started=f"{boot_id()} 1")
    return report


def change(workspace: Workspace, run_id: str, **values: object) -> None:
    """Change a run's row behind l5tui's back."""
    with closing(sqlite3.connect(workspace.catalog)) as connection, connection:
        for column, value in values.items():
            connection.execute(f"UPDATE run SET {column} = ? WHERE id = ?", (value, run_id))


def cancelled(workspace: Workspace) -> RunReport:
    """A run that is cancelled."""
    return run(workspace, cancelled=lambda: True)


def many_cancelled(workspace: Workspace, catalog: Catalog, number: int) -> list[str]:
    """Ids of cancelled runs, oldest first."""
    first = cancelled(workspace).record
    names = [field.name for field in fields(NewRun)]
    again = NewRun(**{name: getattr(first, name) for name in names})
    ids = [first.id]
    for _ in range(number - 1):
        ids.append(catalog.start(again).id)
        catalog.end(ids[-1], status=RunStatus.CANCELLED, error="interrupted")
    return ids


def test_the_next_run_records_cancelled_failed_and_missing_ones(
    workspace: Workspace, catalog: Catalog
) -> None:
    def break_down(event: Event) -> None:
        if event == PhaseStarted("measure"):
            raise ValueError("out of luck")

    ends = {
        cancelled(workspace).record.id: "KILLED",
        run(workspace, observe=break_down).record.id: "FAILED",
        unrecorded(workspace, DIVERGING).record.id: "FAILED",
        unrecorded(workspace).record.id: "FINISHED",
    }
    assert in_mlflow(workspace) == {}
    events: list[Event] = []
    ends[run(workspace, observe=events.append).record.id] = "FINISHED"
    assert PhaseStarted("catch_up") in events
    found = in_mlflow(workspace)
    assert {run_id: each.info.status for run_id, each in found.items()} == ends
    for run_id, each in found.items():
        record = catalog.find(run_id)
        assert record.mlflow_run == each.info.run_id
        assert each.data.tags["l5tui.status"] == record.status
        assert each.data.tags.get("l5tui.error", "") == (record.error or "")
        assert each.data.params["seed"] == "42"
        assert record.ended is not None
        assert abs(each.info.end_time / 1000 - record.ended.timestamp()) < 0.01
    assert catalog.untracked(AT_ONCE) == []


@pytest.mark.slow
def test_a_later_record_equals_the_one_made_at_once(workspace: Workspace, catalog: Catalog) -> None:
    missed, recorded = unrecorded(workspace, LIGHT), run(workspace, LIGHT)
    assert catch_up(workspace, catalog) == 0
    found = in_mlflow(workspace)
    then, later = found[recorded.record.id], found[missed.record.id]
    assert later.data.metrics == then.data.metrics
    assert later.data.params == then.data.params
    own = {"l5tui.run_id", "l5tui.file", "l5tui.file_sha256"}
    assert {k: v for k, v in later.data.tags.items() if k not in own} == {
        k: v for k, v in then.data.tags.items() if k not in own
    }
    with open_client(workspace) as client:
        histories = [
            [
                (point.step, point.value)
                for point in client.get_metric_history(each.info.run_id, "rate_over_time/PV")
            ]
            for each in (then, later)
        ]
        assert histories[0] == histories[1]
        figures = [client.list_artifacts(each.info.run_id, "figures") for each in (then, later)]
    assert [[file.path for file in files] for files in figures] == [
        ["figures/selectivity.png", "figures/weights.png"]
    ] * 2


def test_a_run_whose_process_may_still_record_it_is_skipped(workspace: Workspace, catalog: Catalog) -> None:
    run_id = unrecorded(workspace).record.id
    alive = catalog.find(run(workspace).record.id)
    # The catch-up has recorded the first in MLflow; undo that.
    change(workspace, run_id, mlflow_run=None, process_started=alive.process_started, pid=os.getpid())
    assert catch_up(workspace, catalog) == 0
    change(workspace, run_id, host="elsewhere", pid=1)
    assert catch_up(workspace, catalog) == 0
    long_ago = datetime.now(UTC) - PATIENCE - timedelta(seconds=1)
    change(workspace, run_id, ended=long_ago.isoformat(timespec="microseconds"))
    with open_client(workspace) as client:
        client.delete_run(in_mlflow(workspace)[run_id].info.run_id)
    assert catch_up(workspace, catalog) == 1
    assert catalog.find(run_id).mlflow_run == in_mlflow(workspace)[run_id].info.run_id


@pytest.mark.parametrize(
    "spoil",
    [
        lambda workspace, report: shutil.rmtree(workspace.runs),
        lambda workspace, report: (workspace.root / report.record.file).write_bytes(b"garbage"),
        lambda workspace, report: change(
            workspace, report.record.id, toml="[plasticity]\nrule = 'forgotten'"
        ),
    ],
    ids=["no files", "a damaged file", "a rule of another l5tui"],
)
def test_the_rest_of_a_run_is_recorded(
    workspace: Workspace, catalog: Catalog, spoil: Callable[[Workspace, RunReport], object]
) -> None:
    report = unrecorded(workspace)
    spoil(workspace, report)
    now = run(workspace)
    assert now.warnings == ()
    found = in_mlflow(workspace)
    assert found.keys() == {report.record.id, now.record.id}
    assert found[report.record.id].data.metrics["loss"] == report.record.loss


@pytest.mark.slow
def test_a_limited_number_is_recorded_at_once_newest_first(workspace: Workspace, catalog: Catalog) -> None:
    ids = many_cancelled(workspace, catalog, AT_ONCE + 2)
    assert catch_up(workspace, catalog) == AT_ONCE
    assert in_mlflow(workspace).keys() == set(ids[2:])
    assert catch_up(workspace, catalog) == 2
    assert catch_up(workspace, catalog) == 0
    assert in_mlflow(workspace).keys() == set(ids)


def test_while_mlflow_is_down_it_gives_up_soon(
    workspace: Workspace, catalog: Catalog, caplog: pytest.LogCaptureFixture
) -> None:
    many_cancelled(workspace, catalog, AT_ONCE)
    workspace.mlflow_database.write_bytes(b"garbage " * 1000)
    assert catch_up(workspace, catalog) == 0
    assert len([record for record in caplog.records if record.exc_info]) == MOST_FAILURES


def test_nothing_is_recorded_twice_while_another_process_records(
    workspace: Workspace, catalog: Catalog
) -> None:
    many_cancelled(workspace, catalog, 1)
    with FileLock(workspace.mlruns / "catch-up.lock"):
        assert catch_up(workspace, catalog) == 0
    assert in_mlflow(workspace) == {}
    assert catch_up(workspace, catalog) == 1
