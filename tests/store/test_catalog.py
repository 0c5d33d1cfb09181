"""A run's way through the catalogue."""

from __future__ import annotations

import json
import math
import sqlite3
from contextlib import closing
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from l5tui.analysis.tables import RunTables
from l5tui.errors import StoreError, UnknownRunError
from l5tui.store.catalog import Catalog
from l5tui.store.records import NewRun, RunRecord, RunStatus
from l5tui.store.run_id import moment_of
from l5tui.workspace import Workspace

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SHA = "ab" * 32


def complete(
    catalog: Catalog,
    run_id: str,
    tables: RunTables,
    status: RunStatus = RunStatus.COMPLETED,
    sha256: str = SHA,
) -> RunRecord:
    return catalog.complete(
        run_id,
        status=status,
        file=f"store/runs/{run_id}.nc",
        sha256=sha256,
        tables=tables,
        timings={"simulate": 0.1, "save": 2.0},
    )


def test_started_run_comes_back_as_it_was_given(catalog: Catalog, new_run: NewRun) -> None:
    before = datetime.now(UTC)
    run = catalog.start(new_run)
    after = datetime.now(UTC)
    assert {f.name: getattr(run, f.name) for f in fields(NewRun)} == vars(new_run)
    assert run.status is RunStatus.RUNNING
    assert before <= run.created <= after
    assert run.started == run.heartbeat == run.created == moment_of(run.id)
    assert run.ended is None
    assert (run.file, run.file_sha256, run.error, run.mlflow_run, run.timings) == (None, None, None, None, {})
    assert math.isnan(run.loss)
    assert [run] == catalog.runs()


def test_completed_run_has_everything(workspace: Workspace, new_run: NewRun, tables: RunTables) -> None:
    moments = [NOON]
    catalog = Catalog.open(workspace, clock=lambda: moments[0])
    started = catalog.start(new_run)
    moments[0] = NOON + timedelta(seconds=90)
    run = complete(catalog, started.id, tables)
    assert run == replace(
        started,
        status=RunStatus.COMPLETED,
        ended=NOON + timedelta(seconds=90),
        loss=1 / 3,
        file=f"store/runs/{started.id}.nc",
        file_sha256=SHA,
        timings={"simulate": 0.1, "save": 2.0},
    )
    assert catalog.find(run.id) == run


def test_tables_come_back_in_order_and_bit_for_bit(
    catalog: Catalog, new_run: NewRun, tables: RunTables
) -> None:
    run_id = catalog.start(new_run).id
    complete(catalog, run_id, tables)
    got = catalog.tables(run_id)
    assert repr(got.selectivity) == repr(tables.selectivity).replace("-inf", "nan").replace("inf", "nan")
    assert got.weights == tables.weights
    assert repr(got.summary) == repr(tables.summary)
    assert repr(got.loss_terms) == repr(tables.loss_terms)
    assert got.loss == tables.loss


def test_targets_are_those_of_the_run_s_own_experiment(
    catalog: Catalog, new_run: NewRun, tables: RunTables
) -> None:
    with_targets = replace(tables, loss_terms={**tables.loss_terms, "targets": 1.0})
    runs = {}
    for value in (2.0, 3.0):
        toml = f'[targets]\n"after/rate.CC" = {{value = {value}, uncertainty = 0.5, source = "made up"}}\n'
        runs[value] = catalog.start(replace(new_run, toml=toml)).id
        complete(catalog, runs[value], with_targets)
    for value, run_id in runs.items():
        assert [row.wanted for row in catalog.tables(run_id).targets] == [value]


def test_undefined_numbers_are_null_in_the_file(
    workspace: Workspace, catalog: Catalog, new_run: NewRun, tables: RunTables
) -> None:
    run = complete(catalog, catalog.start(new_run).id, replace(tables, loss=math.inf), RunStatus.DIVERGED)
    assert run.status is RunStatus.DIVERGED
    assert math.isnan(run.loss)
    with closing(sqlite3.connect(workspace.catalog)) as connection:
        undefined = connection.execute("SELECT position FROM selectivity WHERE value IS NULL").fetchall()
        assert sorted(undefined) == [(0,), (1,), (2,)]
        assert connection.execute("SELECT loss FROM run").fetchall() == [(None,)]


def test_numpy_scalars_are_numbers(
    workspace: Workspace, catalog: Catalog, new_run: NewRun, tables: RunTables
) -> None:
    seed: Any = np.int64(7)
    summary: Any = {"a": np.float32(0.5), "b": np.int64(3)}
    given = replace(tables, summary=summary, loss=np.float64(0.25))
    run_id = catalog.start(replace(new_run, seed=seed)).id
    complete(catalog, run_id, given)
    assert catalog.tables(run_id).summary == {"a": 0.5, "b": 3.0}
    with closing(sqlite3.connect(workspace.catalog)) as connection:
        assert connection.execute("SELECT typeof(seed), typeof(loss) FROM run").fetchall() == [
            ("integer", "real")
        ]
        kinds = connection.execute("SELECT DISTINCT typeof(value) FROM summary").fetchall()
        assert kinds == [("real",)]


def test_a_stranger_can_read_the_row(workspace: Workspace, catalog: Catalog, new_run: NewRun) -> None:
    catalog.start(new_run)
    with closing(sqlite3.connect(workspace.catalog)) as connection:
        created, versions = connection.execute("SELECT created, versions FROM run").fetchone()
        (age,) = connection.execute(
            "SELECT (julianday('now') - julianday(created)) * 86400 FROM run"
        ).fetchone()
    assert created.endswith("+00:00")
    assert -1 < age < 60
    assert json.loads(versions) == dict(new_run.versions)


