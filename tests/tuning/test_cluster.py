"""A study on a Dask cluster is the local one, whatever becomes of its scheduler and its workers."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from l5tui.errors import ClusterError
from l5tui.store.studies import Studies
from l5tui.store.study_records import StudyRecord
from l5tui.tuning import cluster_connection
from l5tui.tuning.events import Connecting, StudyEvent, StudyProgress
from l5tui.tuning.scheduler_address import scheduler_faults
from l5tui.tuning.study import list_studies, resume_study, run_study
from l5tui.workspace import Workspace
from tests.cli.processes import clean_environment, wait_until
from tests.tuning.clusters import Cluster, cluster, other_code
from tests.tuning.searches import experiment_of, search, study_toml, write

SLOW_TRIALS = ("duration_tau = 30.0", "duration_tau = 9000.0")

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")


@pytest.fixture
def two_workers(tmp_path: Path) -> Iterator[Cluster]:
    """A cluster with two workers."""
    with cluster(2, tmp_path) as there:
        yield there


def tune(workspace: Workspace, there: Cluster, *, trials: int = 40) -> subprocess.Popen[str]:
    """Start a study with two trials of some seconds at a time, as a command; return once they run."""
    file = write(workspace, study_toml(trials=trials, workers=2).replace(*SLOW_TRIALS))
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "l5tui", "tune", str(file), "--scheduler", there.address],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=clean_environment(),
        cwd=workspace.root,
    )
    wait_until(
        lambda: bool(list_studies(workspace)) and newest(workspace).counts.get("running") == 2, "trials run"
    )
    return process


def newest(workspace: Workspace) -> StudyRecord:
    """Return the newest study."""
    return list_studies(workspace)[0]


def lines(text: str) -> list[str]:
    """Return the lines of standard error that are not about the progress, which a busy machine has more of."""
    progress = re.compile(r"study \S+$|connecting to |recording in MLflow|no more trials|\d+ of \d+ trials")
    return [line for line in text.splitlines() if not progress.match(line)]


@pytest.mark.slow
def test_a_study_whose_worker_is_killed_ends_as_the_local_one(
    workspace: Workspace, two_workers: Cluster
) -> None:
    toml = study_toml(trials=6).replace("duration_tau = 30.0", "duration_tau = 900.0")
    local = search(workspace, toml)
    killed: list[int] = []

    def observe(event: StudyEvent) -> None:
        # While a trial is running there.
        if isinstance(event, StudyProgress) and event.ended >= 2 and event.running and not killed:
            killed.append(two_workers.workers[0].pid)
            two_workers.workers[0].send_signal(signal.SIGKILL)

    there = run_study(
        experiment_of(toml), toml, workspace, scheduler=two_workers.address, observe=observe, track=False
    )
    assert killed
    assert there.record.status == "completed"
    assert dict(there.record.counts) == {"completed": 6}
    assert [dict(trial.point) for trial in there.trials] == [dict(trial.point) for trial in local.trials]
    assert [trial.value for trial in there.trials] == [trial.value for trial in local.trials]


@pytest.mark.slow
def test_signals_stop_a_study_on_a_cluster_which_can_be_resumed(
    workspace: Workspace, two_workers: Cluster
) -> None:
    for signals in ([signal.SIGTERM], [signal.SIGHUP], [signal.SIGINT, signal.SIGINT]):
        running = tune(workspace, two_workers)
        for each in signals:
            running.send_signal(each)
            time.sleep(0.7)
        _, errors = running.communicate(timeout=30)
        study = newest(workspace)
        assert running.returncode == 130, errors
        assert (study.status, study.error) == ("stopped", "stopped")
        assert study.counts.keys() <= {"completed", "interrupted"}
        assert lines(errors) == [f"stopped; `l5tui tune --resume {study.id}` resumes it"]


@pytest.mark.slow
def test_a_lost_scheduler_stops_the_study_and_no_trial_has_failed(
    workspace: Workspace, two_workers: Cluster
) -> None:
    running = tune(workspace, two_workers, trials=4)
    two_workers.scheduler.kill()
    _, errors = running.communicate(timeout=30)
    study = newest(workspace)
    assert running.returncode == 1, errors
    assert study.status == "stopped"
    assert study.counts.keys() <= {"completed", "interrupted"}
    (line,) = lines(errors)
    assert f"study {study.id} is stopped: the Dask scheduler at {two_workers.address} is gone" in line
    assert f"`l5tui tune --resume {study.id} --scheduler ADDRESS`" in line
    again = resume_study(study.id, workspace, track=False)
    local = search(workspace, study_toml(trials=4, workers=2).replace(*SLOW_TRIALS))
    assert [trial.value for trial in again.trials] == [trial.value for trial in local.trials]


@pytest.mark.slow
def test_workers_that_are_all_lost_are_waited_for_and_no_trial_has_failed(
    workspace: Workspace, two_workers: Cluster
) -> None:
    running = tune(workspace, two_workers, trials=3)
    for worker in two_workers.workers:
        worker.kill()
    time.sleep(3.0)
    assert running.poll() is None
    two_workers.add_worker()
    _, errors = running.communicate(timeout=120)
    assert running.returncode == 0, errors
    assert "no worker of the cluster can run trials" in errors
    assert dict(newest(workspace).counts) == {"completed": 3}


@pytest.mark.slow
def test_a_worker_with_other_code_gets_no_trials(workspace: Workspace, tmp_path: Path) -> None:
    toml = study_toml(trials=8).replace("duration_tau = 30.0", "duration_tau = 900.0")
    with cluster(1, tmp_path) as there:
        running: list[StudyEvent] = []
        joined: list[int] = []

        def observe(event: StudyEvent) -> None:
            running.append(event)
            if isinstance(event, StudyProgress) and event.ended >= 1 and not joined:
                joined.append(there.add_worker(other_code(tmp_path / "other")).pid)
                there.wait_for_workers(2)

        found = run_study(
            experiment_of(toml), toml, workspace, scheduler=there.address, observe=observe, track=False
        )
        assert joined
        assert dict(found.record.counts) == {"completed": 8}
        (warning,) = found.warnings
        assert "worker tcp://127.0.0.1:" in warning
        assert "it gets no trials" in warning

        # Alone it is refused before the study has a row.
        there.workers[0].kill()
        before = len(list_studies(workspace))
        time.sleep(1.0)
        with pytest.raises(ClusterError, match=r"no worker can run trials: tcp://127\.0\.0\.1:\d+: l5tui"):
            run_study(experiment_of(toml), toml, workspace, scheduler=there.address, track=False)
        assert len(list_studies(workspace)) == before


def test_where_no_scheduler_answers_that_is_reported(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster_connection, "CONNECT_SECONDS", 0.6)
    with pytest.raises(
        ClusterError, match=r"^tcp://127\.0\.0\.1:1: no Dask scheduler answers there"
    ) as caught:
        search(workspace, study_toml(), scheduler="tcp://127.0.0.1:1")
    assert "\n" not in str(caught.value)
    assert ClusterError.exit_code == 2
    assert list_studies(workspace) == []


def test_a_scheduler_that_accepts_and_says_nothing_is_given_up(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster_connection, "CONNECT_SECONDS", 0.6)
    events: list[StudyEvent] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        begun = time.monotonic()
        with pytest.raises(ClusterError, match="nothing answered as a Dask scheduler within"):
            search(workspace, study_toml(), events, scheduler=address)
        assert time.monotonic() - begun < 3.0
    assert {type(event) for event in events} == {Connecting}
    assert Studies.open(workspace).studies() == []


@pytest.mark.parametrize(
    "address",
    ["", " ", "host", "tcp://", "tcp://host", "tcp://:8786", "tcp://host:0", "tcp://host:65536", "tcp://host:x",
     "http://host:8786", "tcp://a b:1", "tcp://host:1/x", "tcp://u@host:1", "tcp://host\n:1", "inproc://1/2/3"],
)  # fmt: skip
def test_an_address_that_no_scheduler_can_have_is_a_fault(address: str) -> None:
    assert [fault.key for fault in scheduler_faults(address)] == ["--scheduler"]


@pytest.mark.parametrize("address", ["tcp://host:8786", "host:8786", "tls://10.0.0.1:1", "tcp://[::1]:8786"])
def test_an_address_that_a_scheduler_can_have(address: str) -> None:
    assert scheduler_faults(address) == []
