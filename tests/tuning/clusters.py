"""Dask clusters of processes on this machine."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

PROJECT = Path(__file__).parents[2]
DASK = [sys.executable, "-P", "-m", "dask"]


@dataclass
class Cluster:
    """A scheduler and its workers.

    Parameters
    ----------
    folder : Path
        Of logs and of the workers' files.
    scheduler : Popen
    address : str
    workers : list of Popen
    """

    folder: Path
    scheduler: subprocess.Popen[str]
    address: str
    workers: list[subprocess.Popen[str]] = field(default_factory=list)

    def add_worker(self, code: Path = PROJECT) -> subprocess.Popen[str]:
        """Start a worker whose l5tui is in a folder."""
        place = ["--nthreads", "1", "--nworkers", "1", "--no-nanny", "--local-directory", str(self.folder)]
        command = [*DASK, "worker", self.address, *place, "--no-dashboard"]
        self.workers.append(start(command, self.folder / f"worker{len(self.workers)}.log", code))
        return self.workers[-1]

    def wait_for_workers(self, count: int) -> None:
        """Wait until so many workers are there."""
        from distributed import Client

        with Client(self.address, set_as_default=False) as client:  # type: ignore[no-untyped-call]
            client.wait_for_workers(count, timeout=60)


@contextmanager
def cluster(workers: int, folder: Path) -> Iterator[Cluster]:
    """Start a scheduler and workers with this l5tui, and end them with the block."""
    options = ["--host", "127.0.0.1", "--port", "0", "--dashboard-address", "127.0.0.1:0", "--no-dashboard"]
    log = folder / "scheduler.log"
    scheduler = start([*DASK, "scheduler", *options], log, PROJECT)
    made: list[subprocess.Popen[str]] = [scheduler]
    try:
        there = Cluster(folder, scheduler, address_in(log), made)
        for _ in range(workers):
            there.add_worker()
        there.workers = made[1:]
        if workers:
            there.wait_for_workers(workers)
        yield there
        made += [each for each in there.workers if each not in made]
    finally:
        for process in made[::-1]:
            process.kill()
            process.wait()


def start(command: list[str], log: Path, code: Path) -> subprocess.Popen[str]:
    """Start a process of Dask's."""
    environment = {**os.environ, "PYTHONPATH": str(code), "DASK_DISTRIBUTED__WORKER__DAEMON": "false"}
    with log.open("w") as file:
        return subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stderr=file, stdout=file, env=environment, text=True
        )


def address_in(path: Path) -> str:
    """Return the scheduler's address, once its log has it."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if found := re.search(r"tcp://127\.0\.0\.1:\d+", path.read_text()):
            return found[0]
        time.sleep(0.05)
    raise AssertionError(path.read_text())


def other_code(folder: Path) -> Path:
    """Return a folder with a copy of l5tui in which every trial raises."""
    skipped = shutil.ignore_patterns("__pycache__")
    shutil.copytree(PROJECT / "l5tui", folder / "l5tui", ignore=skipped)
    trial = folder / "l5tui" / "tuning" / "trial.py"
    trial.write_text(
        trial.read_text().replace(
            "recordings = [", 'raise ValueError("other code")\n            recordings = ['
        )
    )
    return folder
