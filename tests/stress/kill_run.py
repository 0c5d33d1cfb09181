"""SIGKILL of ``l5tui run`` at random moments of its whole life, and what the next run makes of it."""

from __future__ import annotations

import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from l5tui.workspace import Workspace, create_workspace
from tests.cli.processes import Preloaded, clean_environment
from tests.stress.tally import Row, Tally
from tests.stress.truth import losses_of
from tests.workspaces import TINY, copy_of, template

RUN = ("run", "--headless", "experiments/killed.toml", "--quiet")
KILLED = TINY.replace('figures = "none"', 'figures = "light"').replace("duration_tau = 30.0", "duration_tau = 300.0")
"""Long enough for each phase to have its part of the kills."""

SEED = 20261
PATIENCE_S = 120.0


def trial(tally: Tally, share: float = 1.0) -> None:
    """Kill 60 runs: 36 in a workspace that is used, 12 in a new one, 12 as interpreters of their own."""
    made = template(tally.scratch / "template")
    with preloaded(tally.scratch / "forks") as server:
        used = copy_of(made, tally.scratch / "used")
        row = tally.row("SIGKILL of a run, in a workspace that is used")
        kill_forks(tally, row, server, used, counted(36, share))
        row = tally.row("SIGKILL of a run, the first one of a workspace")
        kill_first_runs(tally, row, server, counted(12, share))
        row = tally.row("SIGKILL of a run's whole interpreter, half with all its processes")
        kill_interpreters(tally, row, server, used, counted(12, share))


def counted(full: int, share: float) -> int:
    """A part of so many attempts, at least two."""
    return max(2, round(full * share))


@contextmanager
def preloaded(scratch: Path) -> Iterator[Preloaded]:
    """Starts commands in forks."""
    scratch.mkdir()
    server = Preloaded(scratch)
    try:
        yield server
    finally:
        server.end_last()
        server.close()


def moments(count: int, life: float, seed: int = SEED) -> list[float]:
    """Random moments, one in each of equal parts of a life and a little more, in random order."""
    chance = random.Random(seed)
    drawn = [(number + chance.random()) / count * life * 1.05 for number in range(count)]
    chance.shuffle(drawn)
    return drawn


def kill_forks(tally: Tally, row: Row, server: Preloaded, workspace: Workspace, count: int) -> None:
    """Kill, run again, and look, in one workspace."""
    _write(workspace)
    life = max(_lived(server, workspace) for _ in range(2))
    for number, moment in enumerate(moments(count, life), 1):
        tally.tell(f"{row.what}: {number} of {count}, after {moment:.2f} of {life:.2f} s")
        row.tried(_killed(server, workspace, moment))


def kill_first_runs(tally: Tally, row: Row, server: Preloaded, count: int) -> None:
    """The same in a new workspace each time, whose databases are just being made."""
    folder = tally.scratch / "first"
    fresh = create_workspace(folder)
    _write(fresh)
    life = _lived(server, fresh)
    for number, moment in enumerate(moments(count, life), 1):
        shutil.rmtree(folder)
        fresh = create_workspace(folder)
        _write(fresh)
        tally.tell(f"{row.what}: {number} of {count}, after {moment:.2f} of {life:.2f} s")
        row.tried(_killed(server, fresh, moment))
    shutil.rmtree(folder)


def kill_interpreters(tally: Tally, row: Row, server: Preloaded, workspace: Workspace, count: int) -> None:
    """Kill whole interpreters, every other one with the process that tells MLflow; the next run comes at once."""
    begun = time.monotonic()
    start_interpreter(workspace).wait(PATIENCE_S)
    life = time.monotonic() - begun
    for number, moment in enumerate(moments(count, life), 1):
        tally.tell(f"{row.what}: {number} of {count}, after {moment:.2f} of {life:.2f} s")
        process = start_interpreter(workspace)
        time.sleep(moment)
        children = kill(process, with_children=number % 2 == 0)
        losses = _run_again(server, workspace)
        _, alive = psutil.wait_procs(children, PATIENCE_S)
        row.tried([*losses, *(f"{child} outlived its run" for child in alive), *losses_of(workspace)])


def start_interpreter(workspace: Workspace) -> subprocess.Popen[bytes]:
    """The command as a user starts it."""
    return subprocess.Popen(
        [sys.executable, "-m", "l5tui", *RUN],
        cwd=workspace.root,
        env=clean_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def kill(process: subprocess.Popen[bytes], *, with_children: bool) -> list[psutil.Process]:
    """Kill a process, and the processes that it has started too; gives the latter."""
    children = _children(process.pid)
    process.kill()
    process.wait()
    if with_children:
        for child in children:
            with _gone_already():
                child.kill()
    return children


def _children(pid: int) -> list[psutil.Process]:
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


@contextmanager
def _gone_already() -> Iterator[None]:
    try:
        yield
    except psutil.NoSuchProcess:
        return


def _write(workspace: Workspace) -> None:
    (workspace.experiments / "killed.toml").write_text(KILLED)


def _lived(server: Preloaded, workspace: Workspace) -> float:
    begun = time.monotonic()
    code = server.start(*RUN, folder=workspace.root).wait()
    assert code == 0
    return time.monotonic() - begun


def _killed(server: Preloaded, workspace: Workspace, moment: float) -> list[str]:
    running = server.start(*RUN, folder=workspace.root)
    time.sleep(moment)
    running.signal(signal.SIGKILL)
    running.wait()
    return [*_run_again(server, workspace), *losses_of(workspace)]


def _run_again(server: Preloaded, workspace: Workspace) -> list[str]:
    """The next run, which closes what was left open; what goes wrong with it."""
    running = server.start(*RUN, folder=workspace.root)
    if (code := running.wait()) != 0 or running.stderr:
        return [f"the next run ended with {code}: {running.stderr}"]
    return []
