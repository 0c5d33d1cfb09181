"""Runs that MLflow does not have."""

from __future__ import annotations

from l5tui.analysis.tables import RunTables
from l5tui.store.catalog import Catalog
from l5tui.store.records import NewRun, RunStatus


def test_runs_that_ended_without_an_mlflow_run_are_listed_newest_first(
    catalog: Catalog, new_run: NewRun, tables: RunTables
) -> None:
    cancelled, tracked, completed, failed, running = (catalog.start(new_run).id for _ in range(5))
    catalog.end(cancelled, status=RunStatus.CANCELLED)
    catalog.end(failed, status=RunStatus.FAILED, error="the disk is full")
    for run_id in (tracked, completed):
        catalog.complete(
            run_id,
            status=RunStatus.COMPLETED,
            file=f"{run_id}.nc",
            sha256="0" * 64,
            tables=tables,
            timings={},
        )
    catalog.note_mlflow(tracked, "abc")
    assert [run.id for run in catalog.untracked(20)] == [failed, completed, cancelled]
    assert [run.id for run in catalog.untracked(2)] == [failed, completed]
    assert catalog.find(running).status is RunStatus.RUNNING


def test_noting_the_mlflow_run_can_bring_the_timings_up_to_date(
    catalog: Catalog, new_run: NewRun, tables: RunTables
) -> None:
    run_id = catalog.start(new_run).id
    catalog.complete(
        run_id,
        status=RunStatus.COMPLETED,
        file="a.nc",
        sha256="0" * 64,
        tables=tables,
        timings={"simulate": 1.5},
    )
    catalog.note_mlflow(run_id, "abc")
    assert catalog.find(run_id).timings == {"simulate": 1.5}
    catalog.note_mlflow(run_id, "abc", {"simulate": 1.5, "track": 0.25})
    assert catalog.find(run_id).timings == {"simulate": 1.5, "track": 0.25}
    assert catalog.untracked(20) == []
