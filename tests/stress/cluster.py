"""Attacks on ``l5tui tune --scheduler``: signals, lost schedulers and workers, silence, workers with other code."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable

from l5tui.store.study_records import StudyRecord
from l5tui.tuning.study import list_studies
from l5tui.workspace import Workspace
from tests.cli.processes import clean_environment
from tests.stress.tally import Tally
from tests.tuning.clusters import Cluster, cluster, other_code
from tests.workspaces import TINY, copy_of, template

PATIENCE_S = 60.0
STOP_SECONDS = 10.0
"""Time that a command may take to end after a signal or a lost scheduler, on a busy machine."""

SILENCE_SECONDS = 30.0
"""Time that a command may take with a scheduler that says nothing, whose limit is 15 s."""

SEARCH = (
    TINY.replace("duration_tau = 30.0", "duration_tau = 9000.0")
    + """
[tuning]
method = "random"
trials = 12
workers = 2
confirm = 0

[tuning.space]
"plasticity.tau_learn" = {low = 100.0, high = 4000.0, log = true}
"""
)
"""Trials of about a second."""

Attack = Callable[[Cluster, subprocess.Popen[str]], None]


def trial(tally: Tally, share: float = 1.0) -> None:
    """Attack each part of a cluster once; `share` does not matter, as there is one attempt a row."""
    workspace = copy_of(template(tally.scratch / "template"), tally.scratch / "used")
    (workspace.experiments / "search.toml").write_text(SEARCH)
    silent(tally, workspace)
    folder = tally.scratch / "cluster"
    folder.mkdir()
    with cluster(2, folder) as there:
        attacked(tally, workspace, there, "SIGTERM of a study on a cluster", _signals(signal.SIGTERM), 130)
        double = _signals(signal.SIGINT, signal.SIGINT)
        attacked(tally, workspace, there, "Ctrl+C, twice, of a study on a cluster", double, 130)
        attacked(tally, workspace, there, "a worker of a cluster is killed", _kill_worker, 0)
        attacked(tally, workspace, there, "the scheduler of a cluster is killed", _kill_scheduler, 1)
    other = tally.scratch / "other"
    other.mkdir()
    with cluster(0, other) as there:
        there.add_worker(other_code(other / "code"))
        there.wait_for_workers(1)
        refused(tally, workspace, there)


def attacked(
    tally: Tally, workspace: Workspace, there: Cluster, what: str, attack: Attack, code: int
) -> None:
    """Start a study on a cluster, attack while trials run, and check how it ends.

    Parameters
    ----------
    tally : Tally
    workspace : Workspace
    there : Cluster
    what : str
        The row of the table.
    attack : callable
    code : int
        The exit code that the command must have; 0 for a study that completes.
    """
    row = tally.row(what)
    tally.report(what)
    known = {study.id for study in list_studies(workspace)}
    process = tune(workspace, there.address)
    study = _running(workspace, known, process)
    if study is None:
        process.kill()
        row.tried([f"no trial ran: {process.communicate()[1]}"])
        return
    attack(there, process)
    losses = ended(process, code, PATIENCE_S if code == 0 else STOP_SECONDS)
    (now,) = [each for each in list_studies(workspace) if each.id == study.id]
    losses += _study_losses(now, complete=code == 0)
    if code == 1:
        # Without the cluster: what was in flight there is run here.
        resumed = subprocess.Popen(
            [sys.executable, "-m", "l5tui", "tune", "--resume", study.id],
            cwd=workspace.root,
            env=clean_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        losses += ended(resumed, 0, PATIENCE_S)
        (now,) = [each for each in list_studies(workspace) if each.id == study.id]
        losses += _study_losses(now, complete=True)
    row.tried(losses)


def silent(tally: Tally, workspace: Workspace) -> None:
    """Connect to a scheduler that accepts and never answers."""
    row = tally.row("a scheduler that accepts and never answers")
    tally.report(row.what)
    before = len(list_studies(workspace))
    with socket.create_server(("127.0.0.1", 0)) as server:
        process = tune(workspace, f"tcp://127.0.0.1:{server.getsockname()[1]}")
        losses = ended(process, 2, SILENCE_SECONDS)
    if len(list_studies(workspace)) != before:
        losses.append("a study has a row though no scheduler answered")
    row.tried(losses)


def refused(tally: Tally, workspace: Workspace, there: Cluster) -> None:
    """Start a study on a cluster whose only worker has other code."""
    row = tally.row("a cluster whose workers have other code")
    tally.report(row.what)
    before = len(list_studies(workspace))
    losses = ended(tune(workspace, there.address), 2, PATIENCE_S)
    if len(list_studies(workspace)) != before:
        losses.append("a study has a row though no worker can run trials")
    row.tried(losses)


def tune(workspace: Workspace, address: str) -> subprocess.Popen[str]:
    """Start a study on a cluster, as a command."""
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "l5tui", "tune", "experiments/search.toml", "--scheduler", address],
        cwd=workspace.root,
        env=clean_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(process: subprocess.Popen[str], code: int, seconds: float) -> list[str]:
    """Wait for a command; return what is wrong with how it ends."""
    try:
        _, errors = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        return [f"still runs after {seconds:.0f} s: {process.communicate()[1]}"]
    losses = [] if process.returncode == code else [f"exit code {process.returncode}, not {code}: {errors}"]
    return [*losses, *([f"a traceback: {errors}"] if "Traceback" in errors else [])]


def _running(workspace: Workspace, known: set[str], process: subprocess.Popen[str]) -> StudyRecord | None:
    """Wait until two trials of a new study run; None if the command ends before."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline and process.poll() is None:
        for study in list_studies(workspace):
            if study.id not in known and study.counts.get("running") == 2:
                return study
        time.sleep(0.1)
    return None


def _study_losses(study: StudyRecord, *, complete: bool) -> list[str]:
    """Return what is wrong with the row of a study that was attacked."""
    expected = "completed" if complete else "stopped"
    losses = [] if study.status == expected else [f"study {study.id} is {study.status}, not {expected}"]
    allowed = {"completed"} if complete else {"completed", "interrupted"}
    if final := {*study.counts} - allowed:
        losses.append(f"study {study.id} has trials that are {', '.join(sorted(final))}")
    return losses


def _signals(*numbers: signal.Signals) -> Attack:
    def send(_: Cluster, process: subprocess.Popen[str]) -> None:
        for number in numbers:
            process.send_signal(number)
            time.sleep(1.2)

    return send


def _kill_worker(there: Cluster, _: subprocess.Popen[str]) -> None:
    there.workers[0].kill()


def _kill_scheduler(there: Cluster, _: subprocess.Popen[str]) -> None:
    there.scheduler.kill()
