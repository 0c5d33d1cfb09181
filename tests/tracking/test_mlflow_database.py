"""The database is made once, whole, and follows its workspace."""

from __future__ import annotations

import logging
import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from l5tui.errors import TrackingError
from l5tui.tracking.environment import LOGGERS, artifact_uri, quiet
from l5tui.tracking.mlflow_database import EXPERIMENT_NAME, ensure_database, open_client
from l5tui.tracking.run_recorder import TrackedRun, record_run
from l5tui.workspace import Workspace, create_workspace

WRITERS = 6
RECORD = """
import os, sys
from datetime import UTC, datetime
from pathlib import Path
from l5tui.tracking.environment import prepare_environment
from l5tui.tracking.run_recorder import StepMetrics, TrackedRun, record_run
from l5tui.workspace import Workspace

prepare_environment()
from mlflow.store.tracking import sqlalchemy_store  # once, not once a process: it takes seconds
from mlflow.telemetry.client import get_telemetry_client


def record(number):
    now = datetime.now(UTC)
    record_run(Workspace(Path(sys.argv[1])), TrackedRun(
        f"run-{number}", "parallel", "completed", now, now,
        parameters={"number": number}, metrics={"loss": float(number)},
        series=[StepMetrics(step, {"rate": float(step)}) for step in range(200)],
        texts={"experiment.toml": f"seed = {number}"},
    ))
    assert get_telemetry_client() is None


writers = []
for number in range(int(sys.argv[2])):
    if not (pid := os.fork()):
        record(number)
        sys.exit()
    writers.append(pid)
sys.exit(sum(os.waitpid(pid, 0)[1] != 0 for pid in writers))
"""


def query(path: Path, statement: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(statement).fetchall()


@pytest.mark.slow
def test_six_processes_at_once_on_an_empty_workspace(tmp_path: Path) -> None:
    workspace = create_workspace(tmp_path / "empty")
    command = [sys.executable, "-c", RECORD, str(workspace.root), str(WRITERS)]
    ended = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=120, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")
    names = [row[0] for row in query(workspace.mlflow_database, "SELECT name FROM experiments ORDER BY 1")]
    assert names == ["Default", EXPERIMENT_NAME]
    with open_client(workspace) as client:
        runs = client.search_runs([ensure_database(workspace)])
        assert sorted(run.data.metrics["loss"] for run in runs) == list(range(WRITERS))
        assert {run.info.status for run in runs} == {"FINISHED"}
        for run in runs:
            assert len(client.get_metric_history(run.info.run_id, "rate")) == 200
    assert sorted(path.name for path in tmp_path.iterdir()) == ["empty"]
    assert not list(workspace.mlruns.glob("*.part*"))


def test_database_is_quick_concurrent_and_points_into_the_workspace(workspace: Workspace) -> None:
    experiment_id = ensure_database(workspace)
    began = time.perf_counter()
    assert ensure_database(workspace) == experiment_id
    assert time.perf_counter() - began < 0.1
    assert query(workspace.mlflow_database, "PRAGMA journal_mode") == [("wal",)]
    with open_client(workspace) as client:
        assert client.get_experiment(experiment_id).artifact_location == artifact_uri(workspace)


def test_where_the_workspace_is_now_counts(workspace: Workspace, run: TrackedRun, tmp_path: Path) -> None:
    first = record_run(workspace, run)
    moved = Workspace(tmp_path / "elsewhere")
    shutil.move(workspace.root, moved.root)
    second = record_run(moved, run)
    assert not workspace.root.exists()
    with open_client(moved) as client:
        for mlflow_id in (first, second):
            location = client.get_run(mlflow_id).info.artifact_uri
            assert location == f"{artifact_uri(moved)}/{mlflow_id}/artifacts"
            fetched = client.download_artifacts(mlflow_id, "experiment.toml", str(tmp_path))
            assert Path(fetched).read_text(encoding="utf-8") == run.texts["experiment.toml"]


def test_experiment_deleted_in_the_ui_comes_back(workspace: Workspace) -> None:
    experiment_id = ensure_database(workspace)
    with open_client(workspace) as client:
        client.delete_experiment(experiment_id)
    assert ensure_database(workspace) == experiment_id
    with open_client(workspace) as client:
        assert client.get_experiment(experiment_id).lifecycle_stage == "active"


def test_database_removed_between_two_runs(workspace: Workspace, run: TrackedRun) -> None:
    record_run(workspace, run)
    shutil.rmtree(workspace.mlruns)
    mlflow_id = record_run(workspace, run)
    rows = query(workspace.mlflow_database, "SELECT run_uuid, status FROM runs")
    assert rows == [(mlflow_id, "FINISHED")]


@pytest.mark.slow
def test_leftovers_of_a_killed_creation_are_replaced(tmp_path: Path) -> None:
    workspace = create_workspace(tmp_path / "w")
    workspace.mlflow_database.touch()
    (workspace.mlruns / "mlflow.db.part").write_bytes(b"half of it")
    (workspace.mlruns / "mlflow.db.part-journal").write_bytes(b"half of it")
    ensure_database(workspace)
    assert query(workspace.mlflow_database, "PRAGMA integrity_check") == [("ok",)]
    assert sorted(path.name for path in workspace.mlruns.iterdir()) == ["mlflow.db", "mlflow.lock"]


def test_what_is_no_database_gives_one_line(workspace: Workspace, run: TrackedRun) -> None:
    workspace.mlflow_database.write_bytes(b"not a database at all" * 100)
    with pytest.raises(TrackingError) as caught:
        record_run(workspace, run)
    assert str(caught.value).startswith(f"{workspace.mlflow_database}: ")
    assert "not a database" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_database_of_another_mlflow_names_the_remedy(workspace: Workspace, run: TrackedRun) -> None:
    with closing(sqlite3.connect(workspace.mlflow_database)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '0123456789ab'")
    with pytest.raises(
        TrackingError, match=r"0123456789ab is unknown to the installed MLflow .*; update MLflow"
    ):
        record_run(workspace, run)


@pytest.mark.parametrize("name", ["a?b", "a%20b"])
def test_path_that_mlflow_would_misread_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(TrackingError, match="rename the folder"):
        ensure_database(Workspace(create_workspace(tmp_path / "plain").root.rename(tmp_path / name)))


def test_loggers_are_quiet_meanwhile_and_as_before_afterwards() -> None:
    root_level, root_handlers = logging.root.level, list(logging.root.handlers)
    before = {name: logging.getLogger(name).level for name in LOGGERS}
    with quiet(), quiet():
        assert not any(logging.getLogger(name).isEnabledFor(logging.CRITICAL) for name in LOGGERS)
        assert logging.root.level == root_level
        assert logging.root.handlers == root_handlers
    assert {name: logging.getLogger(name).level for name in LOGGERS} == before
