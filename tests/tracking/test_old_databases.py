"""Databases of other versions of MLflow: an older one is upgraded and used, a newer one is refused in one line."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from l5tui.errors import TrackingError
from l5tui.tracking.environment import artifact_uri
from l5tui.tracking.mlflow_database import ensure_database, open_client
from l5tui.tracking.run_recorder import TrackedRun, record_run
from l5tui.workspace import Workspace

FROZEN = Path(__file__).parent / "frozen"
EARLIER = "0123456789abcdef0123456789abcdef"


def thaw(workspace: Workspace, name: str) -> None:
    """Put a database of an earlier MLflow into a workspace."""
    workspace.mlruns.mkdir(exist_ok=True)
    with closing(sqlite3.connect(workspace.mlflow_database)) as connection:
        connection.executescript((FROZEN / name).read_text())


def test_a_database_of_an_earlier_mlflow_is_used_and_loses_nothing(tmp_path: Path, run: TrackedRun) -> None:
    workspace = Workspace(tmp_path)
    thaw(workspace, "mlflow-3.12.sql")
    mlflow_run = record_run(workspace, run)
    with open_client(workspace) as client:
        assert client.get_run(EARLIER).info.run_name == "earlier"
        assert client.get_run(EARLIER).info.artifact_uri == f"{artifact_uri(workspace)}/{EARLIER}/artifacts"
        assert str(client.get_run(mlflow_run).info.artifact_uri).startswith(artifact_uri(workspace))


def test_a_database_of_a_newer_mlflow_is_refused_in_one_line(tmp_path: Path, run: TrackedRun) -> None:
    workspace = Workspace(tmp_path)
    thaw(workspace, "mlflow-3.12.sql")
    ensure_database(workspace)
    with closing(sqlite3.connect(workspace.mlflow_database)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = 'ffffffffffff'")
    with pytest.raises(TrackingError, match="newer MLflow; update MLflow") as caught:
        record_run(workspace, run)
    assert len(str(caught.value).splitlines()) == 1
