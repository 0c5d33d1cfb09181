"""In a real pseudo-terminal: starts, runs, is left, and leaves the terminal as it was, whatever ends it."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from l5tui.store.process import is_alive
from l5tui.workspace import Workspace, is_workspace
from tests.tui.terminal import AppTerminal
from tests.workspaces import assert_truthful, rows

Start = Callable[..., AppTerminal]

APP = ("-m", "l5tui")

DOWN_TO_SEED, UP_TO_NOTES = "gjjjj", "kk"
"""From the heading of the first section: name, notes, tags, seed."""

CRASH = """
import sys
from l5tui.tui.widgets.form import Form
def fail(self):
    raise ZeroDivisionError("a \x1b[31mbug")
Form.action_next_choice = fail
sys.argv = ["l5tui"]
from l5tui.cli.main import main
main()
"""
"""The app with a bug on a key."""

SLOW_READ = """
import sys, time
import l5tui.tui.screens.runs as runs
def overview(workspace):
    time.sleep(60)
runs.overview = overview
sys.argv = ["l5tui"]
from l5tui.cli.main import main
main()
"""
"""The app on a slow disk: to read the list of runs takes a minute."""


@pytest.fixture
def start(workspace: Workspace, tmp_path: Path) -> Iterator[Start]:
    """Starts the app in a terminal; none outlives its test."""
    started: list[AppTerminal] = []

    def begin(*command: str, folder: Path | None = None) -> AppTerminal:
        home = str(tmp_path / "home")
        terminal = AppTerminal(list(command or APP), folder or workspace.root, XDG_STATE_HOME=home)
        started.append(terminal)
        return terminal

    yield begin
    for terminal in started:
        terminal.close()


def test_it_runs_quickstart_shows_it_completed_and_leaves_a_clean_terminal(
    start: Start, workspace: Workspace
) -> None:
    terminal = start()
    terminal.until_shown("quickstart")
    terminal.until_shown("default.toml")
    terminal.press("\x1b[B")
    terminal.until_shown("quickstart.toml")
    terminal.press("r")
    terminal.until_shown("✓ completed")
    terminal.until_shown("kept in store/runs/")
    terminal.press("3")
    terminal.until_shown("Runs (1)")
    terminal.press("/")
    terminal.until_shown("f1 Keys")
    # Keys that come in one burst, as over a slow connection, act in their order.
    terminal.press("zz\x7f\x7fwxy")
    terminal.until_shown("wxy")
    assert "zz" not in terminal.text
    terminal.press("\x11")
    assert terminal.wait() == 0
    assert terminal.left_behind() == []
    (row,) = rows(workspace)
    assert (row["name"], row["status"]) == ("quickstart", "completed")


@pytest.mark.slow
def test_a_field_takes_every_key_of_one_write(start: Start, workspace: Workspace) -> None:
    note = ("a note on the calibration of the inhibitory weights; " * 4)[:190].strip() + "."
    path = workspace.experiments / "default.toml"
    terminal = start()
    terminal.until_shown("default.toml")
    terminal.press("\r")
    terminal.until_shown("⏎ Edit")
    terminal.press(DOWN_TO_SEED)
    terminal.press("\r789\r\x13")
    terminal.until(lambda: "seed = 789 " in path.read_text(), "789 is saved")
    terminal.press(f"{UP_TO_NOTES}\r{note}\r\x13")
    terminal.until(lambda: f'notes = "{note}"' in path.read_text(), "the note is saved")
    terminal.press("\x11")
    assert terminal.wait() == 0


@pytest.mark.slow
def test_a_run_that_is_named_is_shown_at_once(start: Start, workspace: Workspace) -> None:
    terminal = start(*APP, "run", "experiments/tiny.toml", "--seed", "9")
    terminal.until_shown("✓ completed")
    terminal.press("\x11")
    assert terminal.wait() == 0
    assert terminal.left_behind() == []
    assert [row["seed"] for row in rows(workspace)] == [9]


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (signal.SIGTERM, 143),
        pytest.param(signal.SIGHUP, 129, marks=pytest.mark.slow),
        pytest.param(signal.SIGINT, 130, marks=pytest.mark.slow),
    ],
)
def test_a_signal_leaves_a_clean_terminal_and_no_process(
    start: Start, number: signal.Signals, code: int
) -> None:
    terminal = start()
    terminal.until_shown("default.toml")
    terminal.signal(number)
    assert terminal.wait() == code
    assert terminal.left_behind() == []


@pytest.mark.slow
def test_it_ends_where_its_terminal_is_gone_without_a_signal(start: Start) -> None:
    terminal = start()
    terminal.until_shown("default.toml")
    terminal.hang_up()
    assert terminal.wait() == 129


@pytest.mark.parametrize(
    "keys", ["", pytest.param("d", marks=pytest.mark.slow), pytest.param("\r ", marks=pytest.mark.slow)]
)
def test_no_process_outlives_a_closed_terminal(start: Start, workspace: Workspace, keys: str) -> None:
    terminal = start("-c", CRASH)
    terminal.until_shown("default.toml")
    terminal.until(lambda: len(_processes(workspace)) > 0, "the worker is started")
    terminal.press(keys)
    terminal.hang_up()
    terminal.wait()
    deadline = time.monotonic() + 5
    while left := _processes(workspace):
        assert time.monotonic() < deadline, left
        time.sleep(0.05)


def _processes(workspace: Workspace) -> list[list[str]]:
    """Command lines of the processes that work on a workspace."""
    lines = (each.info["cmdline"] or [] for each in psutil.process_iter(["cmdline"]))
    return [line for line in lines if str(workspace.root) in line]


@pytest.mark.slow
def test_sigterm_lets_a_run_go_on(start: Start, workspace: Workspace) -> None:
    terminal = start(*APP, "run", "experiments/default.toml")
    terminal.until(lambda: rows(workspace), "it runs")
    pid = rows(workspace)[0]["pid"]
    terminal.signal(signal.SIGTERM)
    assert terminal.wait() == 143
    assert terminal.left_behind() == []
    terminal.until(lambda: not is_alive(pid, None), "the run is over")
    assert [row["status"] for row in rows(workspace)] == ["completed"]
    assert_truthful(workspace)


def test_a_crash_is_one_line_and_leaves_a_clean_terminal(start: Start, workspace: Workspace) -> None:
    terminal = start("-c", CRASH)
    terminal.until_shown("default.toml")
    terminal.press("\r")
    terminal.until_shown("⏎ Edit")
    terminal.press(" ")
    assert terminal.wait() == 1
    assert terminal.left_behind() == []
    assert "l5tui crashed: ZeroDivisionError: a \\x1b[31mbug; details:" in terminal.text.replace("\n", "")
    assert "Traceback" not in terminal.text
    log = workspace.log.read_text()
    assert "Traceback" in log
    assert "ZeroDivisionError" in log


def test_edits_outlive_a_kill_and_are_offered_at_the_next_start(start: Start, workspace: Workspace) -> None:
    unsaved = workspace.store / "unsaved"
    first = start()
    first.until_shown("default.toml")
    first.press("v")
    first.until_shown("TOML of default.toml")
    first.press("# kept ")
    first.until(lambda: any("# kept " in each.read_text() for each in unsaved.glob("*.json")), "it is kept")
    first.signal(signal.SIGKILL)
    first.wait()

    again = start()
    again.until_shown("these edits of default.toml")
    again.press("b")
    again.until_shown("default.toml *")
    again.press("\x13")
    again.until_shown("default.toml is saved")
    again.press("\x11")
    assert again.wait() == 0
    assert (workspace.experiments / "default.toml").read_text().startswith("# kept ")
    assert not unsaved.exists()


@pytest.mark.slow
def test_a_first_start_makes_a_workspace_and_goes_on(start: Start, tmp_path: Path) -> None:
    folder = tmp_path / "empty"
    folder.mkdir()
    terminal = start(folder=folder)
    terminal.until_shown("is no workspace yet")
    terminal.press("\r")
    terminal.until_shown("quickstart")
    assert is_workspace(folder)
    terminal.press("\x11")
    assert terminal.wait() == 0
    assert terminal.left_behind() == []


def test_leaving_does_not_wait_for_a_thread_that_reads(start: Start) -> None:
    terminal = start("-c", SLOW_READ)
    terminal.until_shown("quickstart")
    terminal.press("3")
    time.sleep(3.0)
    begun = time.monotonic()
    terminal.press("\x11")
    assert terminal.wait() == 0
    assert time.monotonic() - begun < 8.0
    assert terminal.left_behind() == []
