"""Closed and full outputs, and signals during the exit of the interpreter."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from l5tui.cli.output import Output
from l5tui.workspace import Workspace
from tests.cli.processes import clean_environment, wait_until
from tests.cli.test_signals import catches
from tests.workspaces import rows

CHECK = ("check", "experiments/tiny.toml")


def start(workspace: Workspace, *words: str, stdout: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "l5tui", *words],
        cwd=workspace.root,
        env=clean_environment(),
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no /dev/full")
def test_a_full_output_is_one_line_and_exit_code_1(workspace: Workspace) -> None:
    with Path("/dev/full").open("w") as full, start(workspace, *CHECK, stdout=full.fileno()) as process:
        _, errors = process.communicate()
    assert process.returncode == 1
    assert errors == "standard output could not be written: No space left on device\n"


@pytest.mark.slow
def test_a_run_whose_output_is_closed_completes_with_exit_code_0(workspace: Workspace) -> None:
    words = ("run", "--headless", "experiments/tiny.toml")
    with start(workspace, *words, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.close()
        errors = process.stderr.read() if process.stderr is not None else ""
    assert process.returncode == 0, errors
    assert [row["status"] for row in rows(workspace)] == ["completed"]
    assert "standard output: Broken pipe; the rest of the output is discarded" in workspace.log.read_text()


def test_after_a_failure_the_rest_is_dropped() -> None:
    with subprocess.Popen(["true"], stdin=subprocess.PIPE) as reader:
        assert reader.stdin is not None
        reader.wait()
        output = Output(reader.stdin.fileno(), "standard output")
        assert [output.write(b"abc"), output.write(memoryview(b"defg"))] == [3, 4]
        assert isinstance(output.failure, BrokenPipeError)


@pytest.mark.skipif(
    "coverage" in sys.modules, reason="measuring begins in the child, which ignores no signal until then"
)
def test_however_many_signals_come_the_exit_code_is_130(workspace: Workspace) -> None:
    with start(workspace, *CHECK, stdout=subprocess.DEVNULL) as process:
        wait_until(lambda: catches(process.pid, signal.SIGALRM), "Python has begun with the command line")
        while process.poll() is None:
            process.send_signal(signal.SIGINT)
            time.sleep(0.002)
        assert process.stderr is not None
        assert process.stderr.read() == "interrupted\n"
    assert process.returncode == 130
