"""Paths in MLflow's database, which are absolute, after a workspace was moved or copied."""

from __future__ import annotations

import sqlite3
from pathlib import PurePath

from l5tui.tracking.environment import artifact_uri
from l5tui.workspace import Workspace


def relocate(connection: sqlite3.Connection, workspace: Workspace, experiment_id: int) -> None:
    """Point an experiment, its runs and what they say of their files to where the workspace is now.

    Parameters
    ----------
    connection : sqlite3.Connection
        On MLflow's database, in a transaction.
    workspace : Workspace
    experiment_id : int
        MLflow's id.
    """
    here = artifact_uri(workspace)
    connection.execute(
        "UPDATE experiments SET artifact_location = ? WHERE experiment_id = ?", (here, experiment_id)
    )
    # MLflow's own layout; a path of any other form was not made by l5tui.
    connection.execute(
        "UPDATE runs SET artifact_uri = ? || '/' || run_uuid || '/artifacts' WHERE experiment_id = ?"
        " AND substr(artifact_uri, -length(run_uuid) - 11) = '/' || run_uuid || '/artifacts'",
        (here, experiment_id),
    )
    stored = connection.execute(
        "SELECT run_uuid, value FROM tags WHERE key = 'l5tui.file'"
        " AND run_uuid IN (SELECT run_uuid FROM runs WHERE experiment_id = ?)",
        (experiment_id,),
    ).fetchall()
    moved = [(file_path(workspace, value), run_id) for run_id, value in stored]
    connection.executemany("UPDATE tags SET value = ? WHERE key = 'l5tui.file' AND run_uuid = ?", moved)


def file_path(workspace: Workspace, told: str) -> str:
    """Where a run's file lies now, that once lay where it is told."""
    return str(workspace.runs / PurePath(told).name)
