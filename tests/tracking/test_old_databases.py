"""Databases of other versions of MLflow: an older one is upgraded and used, a newer one is refused in one line."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Connection

from l5tui.errors import TrackingError
from l5tui.tracking import mlflow_schema
from l5tui.tracking.edits import set_tags
from l5tui.tracking.environment import artifact_uri
from l5tui.tracking.mlflow_database import STUDIES_NAME, ensure_database, open_client, relocate_all
from l5tui.tracking.mlflow_schema import installed_revisions, stored_revision
from l5tui.tracking.run_recorder import TrackedRun, record_run
from l5tui.workspace import Workspace

FROZEN = Path(__file__).parent / "frozen"
EARLIER = "0123456789abcdef0123456789abcdef"
REVISIONS = {"3.12": "7d34483879f0", "3.15": "6f8d9c3b2a1e", "3.16": "b7e2c1a4d9f3"}
OPENERS = 2
OPEN_AT_ONCE = """
import os, sys, time
from pathlib import Path
from l5tui.tracking.environment import prepare_environment
from l5tui.tracking.edits import set_tags
from l5tui.workspace import Workspace

prepare_environment()
from mlflow.store.tracking import sqlalchemy_store  # once, not once a process: it takes seconds

begin = time.time() + 0.2
children = []
for number in range(int(sys.argv[3])):
    if not (child := os.fork()):
        time.sleep(max(0.0, begin - time.time()))
        set_tags(Workspace(Path(sys.argv[1])), sys.argv[2], {f"opened.{number}": "yes"})
        sys.exit()
    children.append(child)
sys.exit(sum(os.waitpid(child, 0)[1] != 0 for child in children))
"""


def thaw(workspace: Workspace, version: str) -> None:
    """Put a database of an earlier MLflow into a workspace."""
    workspace.mlruns.mkdir(exist_ok=True)
    with closing(sqlite3.connect(workspace.mlflow_database)) as connection:
        connection.executescript((FROZEN / f"mlflow-{version}.sql").read_text())


def dump(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return list(connection.iterdump())


def revision_of(path: Path) -> str | None:
    with closing(sqlite3.connect(path)) as connection:
        return stored_revision(connection)


def set_revision(workspace: Workspace, revision: str) -> None:
    with closing(sqlite3.connect(workspace.mlflow_database)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", (revision,))


def backups(workspace: Workspace) -> list[str]:
    return sorted(path.name for path in workspace.mlruns.glob("*.bak"))


@pytest.mark.parametrize("version", REVISIONS)
def test_a_database_of_an_earlier_mlflow_is_used_and_loses_nothing(
    version: str, tmp_path: Path, run: TrackedRun
) -> None:
    workspace = Workspace(tmp_path)
    thaw(workspace, version)
    before = dump(workspace.mlflow_database)
    assert revision_of(workspace.mlflow_database) == REVISIONS[version]
    mlflow_run = record_run(workspace, run)
    with open_client(workspace) as client:
        assert client.get_run(EARLIER).info.run_name == "earlier"
        assert client.get_run(EARLIER).info.artifact_uri == f"{artifact_uri(workspace)}/{EARLIER}/artifacts"
        assert str(client.get_run(mlflow_run).info.artifact_uri).startswith(artifact_uri(workspace))
    assert revision_of(workspace.mlflow_database) == installed_revisions().head
    assert backups(workspace) == [f"mlflow.db.{REVISIONS[version]}.bak"]
    assert dump(workspace.mlruns / backups(workspace)[0]) == before


@pytest.mark.parametrize("version", ["3.15", "3.16"])
def test_processes_that_open_an_older_database_at_once_lose_nothing(version: str, tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    thaw(workspace, version)
    ended = subprocess.run(
        [sys.executable, "-c", OPEN_AT_ONCE, str(tmp_path), EARLIER, str(OPENERS)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    with open_client(workspace) as client:
        found = client.get_run(EARLIER).data
    assert found.tags == {
        "mlflow.runName": "earlier",
        "l5tui.kind": "test",
        "note": "x",
        **{f"opened.{number}": "yes" for number in range(OPENERS)},
    }
    assert (found.params, found.metrics) == ({"gain": "1.5"}, {"rate": 2.5})
    assert backups(workspace) == [f"mlflow.db.{REVISIONS[version]}.bak"]


def test_the_upgrade_makes_the_tables_that_a_new_database_has(tmp_path: Path, workspace: Workspace) -> None:
    old = Workspace(tmp_path / "old")
    old.root.mkdir()
    thaw(old, "3.15")
    ensure_database(old)
    tables = "SELECT name FROM sqlite_master WHERE type IN ('table', 'index') ORDER BY name"
    found = []
    for place in (old, workspace):
        with closing(sqlite3.connect(place.mlflow_database)) as connection:
            found.append(connection.execute(tables).fetchall())
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    assert found[0] == found[1]


def test_an_upgrade_that_fails_changes_nothing_and_its_backup_is_reused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = Workspace(tmp_path)
    thaw(workspace, "3.15")
    before = dump(workspace.mlflow_database)
    migrate = mlflow_schema._migrate

    def fail(connection: Connection) -> None:
        migrate(connection)
        raise OSError("the power fails")

    monkeypatch.setattr(mlflow_schema, "_migrate", fail)
    with pytest.raises(TrackingError, match="the power fails"):
        ensure_database(workspace)
    assert dump(workspace.mlflow_database) == before
    monkeypatch.undo()
    ensure_database(workspace)
    assert backups(workspace) == ["mlflow.db.6f8d9c3b2a1e.bak"]


def test_a_different_backup_is_not_overwritten(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    thaw(workspace, "3.16")
    (workspace.mlruns / "mlflow.db.b7e2c1a4d9f3.bak").write_text("of another database")
    ensure_database(workspace)
    assert (workspace.mlruns / "mlflow.db.b7e2c1a4d9f3.bak").read_text() == "of another database"
    assert revision_of(workspace.mlruns / "mlflow.db.b7e2c1a4d9f3.2.bak") == "b7e2c1a4d9f3"


def test_a_database_of_a_newer_mlflow_is_refused_in_one_line(tmp_path: Path, run: TrackedRun) -> None:
    workspace = Workspace(tmp_path)
    thaw(workspace, "3.12")
    set_revision(workspace, "ffffffffffff")
    before = workspace.mlflow_database.read_bytes()
    for use in (
        lambda: record_run(workspace, run),
        lambda: set_tags(workspace, EARLIER, {"note": "y"}),
        lambda: ensure_database(workspace, STUDIES_NAME),
        lambda: relocate_all(workspace),
    ):
        with pytest.raises(TrackingError, match="newer MLflow; update MLflow") as caught:
            use()
        assert len(str(caught.value).splitlines()) == 1
        assert "revision ffffffffffff" in str(caught.value)
        assert str(caught.value).startswith(f"{workspace.mlflow_database}: ")
    assert workspace.mlflow_database.read_bytes() == before
    assert {path.name for path in workspace.mlruns.iterdir()} <= {"mlflow.db", "mlflow.lock"}


def test_the_installed_revisions_are_those_of_alembic() -> None:
    from mlflow.store.db.utils import _get_latest_schema_revision

    assert installed_revisions().head == _get_latest_schema_revision()  # type: ignore[no-untyped-call]
    assert set(REVISIONS.values()) < installed_revisions().known
