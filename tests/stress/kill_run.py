"""SIGKILL of ``l5tui run`` at random moments of its whole life, and what the next run makes of it."""

from __future__ import annotations

import shutil
import signal
import time
from contextlib import suppress
from pathlib import Path

from l5tui.workspace import Workspace, create_workspace
from tests.cli.processes import Preloaded
from tests.stress.kills import (
    PATIENCE_S,
    Watch,
    counted,
    kill,
    moments,
    outlived,
    preloaded,
    start_interpreter,
)
from tests.stress.tally import Row, Tally
from tests.stress.truth import losses_of
from tests.workspaces import TINY, copy_of, template

RUN = ("run", "--headless", "experiments/killed.toml", "--quiet")
NEXT = ("run", "--headless", "experiments/tiny.toml", "--quiet")
KILLED = TINY.replace('"none"', '"light"').replace("duration_tau = 30.0", "duration_tau = 300.0")
"""Long enough for each phase to have its part of the kills."""


def trial(tally: Tally, share: float = 1.0) -> None:
    """Kill 60 runs: 38 in a workspace that is used, 10 in a new one, 12 as interpreters of their own."""
    made = template(tally.scratch / "template")
    with preloaded(tally.scratch / "forks") as server:
        used = copy_of(made, tally.scratch / "used")
        row = tally.row("SIGKILL of a run in a workspace that is used")
        kill_forks(tally, row, server, used, counted(30, share))
        row = tally.row("SIGKILL of the first run of a workspace")
        kill_first_runs(tally, row, server, counted(10, share))
        row = tally.row("SIGKILL of a run's interpreter, every other with all its processes")
        kill_interpreters(tally, row, server, used, counted(12, share))


def kill_forks(tally: Tally, row: Row, server: Preloaded, workspace: Workspace, count: int) -> None:
    """Kill, run again, and look, in one workspace."""
    _write(workspace)
    watch = Watch(lambda: losses_of(workspace))
    life = max(_lived(server, workspace) for _ in range(2))
    for number, moment in enumerate(moments(count, life), 1):
        tally.report(f"{row.what}: {number} of {count}, after {moment:.2f} of {life:.2f} s")
        row.tried([*_killed(server, workspace, moment), *watch.new()])


def kill_first_runs(tally: Tally, row: Row, server: Preloaded, count: int) -> None:
    """The same in a new workspace each time, whose databases are just being made."""
    folder = tally.scratch / "first"
    life = _lived(server, _fresh(folder))
    for number, moment in enumerate(moments(count, life), 1):
        workspace = _fresh(folder)
        tally.report(f"{row.what}: {number} of {count}, after {moment:.2f} of {life:.2f} s")
        row.tried([*_killed(server, workspace, moment), *losses_of(workspace)])


def kill_interpreters(tally: Tally, row: Row, server: Preloaded, workspace: Workspace, count: int) -> None:
    """Kill whole interpreters, every other one with its MLflow helper process; the next run starts at once."""
    watch = Watch(lambda: losses_of(workspace))
    watch.new()
    begun = time.monotonic()
    start_interpreter(workspace, *RUN).wait(PATIENCE_S)
    life = time.monotonic() - begun
    for number, moment in enumerate(moments(count, life), 1):
        tally.report(f"{row.what}: {number} of {count}, after {moment:.2f} of {life:.2f} s")
        process = start_interpreter(workspace, *RUN)
        time.sleep(moment)
        children = kill(process.pid, with_children=number % 2 == 0)
        process.wait()
        losses = [*_run_again(server, workspace), *outlived(children)]
        row.tried([*losses, *watch.new()])


def _fresh(folder: Path) -> Workspace:
    if folder.exists():
        shutil.rmtree(folder)
    workspace = create_workspace(folder)
    _write(workspace)
    return workspace


def _write(workspace: Workspace) -> None:
    (workspace.experiments / "killed.toml").write_text(KILLED)
    (workspace.experiments / "tiny.toml").write_text(TINY)


def _lived(server: Preloaded, workspace: Workspace) -> float:
    begun = time.monotonic()
    running = server.start(*RUN, folder=workspace.root)
    if running.wait() != 0:
        raise RuntimeError(f"a run that was not killed failed: {running.stderr}")
    return time.monotonic() - begun


def _killed(server: Preloaded, workspace: Workspace, moment: float) -> list[str]:
    running = server.start(*RUN, folder=workspace.root)
    time.sleep(moment)
    # It may have come to its end already.
    with suppress(ProcessLookupError):
        running.signal(signal.SIGKILL)
    running.wait()
    return _run_again(server, workspace)


def _run_again(server: Preloaded, workspace: Workspace) -> list[str]:
    """The next run, which closes what was left open; what goes wrong with it."""
    running = server.start(*NEXT, folder=workspace.root)
    if (code := running.wait()) != 0 or running.stderr:
        return [f"the next run ended with {code}: {running.stderr}"]
    return []
