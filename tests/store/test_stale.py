"""Runs whose process is gone are closed; live ones are left alone."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from l5tui.store.catalog import Catalog
from l5tui.store.process import process_start_time
from l5tui.store.records import NewRun, RunStatus
from l5tui.workspace import Workspace

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_run_of_a_killed_process_is_closed_once(catalog: Catalog, new_run: NewRun) -> None:
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    run = catalog.start(replace(new_run, pid=child.pid, process_started=process_start_time(child.pid)))
    assert catalog.close_stale() == []
    child.kill()
    child.wait()
    (closed,) = catalog.close_stale()
    assert closed.id == run.id
    assert closed.status is RunStatus.FAILED
    assert closed.error == f"interrupted: process {child.pid} ended without a word"
    assert closed.ended is not None
    assert catalog.close_stale() == []
    assert catalog.find(run.id) == closed


@pytest.mark.skipif(sys.platform != "linux", reason="start times are read from /proc")
def test_successor_of_a_process_does_not_keep_its_run(catalog: Catalog, new_run: NewRun) -> None:
    alive = catalog.start(new_run)
    old = catalog.start(replace(new_run, process_started="another boot 12345"))
    assert [run.id for run in catalog.close_stale()] == [old.id]
    assert catalog.find(alive.id) == alive


def test_other_machines_are_judged_by_their_heartbeat(workspace: Workspace, new_run: NewRun) -> None:
    moments = [NOON]
    catalog = Catalog.open(workspace, clock=lambda: moments[0])
    silent = catalog.start(replace(new_run, host="elsewhere", pid=1, process_started="x"))
    beating = catalog.start(replace(new_run, host="elsewhere", pid=1, process_started="x"))
    moments[0] = NOON + timedelta(minutes=10)
    assert catalog.close_stale() == []
    assert catalog.beat(beating.id)
    moments[0] += timedelta(microseconds=1)
    (closed,) = catalog.close_stale()
    assert closed.id == silent.id
    assert closed.error == "interrupted: nothing heard from elsewhere since 2026-03-01 12:00:00 UTC"
    assert catalog.find(beating.id).status is RunStatus.RUNNING


def test_this_machines_live_run_may_be_silent(workspace: Workspace, new_run: NewRun) -> None:
    moments = [NOON]
    catalog = Catalog.open(workspace, clock=lambda: moments[0])
    run = catalog.start(new_run)
    moments[0] += timedelta(days=30)
    assert catalog.close_stale() == []
    assert catalog.runs() == [run]
