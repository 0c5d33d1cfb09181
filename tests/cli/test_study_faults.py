"""Faults of the machine during a study: its processes killed or stopped, no shared memory, no more processes."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import psutil
import pytest

from l5tui.store.studies import Studies
from l5tui.workspace import Workspace
from tests.cli.processes import PATIENCE_S, Preloaded, Running, clean_environment, wait_until
from tests.cli.test_study_signals import FILE, SEARCH, has_study, members, started
from tests.cli.test_terminal import Terminal
from tests.workspaces import snapshot

SHORT = SEARCH.replace("trials = 1024", "trials = 60\nconfirm = 0")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="needs a fork server and /proc"),
]


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    """A pseudo-terminal of 80 columns."""
    made = Terminal()
    yield made
    made.close()


def servers(running: Running) -> list[psutil.Process]:
    """The fork server of a study."""
    return [
        each for each in psutil.Process(running.pid).children() if "forkserver" in " ".join(each.cmdline())
    ]


def ended_trials(workspace: Workspace) -> int:
    (study,) = Studies.open(workspace).studies()
    return study.ended_trials


def begin(preloaded: Preloaded, workspace: Workspace) -> Running:
    """A short study of which a few trials have ended."""
    (workspace.root / FILE).write_text(SHORT)
    running = preloaded.start("tune", FILE, "--json", folder=workspace.root)
    wait_until(lambda: has_study(workspace) and ended_trials(workspace) >= 3, "some trials have ended")
    return running


def test_a_study_continues_after_its_fork_server_was_killed(
    workspace: Workspace, preloaded: Preloaded
) -> None:
    running = begin(preloaded, workspace)
    (server,) = servers(running)
    server.kill()
    assert running.wait() == 0, running.stderr
    (study,) = Studies.open(workspace).studies()
    assert (str(study.status), study.counts) == ("completed", {"completed": 60})
    assert "Traceback" not in running.stderr
    wait_until(lambda: not members(running), "its processes have ended")


@pytest.mark.slow
def test_a_study_that_was_stopped_and_continued_completes(workspace: Workspace, preloaded: Preloaded) -> None:
    running = begin(preloaded, workspace)
    # Ctrl+Z and fg, as a shell with job control sends them to the whole group.
    os.killpg(running.pid, signal.SIGSTOP)
    time.sleep(0.5)
    before = ended_trials(workspace)
    time.sleep(1.0)
    assert ended_trials(workspace) == before < 60
    assert Studies.open(workspace).close_stale() == []
    os.killpg(running.pid, signal.SIGCONT)
    assert running.wait() == 0, running.stderr
    (study,) = Studies.open(workspace).studies()
    assert study.counts == {"completed": 60}


@pytest.mark.slow
def test_a_stopped_study_can_still_be_interrupted(
    workspace: Workspace, preloaded: Preloaded, terminal: Terminal
) -> None:
    running = started(preloaded, workspace, terminal)
    os.killpg(running.pid, signal.SIGSTOP)
    os.kill(running.pid, signal.SIGTERM)
    os.killpg(running.pid, signal.SIGCONT)
    assert running.wait() == 130
    (study,) = Studies.open(workspace).studies()
    assert study.status == "stopped"


def test_without_shared_memory_a_study_fails_in_one_line_and_can_be_resumed(workspace: Workspace) -> None:
    isolated = ["unshare", "--mount"]
    if shutil.which("unshare") is None or subprocess.run([*isolated, "true"], check=False).returncode:
        pytest.skip("mount namespaces are not permitted here")
    (workspace.root / FILE).write_text(SHORT.replace("trials = 60", "trials = 2"))
    command = f"mount -t tmpfs -o ro none /dev/shm && {sys.executable} -m l5tui tune {FILE} --json"
    failed = subprocess.run(
        [*isolated, "sh", "-c", command],
        cwd=workspace.root,
        env=clean_environment(),
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert failed.returncode == 1
    lines = [line for line in failed.stderr.splitlines() if "no worker process can be started" in line]
    assert len(lines) == 1
    assert "Read-only file system" in lines[0]
    assert "Traceback" not in failed.stderr
    (study,) = Studies.open(workspace).studies()
    assert (study.status, study.counts.get("failed")) == ("failed", None)
    again = subprocess.run(
        [sys.executable, "-m", "l5tui", "tune", "--resume", study.id, "--json"],
        cwd=workspace.root,
        env=clean_environment(),
        capture_output=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert again.returncode == 0


UNPRIVILEGED = (
    *("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"),
    *("--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"),
)
"""Another user, who can read every file, Python's own too, and write none."""


@pytest.mark.parametrize("words", [("tune", FILE), ("run", "--headless", "experiments/tiny.toml")])
def test_a_store_that_can_only_be_read_is_one_line(workspace: Workspace, words: tuple[str, ...]) -> None:
    if shutil.which("setpriv") is None or subprocess.run([*UNPRIVILEGED, "true"], check=False).returncode:
        pytest.skip("another user's rights cannot be taken here")
    (workspace.root / FILE).write_text(SHORT)
    Studies.open(workspace)
    before = snapshot(workspace.root)
    refused = subprocess.run(
        [*UNPRIVILEGED, sys.executable, "-m", "l5tui", *words],
        cwd=workspace.root,
        env=clean_environment(),
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert refused.returncode == 1
    (line,) = refused.stderr.splitlines()
    assert line.startswith(f"{workspace.catalog} is read-only; make it and its folder writable; details: ")
    assert str(workspace.log) not in line
    assert snapshot(workspace.root) == before
