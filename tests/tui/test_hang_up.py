"""A terminal that goes away: what runs in the background ends by itself, and everything else at once."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from l5tui.tuning.study import list_studies
from l5tui.workspace import Workspace
from tests.tui.terminal import AppTerminal
from tests.tui.test_terminal import APP, CRASH
from tests.tuning.searches import study_toml
from tests.workspaces import TINY, assert_truthful, rows

SOON_S = 8.0
"""Time in which what has nothing left to do has ended."""
LONGEST_S = 90.0
"""Time in which a run or a study that was left to end has ended."""

LONG = TINY.replace("duration_tau = 30.0", "duration_tau = 6e3")
CRASH_IN_A_RUN = CRASH.replace('["l5tui"]', '["l5tui", "run", "experiments/long.toml"]')


class Watched(AppTerminal):
    """A terminal that controls its program, and the processes that the program has started."""

    def __init__(self, command: list[str], workspace: Workspace, home: Path) -> None:
        super().__init__(command, workspace.root, controls=True, XDG_STATE_HOME=str(home))
        self.seen: set[psutil.Process] = set()

    def look(self) -> bool:
        """Note the processes that are there."""
        program = psutil.Process(self.process.pid)
        self.seen.update([program, *program.children(recursive=True)])
        return True

    def left(self) -> list[str]:
        """Names of the noted processes that are still there, and of those that they have started meanwhile."""
        for process in [each for each in self.seen if _is_there(each)]:
            try:
                self.seen.update(process.children(recursive=True))
            except psutil.NoSuchProcess:
                continue
        self.process.poll()
        return [repr(each) for each in self.seen if _is_there(each)]

    def until_gone(self, seconds: float) -> None:
        """Wait until none of them is left."""
        deadline = time.monotonic() + seconds
        while left := self.left():
            assert time.monotonic() < deadline, left
            time.sleep(0.1)


def _is_there(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


@pytest.fixture
def started(workspace: Workspace, tmp_path: Path) -> Iterator[list[Watched]]:
    """The terminals of a test; no process outlives it."""
    for path in workspace.experiments.glob("*.toml"):
        path.unlink()
    (workspace.experiments / "long.toml").write_text(LONG)
    terminals: list[Watched] = []
    yield terminals
    for terminal in terminals:
        terminal.left()
        for process in filter(_is_there, terminal.seen):
            process.kill()
        terminal.close()


def begin(started: list[Watched], workspace: Workspace, *command: str) -> Watched:
    """Start the app in a terminal."""
    terminal = Watched(list(command or APP), workspace, workspace.root.parent / "home")
    started.append(terminal)
    return terminal


def hang_up(terminal: Watched) -> None:
    """Close the terminal; the app ends at once."""
    terminal.look()
    terminal.hang_up()
    terminal.process.wait(SOON_S)


@pytest.mark.slow
def test_a_run_is_left_to_end(started: list[Watched], workspace: Workspace) -> None:
    terminal = begin(started, workspace, *APP, "run", "experiments/long.toml")
    terminal.until(lambda: rows(workspace), "it runs")
    hang_up(terminal)
    assert terminal.process.returncode == 129
    terminal.until_gone(LONGEST_S)
    assert [row["status"] for row in rows(workspace)] == ["completed"]
    assert_truthful(workspace)


@pytest.mark.slow
def test_a_paused_run_goes_on_and_one_that_waits_is_run(started: list[Watched], workspace: Workspace) -> None:
    terminal = begin(started, workspace, *APP, "run", "experiments/long.toml")
    terminal.until(lambda: rows(workspace), "it runs")
    terminal.press("p")
    terminal.until_shown("paused")
    terminal.press("1r")
    terminal.until_shown("waits, next")
    hang_up(terminal)
    terminal.until_gone(LONGEST_S)
    assert [row["status"] for row in rows(workspace)] == ["completed", "completed"]
    assert_truthful(workspace)


@pytest.mark.slow
def test_a_study_is_left_to_end(started: list[Watched], workspace: Workspace) -> None:
    slow = study_toml(trials=8, workers=2).replace("duration_tau = 30.0", "duration_tau = 6e3")
    (workspace.experiments / "long.toml").write_text(slow)
    terminal = begin(started, workspace)
    terminal.until_shown("long.toml")
    terminal.press("t")
    terminal.until_shown("of 8 trials")
    terminal.until(lambda: list_studies(workspace)[0].ended_trials, "a trial has ended")
    (study,) = list_studies(workspace)
    assert study.status == "running"
    hang_up(terminal)
    terminal.until_gone(LONGEST_S)
    (study,) = list_studies(workspace)
    assert (study.status, study.error, dict(study.counts)) == ("completed", None, {"completed": 8})


@pytest.mark.slow
def test_a_killed_study_can_be_resumed(started: list[Watched], workspace: Workspace) -> None:
    slow = study_toml(trials=8, workers=2).replace("duration_tau = 30.0", "duration_tau = 6e3")
    (workspace.experiments / "long.toml").write_text(slow)
    terminal = begin(started, workspace)
    terminal.until_shown("long.toml")
    terminal.press("t")
    terminal.until(lambda: list_studies(workspace) and list_studies(workspace)[0].ended_trials, "a trial")
    hang_up(terminal)
    psutil.Process(list_studies(workspace)[0].pid).terminate()
    # It still records the trials that have ended in MLflow.
    terminal.until_gone(LONGEST_S)
    (study,) = list_studies(workspace)
    assert study.status == "stopped"
    assert study.counts.get("failed", 0) == 0


@pytest.mark.slow
@pytest.mark.parametrize("shown", ["MLflow is starting", "sent to the terminal's clipboard"])
def test_mlflow_s_server_ends_with_the_terminal(
    started: list[Watched], workspace: Workspace, shown: str
) -> None:
    terminal = begin(started, workspace)
    terminal.until_shown("long.toml")
    terminal.press("3")
    terminal.until_shown("Runs (0)")
    terminal.press("M")
    terminal.until_shown(shown)
    terminal.until(
        lambda: (
            terminal.look()
            and any("server_guard" in repr(each.cmdline()) for each in terminal.seen if _is_there(each))
        ),
        "it is started",
    )
    hang_up(terminal)
    terminal.until_gone(SOON_S)


@pytest.mark.slow
def test_mlflow_is_started_once_and_does_not_hold_the_app_up(
    started: list[Watched], workspace: Workspace
) -> None:
    terminal = begin(started, workspace)
    terminal.until_shown("long.toml")
    terminal.press("3")
    terminal.until_shown("Runs (0)")
    terminal.press("MM")
    terminal.until_shown("MLflow is starting")
    terminal.press("M")
    time.sleep(4)
    terminal.look()
    guards = [
        each for each in terminal.seen if _is_there(each) and "server_guard" in repr(each.cmdline()[:4])
    ]
    assert len(guards) == 1
    terminal.press("\x11")
    terminal.process.wait(SOON_S)
    assert terminal.left_behind() == []
    terminal.until_gone(SOON_S)


@pytest.mark.slow
def test_a_crash_leaves_a_run_to_end_and_nothing_else(started: list[Watched], workspace: Workspace) -> None:
    terminal = begin(started, workspace, "-c", CRASH_IN_A_RUN)
    terminal.until(lambda: rows(workspace), "it runs")
    terminal.look()
    terminal.press("1")
    terminal.until_shown("long.toml")
    terminal.press("\r")
    terminal.until_shown("⏎ Edit")
    terminal.press(" ")
    hang_up(terminal)
    terminal.until_gone(LONGEST_S)
    assert [row["status"] for row in rows(workspace)] == ["completed"]
    assert_truthful(workspace)
