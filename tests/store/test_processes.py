"""Several processes at once, and processes that are killed."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing

import pytest

from l5tui.store.catalog import Catalog
from l5tui.store.netcdf import clear_partial_files, open_run, verify_run
from l5tui.store.records import NewRun, RunStatus
from l5tui.workspace import Workspace

PRELUDE = """
import os, socket, sys, time
from pathlib import Path
from l5tui.analysis.tables import RunTables, SelectivityRow
from l5tui.store.catalog import Catalog
from l5tui.store.process import process_start_time
from l5tui.store.records import NewRun, RunStatus
from l5tui.workspace import Workspace

workspace = Workspace(Path(sys.argv[1]))
new = NewRun(name="n", seed=1, hash="h", toml="", variant="corrected", rule="oja", tags=("a", "b"),
             host=socket.gethostname(), pid=os.getpid(), process_started=process_start_time(os.getpid()))
"""

STARTERS = (
    PRELUDE
    + """
print("ready", flush=True)
sys.stdin.readline()
catalog = Catalog.open(workspace)
for _ in range(5):
    print(catalog.start(new).id, flush=True)
"""
)

WRITER = (
    PRELUDE
    + """
import numpy as np
import xarray as xr
from tests.run_files import write_run

noise = np.random.default_rng(0).normal(size=(5, 4, 400, 400)).astype("f4")
dataset = xr.Dataset({"final_weights": (("realization", "direction", "post_neuron", "pre_neuron"), noise)})
rows = tuple(SelectivityRow("after", "OS", "mean", str(i), 0.5) for i in range(300))
tables = RunTables(rows, (), {}, 1.0, {})
catalog = Catalog.open(workspace)
while True:
    run = catalog.start(new)
    path = workspace.runs / f"{run.id}.nc"
    sha256 = write_run(path, dataset)
    catalog.complete(run.id, status=RunStatus.COMPLETED, file=workspace.relative(path), sha256=sha256,
                     tables=tables, timings={})
    print(run.id, flush=True)
"""
)


@pytest.mark.slow
def test_eight_processes_at_once_on_an_empty_store(workspace: Workspace) -> None:
    children = [
        subprocess.Popen(
            [sys.executable, "-c", STARTERS, str(workspace.root)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(8)
    ]
    for child in children:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
    for child in children:
        assert child.stdin is not None
        child.stdin.write("\n")
        child.stdin.flush()
    ended = [child.communicate() for child in children]
    assert [(child.returncode, err) for child, (_, err) in zip(children, ended, strict=True)] == [(0, "")] * 8
    printed = [out.split() for out, _ in ended]
    assert all(ids == sorted(ids) and len(ids) == 5 for ids in printed)
    runs = Catalog.open(workspace).runs()
    assert [run.id for run in runs] == sorted({run_id for ids in printed for run_id in ids}, reverse=True)
    assert len(runs) == 40
    assert {run.tags for run in runs} == {("a", "b")}
    with closing(sqlite3.connect(workspace.catalog)) as connection:
        in_order = connection.execute("SELECT id FROM run ORDER BY rowid").fetchall()
    assert [run_id for (run_id,) in in_order] == [run.id for run in reversed(runs)]


@pytest.mark.slow
@pytest.mark.parametrize("moment", ["file", "catalogue"])
def test_killed_writer_leaves_a_whole_store(workspace: Workspace, new_run: NewRun, moment: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(workspace.root)], stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        finished = child.stdout.readline().strip()
        if moment == "file":
            _wait_for(lambda: any(workspace.runs.glob("*.part")))
        else:
            known = len(list(workspace.runs.glob("*.nc")))
            _wait_for(lambda: len(list(workspace.runs.glob("*.nc"))) > known)
        child.kill()
    if moment == "file":
        assert len(list(workspace.runs.glob("*.part"))) == 1
    with closing(sqlite3.connect(workspace.catalog)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    catalog = Catalog.open(workspace)
    closed = catalog.close_stale()
    assert len(closed) <= 1
    assert all(
        run.error == f"interrupted: process {child.pid} ended without a final status" for run in closed
    )
    runs = catalog.runs()
    assert finished in {run.id for run in runs}
    for run in runs:
        tables = catalog.tables(run.id)
        if run.status is RunStatus.COMPLETED:
            assert run.file is not None
            assert run.file_sha256 is not None
            assert verify_run(workspace.root / run.file, run.file_sha256)
            assert len(tables.selectivity) == 300
        else:
            assert run.status is RunStatus.FAILED
            assert tables.selectivity == ()
    clear_partial_files(workspace.runs)
    assert {path.suffix for path in workspace.runs.iterdir()} == {".nc"}
    for path in workspace.runs.iterdir():
        assert open_run(path).final_weights.shape == (5, 4, 400, 400)
    assert catalog.start(new_run).id > max(run.id for run in runs)


def _wait_for(condition: Callable[[], bool], timeout_s: float = 30.0) -> None:
    until = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.001)


SET_BACK = (
    PRELUDE
    + """
from datetime import UTC, datetime, timedelta
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
Catalog.open(workspace)
children = []
for child in range(5):
    if not (pid := os.fork()):
        # A clock that stands still, and others that go backwards from there.
        catalog = Catalog.open(workspace, clock=lambda: NOON - timedelta(days=child) * (catalog.count % 3))
        for catalog.count in range(20):
            catalog.start(new)
        os._exit(0)
    children.append(pid)
sys.exit(any(os.waitpid(pid, 0)[1] for pid in children))
"""
)


def test_ids_of_several_processes_rise_whatever_their_clocks_say(workspace: Workspace) -> None:
    done = subprocess.run([sys.executable, "-c", SET_BACK, str(workspace.root)], check=False)
    assert done.returncode == 0
    with closing(sqlite3.connect(workspace.catalog)) as connection:
        made = [run_id for (run_id,) in connection.execute("SELECT id FROM run ORDER BY rowid")]
    assert len(made) == 100
    assert made == sorted(set(made))
