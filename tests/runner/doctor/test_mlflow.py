"""MLflow is made to agree with the catalogue."""

from __future__ import annotations

import shutil
from pathlib import Path

from l5tui.runner.doctor.file_reading import FileReader
from l5tui.runner.doctor.finding import Kind
from l5tui.workspace import Workspace
from tests.runner.doctor.examining import look, mend, runs, sql
from tests.runner.running import in_mlflow


def test_a_workspace_that_was_moved(full: Workspace, tmp_path: Path, reader: FileReader) -> None:
    shutil.copytree(full.root, tmp_path / "elsewhere")
    moved = Workspace(tmp_path / "elsewhere")
    assert look(moved, reader).keys() == {Kind.MLFLOW_MOVED}
    assert mend(moved, reader)[0].findings == ()
    for each in in_mlflow(moved).values():
        assert str(each.info.artifact_uri).startswith(moved.mlflow_artifacts.as_uri())
        assert Path(each.data.tags["l5tui.file"]).is_relative_to(moved.runs)


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
    told = in_mlflow(workspace)
    assert {each.id: each.mlflow_run for each in runs(workspace)} == {
        run_id: each.info.run_id for run_id, each in told.items()
    }
    assert told[wrong.id].info.status == "FINISHED"


def test_a_damaged_mlflow_database_is_made_anew(workspace: Workspace, reader: FileReader) -> None:
    workspace.mlflow_database.write_bytes(b"no database" * 1000)
    assert look(workspace, reader).keys() == {Kind.MLFLOW_DAMAGED}
    assert mend(workspace, reader)[0].findings == ()
    assert in_mlflow(workspace).keys() == {each.id for each in runs(workspace)}
    assert [path.read_bytes()[:11] for path in workspace.mlruns.glob("mlflow.db.damaged-*")] == [
        b"no database"
    ]
