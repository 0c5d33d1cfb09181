"""Signals during a study: also while its processes start, it ends as stopped, in one line, with exit code 130."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import suppress

import psutil
import pytest

from l5tui.store.studies import Studies
from l5tui.workspace import Workspace
from tests.cli.processes import Preloaded, Running, wait_until
from tests.cli.test_terminal import ESCAPES, Terminal
from tests.workspaces import TINY

IN_TIME_S = 2.0
SEARCH = (
    TINY
    + """
[tuning]
method = "random"
trials = 1024
workers = 2
realizations = 2

[tuning.space]
"plasticity.tau_learn" = {low = 100.0, high = 4000.0}
"stimulus.amplitude.CS" = {low = 5.0, high = 20.0}

[targets]
"after/rate.CC" = {value = 2.0, uncertainty = 0.2, source = "made up"}
"""
)
FILE = "experiments/search.toml"
COMMANDS = {
    "tune": ("tune", FILE),
    "sweep": ("sweep", FILE),
    "sensitivity": ("sensitivity", FILE, "--samples", "256"),
    "infer": ("infer", FILE, "--method", "abc", "--budget", "1000"),
}
"""Each has work for longer than the test waits; a trial takes some milliseconds."""


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    """A pseudo-terminal of 80 columns."""
    made = Terminal()
    yield made
    made.close()


def has_study(workspace: Workspace) -> bool:
    return workspace.catalog.exists() and bool(Studies.open(workspace).studies(1))


def started(preloaded: Preloaded, workspace: Workspace, terminal: Terminal, command: str = "tune") -> Running:
    """A command on a terminal, whose study has begun."""
    (workspace.root / FILE).write_text(SEARCH)
    running = preloaded.start(*COMMANDS[command], folder=workspace.root, terminal=terminal.path)
    wait_until(lambda: has_study(workspace), "the study has a row")
    return running


def send(running: Running, terminal: Terminal, way: str) -> None:
    """Ctrl+C on the terminal, or a signal: to the process, or to its whole group."""
    if way == "Ctrl+C":
        terminal.press(b"\x03")
        return
    name, _, to = way.partition(" to the ")
    number = signal.Signals[name]
    (os.killpg if to == "group" else os.kill)(running.pid, number)


def assert_stopped(workspace: Workspace, running: Running, terminal: Terminal, sent: float) -> None:
    """The command has ended as documented, and left no process of its own behind."""
    assert running.wait() == 130, terminal.text
    assert time.monotonic() - sent < IN_TIME_S
    (study,) = Studies.open(workspace).studies()
    assert (str(study.status), study.error) == ("stopped", "stopped")
    wait_until(lambda: "resumes it" in terminal.text, "the end is there")
    lines = [line for line in ESCAPES.sub("", terminal.text).splitlines() if "stopped;" in line]
    assert len(lines) == 1, terminal.text
    for word in ("Traceback", "EOFError", "resource_tracker", "leaked", "interrupted\n"):
        assert word not in terminal.text, terminal.text
    wait_until(lambda: not members(running), "its processes have ended")


def members(running: Running) -> list[psutil.Process]:
    """The processes that are left in the session of a command."""
    found = []
    for process in psutil.process_iter():
        with suppress(OSError, psutil.Error):
            if os.getsid(process.pid) == running.pid and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


@pytest.mark.parametrize(
    ("delay", "way"),
    [
        (0.05, "Ctrl+C"),
        pytest.param(0.3, "SIGHUP to the group", marks=pytest.mark.slow),
        pytest.param(0.6, "SIGTERM to the group", marks=pytest.mark.slow),
    ],
)
def test_a_signal_while_the_processes_start_stops_the_study(
    workspace: Workspace, preloaded: Preloaded, terminal: Terminal, delay: float, way: str
) -> None:
    running = started(preloaded, workspace, terminal)
    time.sleep(delay)
    sent = time.monotonic()
    send(running, terminal, way)
    assert_stopped(workspace, running, terminal, sent)


WAYS = ("Ctrl+C", "SIGINT to the process", "SIGTERM to the group", "SIGTERM to the process")
MOMENTS = [0.02 + 0.075 * number for number in range(20)]


@pytest.mark.slow
@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("number", range(20))
def test_a_signal_at_any_moment_stops_the_study(
    workspace: Workspace, preloaded: Preloaded, terminal: Terminal, command: str, number: int
) -> None:
    running = started(preloaded, workspace, terminal, command)
    time.sleep(MOMENTS[number])
    sent = time.monotonic()
    send(running, terminal, WAYS[number % len(WAYS)])
    assert_stopped(workspace, running, terminal, sent)
