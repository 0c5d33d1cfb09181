"""A signal ends a run of 8,000 neurons within 2 s of processor time, in whatever phase it is."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from l5tui.runner.mlflow_recorder import LATER
from l5tui.workspace import Workspace
from tests.cli.processes import clean_environment
from tests.workspaces import rows, run_files

LARGE = """
name = "large"
[network]
sizes = [800, 5600, 960, 640]
[dynamics]
duration_tau = 1.0
[plasticity]
onset_step = 0
[simulation]
realizations = 1
workers = 1
"""
"""Ten steps of 8,000 neurons; about 5 GB of memory."""

LIMIT_S = 2.0


def processor_seconds(process: int) -> float:
    """Return the processor time that a process has used."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize(
    ("phase", "seconds"),
    [
        ("simulate", 0.2),
        ("simulate", 2.0),
        ("simulate", 5.0),
        ("simulate", 8.0),
        ("measure", 0.1),
        ("store", 0.1),
    ],
)
def test_a_signal_ends_a_run_of_a_large_network(workspace: Workspace, phase: str, seconds: float) -> None:
    (workspace.experiments / "large.toml").write_text(LARGE)
    files = run_files(workspace)
    command = "run --headless --force --progress jsonl experiments/large.toml"
    with subprocess.Popen(
        [sys.executable, "-P", "-m", "l5tui", *command.split()],
        cwd=workspace.root,
        env=clean_environment(**{LATER: "1"}),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        any(json.loads(line).get("phase") == phase for line in process.stdout)
        begun = processor_seconds(process.pid)
        while processor_seconds(process.pid) - begun < seconds:
            time.sleep(0.01)
        used = processor_seconds(process.pid)
        process.send_signal(signal.SIGINT)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 130
    assert usage.ru_utime + usage.ru_stime - used < LIMIT_S
    assert [row["status"] for row in rows(workspace) if row["name"] == "large"] == ["cancelled"]
    assert run_files(workspace) == files