def test_repeated_tags_count_once(catalog: Catalog, new_run: NewRun) -> None:
    assert catalog.start(replace(new_run, tags=("b", "a", "b"))).tags == ("b", "a")


@pytest.mark.parametrize("status", [RunStatus.FAILED, RunStatus.CANCELLED, RunStatus.DIVERGED])
def test_run_that_does_not_come_to_its_end(catalog: Catalog, new_run: NewRun, status: RunStatus) -> None:
    run_id = catalog.start(new_run).id
    run = catalog.end(run_id, status=status, error="no such file: b\udcff")
    assert (run.status, run.error) == (status, "no such file: b\\udcff")
    assert run.ended is not None
    tables = catalog.tables(run_id)
    assert (tables.selectivity, tables.weights, tables.summary, tables.loss_terms) == ((), (), {}, {})
    assert math.isnan(tables.loss)


@pytest.mark.parametrize("status", [RunStatus.COMPLETED, RunStatus.RUNNING, RunStatus.QUEUED])
def test_no_run_ends_without_its_tables_as(catalog: Catalog, new_run: NewRun, status: RunStatus) -> None:
    run = catalog.start(new_run)
    with pytest.raises(ValueError, match=status.value):
        catalog.end(run.id, status=status)
    assert catalog.runs() == [run]


@pytest.mark.parametrize(
    "first", [RunStatus.COMPLETED, RunStatus.DIVERGED, RunStatus.FAILED, RunStatus.CANCELLED]
)
def test_what_has_ended_stays_as_it_is(
    catalog: Catalog, new_run: NewRun, tables: RunTables, first: RunStatus
) -> None:
    run_id = catalog.start(new_run).id
    if first in (RunStatus.COMPLETED, RunStatus.DIVERGED):
        complete(catalog, run_id, tables, first)
    else:
        catalog.end(run_id, status=first, error="first")
    ended = catalog.find(run_id)
    with pytest.raises(StoreError, match=f"{run_id} is {first} already and cannot become completed"):
        complete(catalog, run_id, tables, sha256="0" * 64)
    with pytest.raises(StoreError, match=f"{run_id} is {first} already and cannot become failed"):
        catalog.end(run_id, status=RunStatus.FAILED, error="second")
    assert not catalog.beat(run_id)
    assert catalog.close_stale() == []
    assert catalog.find(run_id) == ended


def test_failure_to_save_tables_leaves_the_run_as_it_was(
    catalog: Catalog, new_run: NewRun, tables: RunTables
) -> None:
    run = catalog.start(new_run)
    with pytest.raises(StoreError, match="UNIQUE"):
        complete(catalog, run.id, replace(tables, weights=tables.weights + tables.weights[:1]))
    assert catalog.runs() == [run]
    assert catalog.tables(run.id).selectivity == ()
    assert complete(catalog, run.id, tables).status is RunStatus.COMPLETED


def test_heartbeat_moves_only_itself(workspace: Workspace, new_run: NewRun) -> None:
    moments = [NOON]
    catalog = Catalog.open(workspace, clock=lambda: moments[0])
    run, other = catalog.start(new_run), catalog.start(new_run)
    moments[0] += timedelta(seconds=10)
    assert catalog.beat(run.id)
    assert catalog.runs() == [other, replace(run, heartbeat=NOON + timedelta(seconds=10))]
    assert not catalog.beat("20260101-000000-000000")


def test_mlflow_is_noted_after_the_end_too(catalog: Catalog, new_run: NewRun, tables: RunTables) -> None:
    run = complete(catalog, catalog.start(new_run).id, tables)
    catalog.note_mlflow(run.id, "f00")
    assert catalog.find(run.id) == replace(run, mlflow_run="f00")


def test_tags_and_notes_are_those_of_one_run(catalog: Catalog, new_run: NewRun) -> None:
    changed, other = catalog.start(new_run), catalog.start(new_run)

    returned = [catalog.set_notes(changed.id, "new"), catalog.set_tags(changed.id, ("fig", "a", "fig"))]

    assert [(each.notes, each.tags) for each in returned] == [("new", new_run.tags), ("new", ("fig", "a"))]
    assert catalog.runs() == [other, returned[-1]]
    with pytest.raises(UnknownRunError):
        catalog.set_notes("none", "new")
    with pytest.raises(UnknownRunError):
        catalog.set_tags("none", ("a",))


def test_unknown_runs_are_refused(catalog: Catalog, tables: RunTables) -> None:
    missing = "20260101-000000-000000"
    for call in (
        lambda: complete(catalog, missing, tables),
        lambda: catalog.end(missing, status=RunStatus.FAILED),
        lambda: catalog.note_mlflow(missing, "x"),
        lambda: catalog.tables(missing),
    ):
        with pytest.raises(UnknownRunError, match=missing):
            call()


def test_ids_rise_though_the_clock_is_set_back_or_stands_still(workspace: Workspace, new_run: NewRun) -> None:
    clock = iter(
        [NOON, NOON, NOON - timedelta(days=400), NOON + timedelta(microseconds=1), NOON + timedelta(1)]
    )
    catalog = Catalog.open(workspace, clock=clock.__next__)
    ids = [catalog.start(new_run).id for _ in range(5)]
    assert ids == sorted(set(ids))
    after_noon = [(moment_of(run_id) - NOON) / timedelta(microseconds=1) for run_id in ids]
    assert after_noon == [0, 1, 2, 3, 86_400_000_000]
    assert [run.id for run in catalog.runs()] == ids[::-1]
