"""Runs are read back with MLflow's own client as they were recorded."""

from __future__ import annotations

import dataclasses
import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from l5tui.errors import TrackingError
from l5tui.tracking.mlflow_database import ensure_database, open_client
from l5tui.tracking.run_recorder import StepMetrics, TrackedRun, record_run
from l5tui.tracking.tracked_run import Status
from l5tui.workspace import Workspace

RECORD_MUCH = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from l5tui.tracking.run_recorder import StepMetrics, TrackedRun, record_run
from l5tui.workspace import Workspace

now = datetime.now(UTC)
series = [StepMetrics(step, {"rate": float(step)}) for step in range(200_000)]
record_run(Workspace(Path(sys.argv[1])), TrackedRun("much", "much", "completed", now, now, series=series))
"""


def statuses(workspace: Workspace) -> list[tuple[str, object]]:
    with closing(sqlite3.connect(workspace.mlflow_database)) as connection:
        return connection.execute("SELECT status, end_time FROM runs").fetchall()


def test_everything_is_read_back(workspace: Workspace, run: TrackedRun, tmp_path: Path) -> None:
    mlflow_id = record_run(workspace, run)
    with open_client(workspace) as client:
        found = client.get_run(mlflow_id)
        assert found.info.run_name == "default"
        assert found.info.experiment_id == ensure_database(workspace)
        assert found.info.status == "FINISHED"
        assert found.info.start_time == 1_767_323_045_000
        assert found.info.end_time == 1_767_323_049_500
        assert found.data.params == {
            "plasticity.rule": "oja",
            "seed": "42",
            "dynamics.dt": "0.01",
            "plasticity.dale": "false",
        }
        assert found.data.metrics == {"loss": 1.5, "weight_final/CS_from_CC": -0.25, "rate.CS": 4.7}
        history = client.get_metric_history(mlflow_id, "rate.CS")
        assert [(each.step, each.value) for each in history] == [(0, 0.0), (24, 2.4), (47, 4.7)]
        assert (
            found.data.tags.items()
            >= {
                "variant": "corrected",
                "file": "store/runs/x.nc",
                "l5tui.run_id": run.run_id,
                "l5tui.status": "completed",
                "l5tui.undefined": "after/OS.CC, rate.SST",
            }.items()
        )
        assert [each.path for each in client.list_artifacts(mlflow_id)] == [
            "experiment.toml",
            "selectivity.png",
            "tables",
        ]
        for path, content in {**run.images, **{p: t.encode() for p, t in run.texts.items()}}.items():
            assert Path(client.download_artifacts(mlflow_id, path, str(tmp_path))).read_bytes() == content


@pytest.mark.parametrize(
    ("status", "shown"), [("diverged", "FAILED"), ("failed", "FAILED"), ("cancelled", "KILLED")]
)
def test_other_ends_have_their_own_status(
    workspace: Workspace, run: TrackedRun, status: Status, shown: str
) -> None:
    mlflow_id = record_run(workspace, dataclasses.replace(run, status=status))
    with open_client(workspace) as client:
        found = client.get_run(mlflow_id)
    assert (found.info.status, found.data.tags["l5tui.status"]) == (shown, status)


def test_more_than_mlflow_takes_at_once(workspace: Workspace, run: TrackedRun) -> None:
    big = dataclasses.replace(
        run,
        parameters={f"p{number}": "x" * 7000 for number in range(250)},
        metrics={f"m{number}": float(number) for number in range(1500)},
        series=[StepMetrics(step, {"rate": float(step)}) for step in range(1200)],
        tags={f"t{number}": "y" * 9000 for number in range(150)},
    )
    mlflow_id = record_run(workspace, big)
    with open_client(workspace) as client:
        data = client.get_run(mlflow_id).data
        assert len(data.params) == 250
        assert {len(value) for value in data.params.values()} == {6000}
        assert data.metrics == {**big.metrics, "rate": 1199.0}
        assert len(client.get_metric_history(mlflow_id, "rate")) == 1200
        assert len(data.tags["t149"]) == 8000


def test_bare_run(workspace: Workspace, run: TrackedRun) -> None:
    bare = TrackedRun(run.run_id, 'it\'s "bare"', "completed", run.started, run.ended)
    with open_client(workspace) as client:
        found = client.get_run(record_run(workspace, bare))
        assert found.info.status == "FINISHED"
        assert found.info.run_name == bare.name
        assert client.list_artifacts(found.info.run_id) == []


def test_empty_values_and_awkward_names(workspace: Workspace, run: TrackedRun) -> None:
    awkward = dataclasses.replace(
        run,
        parameters={"a*b": "", "a!b": "2"},
        metrics={"τ (ms)": 1.0, "../x": 2.0},
        series=(),
        tags={"": "x"},
    )
    with open_client(workspace) as client:
        data = client.get_run(record_run(workspace, awkward)).data
    assert data.params == {"a_b": "", "a_b_2": "2"}
    assert data.metrics == {"τ _ms_": 1.0, "x": 2.0}


def test_bad_artifact_leaves_no_run(workspace: Workspace, run: TrackedRun) -> None:
    with pytest.raises(TrackingError, match="not a relative path"):
        record_run(workspace, dataclasses.replace(run, texts={"../../mlflow.db": "x"}))
    assert statuses(workspace) == []


def test_failure_half_way_closes_the_run(workspace: Workspace, run: TrackedRun) -> None:
    workspace.mlflow_artifacts.write_text("a file where the folder should be")
    with pytest.raises(TrackingError) as caught:
        record_run(workspace, dataclasses.replace(run, run_id="it's"))
    assert f"{workspace.mlflow_database}: cannot record run it's: " in str(caught.value)
    assert "\n" not in str(caught.value)
    assert statuses(workspace) == [("FAILED", 1_767_323_049_500)]


def test_nothing_is_printed_or_left_in_the_current_folder(
    workspace: Workspace,
    run: TrackedRun,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    monkeypatch.setenv("MLFLOW_REGISTRY_URI", "http://127.0.0.1:9")
    monkeypatch.setenv("MLFLOW_RUN_ID", "0123")
    record_run(workspace, run)
    assert capfd.readouterr() == ("", "")
    assert list((tmp_path / "here").iterdir()) == []


def test_interrupt_leaves_a_killed_run(workspace: Workspace) -> None:
    writer = subprocess.Popen(
        [sys.executable, "-c", RECORD_MUCH, str(workspace.root)], stderr=subprocess.PIPE, text=True
    )
    deadline = time.monotonic() + 300
    while not statuses(workspace) and writer.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)
    assert [status for status, _ in statuses(workspace)] == ["RUNNING"]
    os.kill(writer.pid, signal.SIGINT)
    said = writer.communicate(timeout=120)[1]
    assert said.rstrip().endswith("KeyboardInterrupt")
    assert [status for status, _ in statuses(workspace)] == ["KILLED"]


def test_what_a_killed_recording_left_is_taken_up(workspace: Workspace, run: TrackedRun) -> None:
    first = record_run(workspace, run)
    assert record_run(workspace, run) == first
    with closing(sqlite3.connect(workspace.mlflow_database)) as connection, connection:
        connection.execute("UPDATE runs SET status = 'RUNNING', end_time = NULL")
    second = record_run(workspace, run)
    with open_client(workspace) as client:
        assert client.get_run(first).info.lifecycle_stage == "deleted"
        experiment = client.get_run(second).info.experiment_id
        assert [found.info.run_id for found in client.search_runs([experiment])] == [second]
        assert client.get_run(second).info.status == "FINISHED"
