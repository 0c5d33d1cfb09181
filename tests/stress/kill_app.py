"""SIGKILL of the app while it runs something, in a terminal of its own."""

from __future__ import annotations

import time

from l5tui.workspace import Workspace
from tests.cli.processes import Preloaded
from tests.stress.kill_run import KILLED, NEXT
from tests.stress.kills import Watch, counted, kill, moments, outlived, preloaded
from tests.stress.tally import Row, Tally
from tests.stress.truth import losses_of
from tests.tui.terminal import AppTerminal
from tests.workspaces import copy_of, rows, template

APP = ["-m", "l5tui", "run", "experiments/killed.toml"]


def trial(tally: Tally, share: float = 1.0) -> None:
    """Kill ten apps."""
    workspace = copy_of(template(tally.scratch / "template"), tally.scratch / "used")
    (workspace.experiments / "killed.toml").write_text(KILLED)
    with preloaded(tally.scratch / "forks") as server:
        row = tally.row("SIGKILL of the app with a run, every other with all its processes")
        kill_apps(tally, row, server, workspace, counted(10, share))


def kill_apps(tally: Tally, row: Row, server: Preloaded, workspace: Workspace, count: int) -> None:
    """Kill, run again, and look."""
    watch = Watch(lambda: losses_of(workspace))
    life = _lived(workspace)
    for number, moment in enumerate(moments(count, life), 1):
        tally.report(f"{row.what}: {number} of {count}, after {moment:.2f} of {life:.2f} s")
        terminal = _open(workspace)
        try:
            time.sleep(moment)
            children = kill(terminal.process.pid, with_children=number % 2 == 0)
        finally:
            terminal.close()
        running = server.start(*NEXT, folder=workspace.root)
        if (code := running.wait()) != 0:
            row.tried([f"the next run ended with {code}: {running.stderr}"], times=0)
        losses = outlived(children)
        # A run that went on by itself may have ended after the next one looked for what is left.
        server.start(*NEXT, folder=workspace.root).wait()
        row.tried([*losses, *watch.new()])


def _open(workspace: Workspace) -> AppTerminal:
    return AppTerminal(APP, workspace.root, XDG_STATE_HOME=str(workspace.root.parent / "home"))


def _lived(workspace: Workspace) -> float:
    """Seconds until MLflow has the run of an app that is not killed."""
    terminal = _open(workspace)
    try:
        begun = time.monotonic()
        terminal.until(lambda: any(row["mlflow_run"] for row in rows(workspace)), "MLflow has the run")
        life = time.monotonic() - begun
        terminal.press("\x11")
        terminal.wait()
        return life
    finally:
        terminal.close()
