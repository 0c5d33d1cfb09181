"""MLflow is made to agree with the catalogue."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit
from urllib.request import url2pathname

import pytest

from l5tui.errors import TrackingError
from l5tui.runner.doctor.file_reading import FileReader
from l5tui.runner.doctor.finding import Kind
from l5tui.tracking.artifacts import write_artifacts
from l5tui.tracking.environment import artifact_uri
from l5tui.tracking.mlflow_database import ensure_database, open_client
from l5tui.workspace import Workspace
from tests.runner.doctor.examining import look, mend, runs, sql
from tests.runner.running import in_mlflow

FROZEN = Path(__file__).parents[2] / "tracking" / "frozen"


def test_a_workspace_that_was_moved(full: Workspace, tmp_path: Path, reader: FileReader) -> None:
    shutil.copytree(full.root, tmp_path / "elsewhere")
    moved = Workspace(tmp_path / "elsewhere")
    assert look(moved, reader).keys() == {Kind.MLFLOW_MOVED}
    assert mend(moved, reader)[0].findings == ()
    for each in in_mlflow(moved).values():
        assert str(each.info.artifact_uri).startswith(moved.mlflow_artifacts.as_uri())
        assert Path(each.data.tags["l5tui.file"]).is_relative_to(moved.runs)


def test_experiments_of_others_move_with_the_workspace(
    full: Workspace, tmp_path: Path, reader: FileReader
) -> None:
    shutil.copytree(full.root, tmp_path / "first")
    first, moved = Workspace(tmp_path / "first"), Workspace(tmp_path / "second")
    mend(first, reader)
    with open_client(first) as client:
        client.create_experiment("elsewhere", artifact_location="file:///data/of/others")
        other = client.create_run("0")
        folder = Path(url2pathname(urlsplit(other.info.artifact_uri).path))
    folder.mkdir(parents=True)
    (folder / "theirs.txt").write_text("theirs")
    assert look(first, reader) == {}
    first.root.rename(moved.root)
    assert look(moved, reader).keys() == {Kind.MLFLOW_MOVED}
    assert mend(moved, reader)[0].findings == ()
    with open_client(moved) as client:
        locations = {each.name: each.artifact_location for each in client.search_experiments()}
        artifacts = client.list_artifacts(other.info.run_id)
    assert [each.path for each in artifacts] == ["theirs.txt"]
    assert locations == {
        "Default": f"{artifact_uri(moved)}/0",
        "l5tui runs": artifact_uri(moved),
        "elsewhere": "file:///data/of/others",
    }


def test_no_artifact_is_written_outside_the_workspace(
    workspace: Workspace, tmp_path: Path, reader: FileReader
) -> None:
    outside = tmp_path / "outside"
    (first, *_) = runs(workspace)
    sql(
        workspace.mlflow_database,
        f"UPDATE runs SET artifact_uri = '{outside.as_uri()}' WHERE run_uuid = '{first.mlflow_run}'",
    )
    for address in (outside.as_uri(), f"{artifact_uri(workspace)}/../../../outside"):
        with pytest.raises(TrackingError, match="outside the workspace"):
            write_artifacts(workspace, address, {PurePosixPath("x"): b"x"})
    assert not outside.exists()
    assert look(workspace, reader).keys() == {Kind.MLFLOW_MOVED}
    assert mend(workspace, reader)[0].findings == ()
    own = in_mlflow(workspace)[first.id].info.artifact_uri
    assert own == f"{artifact_uri(workspace)}/{first.mlflow_run}/artifacts"


def test_mlflow_is_made_to_agree(workspace: Workspace, reader: FileReader) -> None:
    lost, wrong, bare, twice = runs(workspace)
    (workspace.mlflow_artifacts / str(bare.mlflow_run)).rename(workspace.root / "away")
    sql(
        workspace.mlflow_database,
        f"UPDATE runs SET status = 'FAILED' WHERE run_uuid = '{wrong.mlflow_run}'",
        f"UPDATE tags SET value = '{twice.id}' WHERE key = 'l5tui.run_id' AND run_uuid = '{lost.mlflow_run}'",
    )
    sql(workspace.catalog, f"UPDATE run SET mlflow_run = 'gone' WHERE id = '{lost.id}'")
    found = look(workspace, reader)
    assert {kind: len(some) for kind, some in found.items()} == {
        Kind.MLFLOW_MISSING: 2,
        Kind.MLFLOW_DISAGREES: 1,
        Kind.MLFLOW_UNFINISHED: 1,
    }
    assert mend(workspace, reader)[0].findings == ()
    recorded = in_mlflow(workspace)
    assert {each.id: each.mlflow_run for each in runs(workspace)} == {
        run_id: each.info.run_id for run_id, each in recorded.items()
    }
    assert recorded[wrong.id].info.status == "FINISHED"


def test_a_damaged_mlflow_database_is_made_anew(workspace: Workspace, reader: FileReader) -> None:
    workspace.mlflow_database.write_bytes(b"no database" * 1000)
    assert look(workspace, reader).keys() == {Kind.MLFLOW_DAMAGED}
    assert mend(workspace, reader)[0].findings == ()
    assert in_mlflow(workspace).keys() == {each.id for each in runs(workspace)}
    assert [path.read_bytes()[:11] for path in workspace.mlruns.glob("mlflow.db.damaged-*")] == [
        b"no database"
    ]


def test_a_database_of_an_earlier_mlflow_is_upgraded(workspace: Workspace, reader: FileReader) -> None:
    for path in workspace.mlruns.glob("mlflow.db*"):
        path.unlink()
    with closing(sqlite3.connect(workspace.mlflow_database)) as connection:
        connection.executescript((FROZEN / "mlflow-3.15.sql").read_text())
    assert {Kind.MLFLOW_OLDER, Kind.MLFLOW_MISSING} <= look(workspace, reader).keys()
    examined, said = mend(workspace, reader)
    assert examined.findings == ()
    assert "mlruns/mlflow.db: upgraded; the older one is backed up in the same folder" in said
    with open_client(workspace) as client:
        names = sorted(str(each.info.run_name) for each in client.search_runs([ensure_database(workspace)]))
    assert names == sorted(["earlier", *(each.name for each in runs(workspace))])
    assert (workspace.mlruns / "mlflow.db.6f8d9c3b2a1e.bak").is_file()


def test_a_database_of_a_newer_mlflow_is_reported_and_not_changed(
    workspace: Workspace, reader: FileReader
) -> None:
    sql(workspace.mlflow_database, "UPDATE alembic_version SET version_num = 'ffffffffffff'")
    before = workspace.mlflow_database.read_bytes()
    (found,) = look(workspace, reader)[Kind.MLFLOW_NEWER]
    assert "revision ffffffffffff" in found.what
    assert found.remedy == "update MLflow (`pip install -U mlflow`)"
    assert mend(workspace, reader)[0].findings == (found,)
    assert workspace.mlflow_database.read_bytes() == before
