"""Runs whose process is gone are closed; live ones are left alone."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from l5tui.store import silence
from l5tui.store.catalog import Catalog
from l5tui.store.netcdf import part_of
from l5tui.store.process import process_start_time
from l5tui.store.records import NewRun, RunStatus
from l5tui.workspace import Workspace
from tests.cli.processes import clean_environment

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
DEAD = 2**22 + 1
"""A process number above the largest of Linux."""


def test_run_of_a_killed_process_is_closed_once(catalog: Catalog, new_run: NewRun) -> None:
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    run = catalog.start(replace(new_run, pid=child.pid, process_started=process_start_time(child.pid)))
    assert catalog.close_stale() == []
    child.kill()
    child.wait()
    (closed,) = catalog.close_stale()
    assert closed.id == run.id
    assert closed.status is RunStatus.FAILED
    assert closed.error == f"interrupted: process {child.pid} ended without a final status"
    assert closed.ended is not None
    assert catalog.close_stale() == []
    assert catalog.find(run.id) == closed


@pytest.mark.skipif(sys.platform != "linux", reason="start times are read from /proc")
def test_successor_of_a_process_does_not_keep_its_run(catalog: Catalog, new_run: NewRun) -> None:
    alive = catalog.start(new_run)
    assert new_run.process_started is not None
    boot, _, namespace = new_run.process_started.split()
    old = catalog.start(replace(new_run, process_started=f"{boot} 1 {namespace}"))
    assert [run.id for run in catalog.close_stale()] == [old.id]
    assert catalog.find(alive.id) == alive


@pytest.fixture
def steady(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The monotonic clock of this machine; the last number is the time."""
    seconds = [1000.0]
    monkeypatch.setattr(silence, "steady_seconds", lambda: seconds[-1])
    return seconds


def test_other_machines_are_judged_by_their_heartbeat(
    workspace: Workspace, new_run: NewRun, steady: list[float]
) -> None:
    moments = [NOON]
    catalog = Catalog.open(workspace, clock=lambda: moments[0])
    silent = catalog.start(replace(new_run, host="elsewhere", pid=1, process_started="x"))
    beating = catalog.start(replace(new_run, host="elsewhere", pid=1, process_started="x"))
    moments[0] = NOON + timedelta(minutes=10)
    assert catalog.close_stale() == []
    assert catalog.beat(beating.id)
    moments[0] += timedelta(microseconds=1)
    assert catalog.close_stale() == []
    moments[0] += timedelta(minutes=9)
    assert catalog.beat(beating.id)
    steady.append(1599.0)
    assert catalog.close_stale() == []
    steady.append(1600.0)
    (closed,) = catalog.close_stale()
    assert closed.id == silent.id
    assert closed.error == "interrupted: no heartbeat from elsewhere since 2026-03-01 12:00:00 UTC"
    assert catalog.find(beating.id).status is RunStatus.RUNNING


def test_this_machines_live_run_may_be_silent(workspace: Workspace, new_run: NewRun) -> None:
    moments = [NOON]
    catalog = Catalog.open(workspace, clock=lambda: moments[0])
    run = catalog.start(new_run)
    moments[0] += timedelta(days=30)
    assert catalog.close_stale() == []
    assert catalog.runs() == [run]


@pytest.mark.parametrize("jump", [timedelta(hours=-7), timedelta(hours=7)])
def test_a_clock_that_jumps_closes_no_live_run(
    workspace: Workspace, new_run: NewRun, steady: list[float], jump: timedelta
) -> None:
    moments = [NOON]
    catalog = Catalog.open(workspace, clock=lambda: moments[0])
    own = catalog.start(new_run)
    other = catalog.start(replace(new_run, host="elsewhere", pid=1))
    moments[0] += jump
    for _ in range(3):
        assert catalog.close_stale() == []
        steady.append(steady[-1] + 599.0)
        assert catalog.beat(other.id)
    assert {run.id for run in catalog.runs(status=RunStatus.RUNNING)} == {own.id, other.id}


@pytest.mark.parametrize("clock_set", [timedelta(days=-400), timedelta(hours=30)])
def test_a_dead_run_is_closed_though_the_clock_was_set(
    workspace: Workspace, new_run: NewRun, steady: list[float], clock_set: timedelta
) -> None:
    moments = [NOON]
    catalog = Catalog.open(workspace, clock=lambda: moments[0])
    dead = catalog.start(replace(new_run, host="elsewhere", pid=1))
    moments[0] += clock_set
    assert catalog.close_stale() == []
    steady.append(steady[-1] + 600.0)
    assert [run.id for run in catalog.close_stale()] == [dead.id]


def test_a_heartbeat_of_days_ago_is_silent_at_the_first_look(workspace: Workspace, new_run: NewRun) -> None:
    moments = [NOON]
    catalog = Catalog.open(workspace, clock=lambda: moments[0])
    catalog.start(replace(new_run, host="elsewhere", pid=1))
    moments[0] += timedelta(days=2)
    assert len(catalog.close_stale()) == 1


def test_another_container_is_judged_by_its_heartbeat(
    workspace: Workspace, new_run: NewRun, steady: list[float]
) -> None:
    moments = [NOON]
    catalog = Catalog.open(workspace, clock=lambda: moments[0])
    assert new_run.process_started is not None
    boot = new_run.process_started.split()[0]
    catalog.start(replace(new_run, pid=DEAD, process_started=f"{boot} 5 4026539999"))
    assert catalog.close_stale() == []
    moments[0] += timedelta(minutes=11)
    assert catalog.close_stale() == []
    steady.append(steady[-1] + 600.0)
    assert len(catalog.close_stale()) == 1


def test_after_a_restart_of_the_machine_its_runs_are_closed(workspace: Workspace, new_run: NewRun) -> None:
    now = datetime.now(UTC)
    moments = [now - timedelta(days=3000)]
    catalog = Catalog.open(workspace, clock=lambda: moments[0])
    before = catalog.start(replace(new_run, process_started="1234-boot 5 4026531836"))
    moments[0] = now
    # Another machine that has the same name.
    namesake = catalog.start(replace(new_run, process_started="1234-boot 5 4026531836"))
    (closed,) = catalog.close_stale()
    assert closed.id == before.id
    assert closed.error == f"interrupted: {new_run.host} was restarted"
    assert catalog.find(namesake.id).status is RunStatus.RUNNING


LOOK = """
import sys
from pathlib import Path
from l5tui.runner.opening import open_catalog
from l5tui.store.netcdf import clear_partial_files
from l5tui.tuning.study import open_studies
from l5tui.workspace import Workspace
workspace = Workspace(Path(sys.argv[1]))
open_catalog(workspace)
open_studies(workspace)
print(len(clear_partial_files(workspace.runs)))
"""


def test_a_look_from_another_container_closes_no_live_run_and_takes_no_file(
    workspace: Workspace, new_run: NewRun
) -> None:
    container = ["unshare", "--pid", "--fork", "--mount-proc"]
    if shutil.which("unshare") is None or subprocess.run([*container, "true"], check=False).returncode:
        pytest.skip("PID namespaces are not permitted here")
    run = Catalog.open(workspace).start(new_run)
    workspace.runs.mkdir(exist_ok=True)
    part = part_of(workspace.runs / f"{run.id}.nc")
    part.touch()
    looked = subprocess.run(
        [*container, sys.executable, "-c", LOOK, str(workspace.root)],
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert looked.stdout == "0\n"
    assert Catalog.open(workspace).find(run.id) == run
    assert part.exists()
