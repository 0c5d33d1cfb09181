"""Killing commands at random moments of their lives."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from l5tui.workspace import Workspace
from tests.cli.processes import Preloaded, clean_environment

SEED = 20261
PATIENCE_S = 600.0


def counted(full: int, share: float) -> int:
    """A part of so many attempts, at least two."""
    return max(2, round(full * share))


def moments(count: int, life: float, seed: int = SEED) -> list[float]:
    """Random moments, one in each of equal parts of a life and a little more, in random order."""
    chance = random.Random(seed)
    drawn = [(number + chance.random()) / count * life * 1.05 for number in range(count)]
    chance.shuffle(drawn)
    return drawn


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


def start_interpreter(workspace: Workspace, *arguments: str) -> subprocess.Popen[bytes]:
    """A command as a user starts it."""
    return subprocess.Popen(
        [sys.executable, "-m", "l5tui", *arguments],
        cwd=workspace.root,
        env=clean_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def kill(pid: int, *, with_children: bool) -> list[psutil.Process]:
    """Kill a process, and the processes that it has started too; gives the latter."""
    children: list[psutil.Process] = []
    with suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        # It must not start another one while they are counted.
        process.suspend()
        children = process.children(recursive=True)
        process.kill()
    if with_children:
        for child in children:
            with suppress(psutil.NoSuchProcess):
                child.kill()
    return children


def helpers(workspace: Workspace) -> list[psutil.Process]:
    """Processes that record studies of a workspace in MLflow, which may outlive the command that started them."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            command = process.cmdline()
            if "l5tui.tuning.mlflow_worker" in command and str(workspace.root) in command:
                found.append(process)
    return found


def outlived(children: list[psutil.Process]) -> list[str]:
    """Wait for processes that finish their requests; return those that do not end."""
    _, alive = psutil.wait_procs(children, PATIENCE_S)
    return [f"{child} outlived its command" for child in alive]


class Watch:
    """Reports each loss once, in a workspace that many attempts share.

    Parameters
    ----------
    losses : callable
        Everything that is not as it should be.
    """

    def __init__(self, losses: Callable[[], list[str]]) -> None:
        self._losses = losses
        self._known: set[str] = set()

    def new(self) -> list[str]:
        """What was not known yet."""
        found = [loss for loss in self._losses() if loss not in self._known]
        self._known.update(found)
        return found
