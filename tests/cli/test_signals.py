"""Ctrl+C, SIGTERM and SIGHUP at any moment: the exit code and the catalogue are correct."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from l5tui.workspace import Workspace
from tests.cli.processes import Preloaded, clean_environment, wait_until
from tests.workspaces import ENDLESS, assert_truthful, rows, run_files

RUN = ("run", "--headless", "experiments/tiny.toml")
IN_TIME_S = 1.0

MOMENTS = [
    pytest.param(0.05 * number, marks=() if number in (2, 8) else pytest.mark.slow) for number in range(1, 13)
]
"""Seconds after the start; `make test` tries two of them."""


def _is_computing(workspace: Workspace) -> bool:
    return any(row["status"] == "running" for row in rows(workspace))


@pytest.mark.parametrize(
    "number",
    [
        signal.SIGINT,
        pytest.param(signal.SIGTERM, marks=pytest.mark.slow),
        pytest.param(signal.SIGHUP, marks=pytest.mark.slow),
    ],
)
def test_a_signal_cancels_a_simulation_within_a_second(
    workspace: Workspace, preloaded: Preloaded, number: signal.Signals
) -> None:
    (workspace.experiments / "tiny.toml").write_text(ENDLESS)
    running = preloaded.start(*RUN, folder=workspace.root)
    wait_until(lambda: _is_computing(workspace), "the run has a row")
    time.sleep(0.2)
    sent = running.signal(number)
    assert running.wait() == 130
    assert time.monotonic() - sent < IN_TIME_S
    (row,) = rows(workspace)
    assert (row["status"], row["file"]) == ("cancelled", None)
    assert run_files(workspace) == set()
    assert "Traceback" not in running.stderr
    assert f"Run {row['id']} (tiny) cancelled" in running.stdout


@pytest.mark.slow
def test_a_second_signal_does_not_disturb_the_first(workspace: Workspace, preloaded: Preloaded) -> None:
    (workspace.experiments / "tiny.toml").write_text(ENDLESS)
    running = preloaded.start(*RUN, "--json", folder=workspace.root)
    wait_until(lambda: _is_computing(workspace), "the run has a row")
    for _ in range(20):
        running.signal(signal.SIGINT)
    assert running.wait() == 130
    assert json.loads(running.stdout)["status"] == "cancelled"
    assert_truthful(workspace)


@pytest.mark.skipif(
    "coverage" in sys.modules, reason="measuring begins in the child, which cannot heed a signal until then"
)
@pytest.mark.parametrize("delay", MOMENTS)
def test_whatever_the_moment_the_row_is_truthful(
    workspace: Workspace, preloaded: Preloaded, delay: float
) -> None:
    running = preloaded.start(*RUN, folder=workspace.root)
    time.sleep(delay)
    sent = running.signal(signal.SIGINT)
    code = running.wait()
    assert time.monotonic() - sent < IN_TIME_S
    assert "Traceback" not in running.stderr
    assert_truthful(workspace)
    statuses = [row["status"] for row in rows(workspace)]
    if code == 0:
        assert statuses == ["completed"]
    else:
        assert code == 130
        assert statuses in ([], ["cancelled"], ["completed"])


def catches(pid: int, number: signal.Signals) -> bool:
    """Whether a process has said what it does at a signal."""
    status = Path(f"/proc/{pid}/status").read_text()
    caught = next(line for line in status.splitlines() if line.startswith("SigCgt"))
    return bool(int(caught.split()[1], 16) >> (number - 1) & 1)


@pytest.mark.parametrize(
    "delay", [pytest.param(0.0, marks=pytest.mark.slow), 0.3, pytest.param(1.0, marks=pytest.mark.slow)]
)
def test_during_the_start_it_says_so_in_one_line(workspace: Workspace, delay: float) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "l5tui", *RUN],
        cwd=workspace.root,
        env=clean_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_until(lambda: catches(process.pid, signal.SIGALRM), "Python has begun with the command line")
    time.sleep(delay)
    process.send_signal(signal.SIGINT)
    sent = time.monotonic()
    output, errors = process.communicate()
    assert time.monotonic() - sent < 2 * IN_TIME_S
    assert process.returncode == 130
    assert errors in ("interrupted\n", "")
    assert_truthful(workspace)
    assert bool(rows(workspace)) == ("cancelled" in output)


def test_a_run_interrupted_during_recording_is_complete_and_says_so(
    workspace: Workspace, preloaded: Preloaded
) -> None:
    slow = ("--set", "recording.figures=light", "--set", "recording.every=1")
    running = preloaded.start(*RUN, *slow, folder=workspace.root)
    wait_until(lambda: any(row["status"] == "completed" for row in rows(workspace)), "the run is complete")
    sent = running.signal(signal.SIGINT)
    assert running.wait() == 0
    assert time.monotonic() - sent < IN_TIME_S
    assert "the run itself is complete" in running.stderr
    assert "completed in" in running.stdout
    assert_truthful(workspace)
    (row,) = rows(workspace)
    assert row["mlflow_run"] is None


@pytest.mark.slow
def test_ignored_signals_stay_ignored(workspace: Workspace) -> None:
    (workspace.experiments / "tiny.toml").write_text(ENDLESS)
    process = subprocess.Popen(
        ["nohup", sys.executable, "-m", "l5tui", *RUN],
        cwd=workspace.root,
        env=clean_environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL,
    )
    wait_until(lambda: _is_computing(workspace), "the run has a row")
    process.send_signal(signal.SIGHUP)
    time.sleep(0.5)
    assert process.poll() is None
    process.send_signal(signal.SIGTERM)
    assert process.wait() == 130
    assert_truthful(workspace)
