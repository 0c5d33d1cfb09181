"""A study on a Dask cluster is the local one, whatever becomes of its workers."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from l5tui.tuning.events import StudyEvent, StudyProgress
from l5tui.tuning.executor import ClusterError
from l5tui.tuning.study import list_studies, run_study
from l5tui.workspace import Workspace
from tests.tuning.searches import experiment_of, search, study_toml

PROJECT = Path(__file__).parents[2]


@contextmanager
def cluster(workers: int, folder: Path) -> Iterator[tuple[str, list[subprocess.Popen[str]]]]:
    """A scheduler and workers on this machine: its address, and the workers' processes."""
    environment = {**os.environ, "PYTHONPATH": str(PROJECT), "DASK_DISTRIBUTED__WORKER__DAEMON": "false"}
    log = (folder / "scheduler.log").open("w+")
    dask = [sys.executable, "-m", "dask"]
    options = ["--host", "127.0.0.1", "--port", "0", "--dashboard-address", "127.0.0.1:0", "--no-dashboard"]
    processes = [
        subprocess.Popen([*dask, "scheduler", *options], stderr=log, stdout=log, env=environment, text=True)
    ]
    try:
        address = address_in(Path(log.name))
        place = ["--nthreads", "1", "--nworkers", "1", "--no-nanny", "--local-directory", str(folder)]
        for _ in range(workers):
            command = [*dask, "worker", address, *place, "--no-dashboard"]
            processes.append(
                subprocess.Popen(
                    command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL, env=environment, text=True
                )
            )
        yield address, processes[1:]
    finally:
        for process in processes[::-1]:
            process.kill()
            process.wait()
        log.close()


def address_in(path: Path) -> str:
    """The scheduler's address, once its log tells it."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if found := re.search(r"tcp://127\.0\.0\.1:\d+", path.read_text()):
            return found[0]
        time.sleep(0.05)
    raise AssertionError(path.read_text())


def wait_for_workers(address: str, count: int) -> None:
    """Wait until so many workers are there."""
    from distributed import Client

    with Client(address) as client:  # type: ignore[no-untyped-call]
        client.wait_for_workers(count, timeout=60)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
def test_a_study_whose_worker_is_killed_ends_as_the_local_one(workspace: Workspace, tmp_path: Path) -> None:
    toml = study_toml(trials=6).replace("duration_tau = 30.0", "duration_tau = 900.0")
    local = search(workspace, toml)
    killed: list[int] = []
    with cluster(2, tmp_path) as (address, workers):
        wait_for_workers(address, 2)

        def observe(event: StudyEvent) -> None:
            # While a trial is running there.
            if isinstance(event, StudyProgress) and event.ended >= 2 and event.running and not killed:
                killed.append(workers[0].pid)
                workers[0].send_signal(signal.SIGKILL)

        there = run_study(
            experiment_of(toml), toml, workspace, scheduler=address, observe=observe, track=False
        )
    assert killed
    assert there.record.status == "completed"
    assert dict(there.record.counts) == {"completed": 6}
    assert [dict(trial.point) for trial in there.trials] == [dict(trial.point) for trial in local.trials]
    assert [trial.value for trial in there.trials] == [trial.value for trial in local.trials]


def test_where_no_scheduler_answers_that_is_told(workspace: Workspace) -> None:
    with pytest.raises(ClusterError, match=r"^tcp://127\.0\.0\.1:1: no Dask scheduler answers there"):
        search(workspace, study_toml(), scheduler="tcp://127.0.0.1:1")
    assert ClusterError.exit_code == 2
    assert list_studies(workspace) == []
