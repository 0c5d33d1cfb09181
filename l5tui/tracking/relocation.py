"""Paths in MLflow's database, which are absolute, after a workspace was moved or copied."""

from __future__ import annotations

import re
import sqlite3
from pathlib import PurePath

from l5tui.tracking.environment import artifact_uri
from l5tui.workspace import Workspace

EXPERIMENT_NAME = "l5tui runs"
"""MLflow experiment that holds every run of a workspace."""

STUDIES_NAME = "l5tui studies"
"""MLflow experiment that holds every study of a workspace, and its trials as nested runs."""

BELOW_ARTIFACTS = re.compile(r"(file:.*|/.*)/mlruns/artifacts(?P<rest>(/.*)?)")
"""A place in the artifacts of a workspace, this one or another."""

OWN = "key IN ('l5tui.run_id', 'l5tui.study_id')"
"""Tags of runs that l5tui has recorded."""


def relocate(connection: sqlite3.Connection, workspace: Workspace) -> None:
    """Point all experiments, their runs and what they say of their files to where the workspace is now.

    Experiments of other programs, such as MLflow's own ``Default``, keep their place below the artifacts.

    Parameters
    ----------
    connection : sqlite3.Connection
        On MLflow's database, in a transaction.
    workspace : Workspace
    """
    here = artifact_uri(workspace)
    experiments = connection.execute("SELECT experiment_id, name, artifact_location FROM experiments")
    connection.executemany(
        "UPDATE experiments SET artifact_location = ? WHERE experiment_id = ?",
        [
            (location_here(workspace, str(name), str(location)), key)
            for key, name, location in experiments.fetchall()
        ],
    )
    runs = connection.execute(
        f"SELECT run_uuid, artifact_uri, run_uuid IN (SELECT run_uuid FROM tags WHERE {OWN}) FROM runs"
    )
    connection.executemany(
        "UPDATE runs SET artifact_uri = ? WHERE run_uuid = ?",
        [
            # MLflow's own layout, in which l5tui records.
            (f"{here}/{run_id}/artifacts" if is_own else place_here(workspace, str(location)), run_id)
            for run_id, location, is_own in runs.fetchall()
        ],
    )
    stored = connection.execute(
        "SELECT run_uuid, value FROM tags WHERE key = 'l5tui.file'"
        f" AND run_uuid IN (SELECT run_uuid FROM tags WHERE {OWN})"
    ).fetchall()
    moved = [(file_path(workspace, value), run_id) for run_id, value in stored]
    connection.executemany("UPDATE tags SET value = ? WHERE key = 'l5tui.file' AND run_uuid = ?", moved)


def location_here(workspace: Workspace, name: str, location: str) -> str:
    """Return where the artifacts of an experiment are, now that the workspace is here.

    Parameters
    ----------
    workspace : Workspace
    name : str
        Of the experiment.
    location : str
        What MLflow has.
    """
    return (
        artifact_uri(workspace)
        if name in (EXPERIMENT_NAME, STUDIES_NAME)
        else place_here(workspace, location)
    )


def place_here(workspace: Workspace, location: str) -> str:
    """Return a place below the artifacts of a workspace as one of this workspace; others stay as they are."""
    found = BELOW_ARTIFACTS.fullmatch(location)
    return location if found is None else f"{artifact_uri(workspace)}{found['rest']}"


def file_path(workspace: Workspace, recorded: str) -> str:
    """Return the present path of a run's file from its recorded path."""
    return str(workspace.runs / PurePath(recorded).name)
