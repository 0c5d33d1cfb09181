"""MLflow's database looked at without MLflow, and without changing it."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field

from l5tui.errors import TrackingError
from l5tui.tracking.environment import artifact_uri
from l5tui.tracking.failures import first_line
from l5tui.tracking.limits import CUT_TAG
from l5tui.tracking.mlflow_schema import stored_revision
from l5tui.tracking.relocation import EXPERIMENT_NAME, STUDIES_NAME, file_path, location_here, place_here
from l5tui.workspace import Workspace, require_regular

TAGS = (
    *(
        "l5tui.run_id",
        "l5tui.study_id",
        "l5tui.file",
        "l5tui.file_sha256",
        "l5tui.tags",
        "l5tui.tags_json",
        "mlflow.note.content",
        "mlflow.parentRunId",
    ),
    CUT_TAG,
)

RUNS = """
SELECT run.run_uuid, run.status, run.lifecycle_stage, run.artifact_uri, experiment.name
FROM runs AS run JOIN experiments AS experiment ON run.experiment_id = experiment.experiment_id
WHERE experiment.name IN (?, ?)
"""


@dataclass(frozen=True)
class MlflowRun:
    """A run as MLflow has it.

    Parameters
    ----------
    id : str
        MLflow's id.
    status : str
        RUNNING, FINISHED, FAILED or KILLED.
    is_active : bool
        False where it was deleted in MLflow.
    is_here : bool
        Whether its artifacts and its file are said to lie in this workspace.
    is_study : bool
        Whether it belongs to a study.
    tags : mapping of str to str
        Those of `TAGS`.
    """

    id: str
    status: str
    is_active: bool
    is_here: bool
    is_study: bool
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class InspectedMlflow:
    """What was found in MLflow's database.

    Parameters
    ----------
    runs : mapping of str to MlflowRun
        By MLflow's id.
    moved : tuple of str
        Experiments whose artifacts are said to lie elsewhere.
    revision : str or None
        Of the database's schema; None if it has none.
    """

    runs: Mapping[str, MlflowRun] = field(default_factory=dict)
    moved: tuple[str, ...] = ()
    revision: str | None = None


def inspect_mlflow(workspace: Workspace) -> InspectedMlflow | None:
    """Look at a workspace's MLflow database; None where there is none.

    Raises
    ------
    TrackingError
        Where it cannot be read or is damaged, with the reason alone.
    """
    try:
        require_regular(workspace.mlflow_database)
    except OSError as error:
        raise TrackingError(f"cannot be read: {error.strerror}; move it away") from error
    if not workspace.mlflow_database.exists():
        return None
    address = f"{workspace.mlflow_database.resolve().as_uri()}?mode=ro"
    try:
        with closing(sqlite3.connect(address, uri=True, timeout=30)) as connection:
            connection.execute("PRAGMA trusted_schema=OFF")
            (faults,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
            if faults != "ok":
                raise TrackingError(f"is damaged: {first_line(str(faults))}")
            return _inspected(connection, workspace)
    except sqlite3.Error as error:
        raise TrackingError(f"cannot be read: {first_line(str(error))}") from error


def _inspected(connection: sqlite3.Connection, workspace: Workspace) -> InspectedMlflow:
    names = (EXPERIMENT_NAME, STUDIES_NAME)
    located = connection.execute("SELECT name, artifact_location FROM experiments ORDER BY name")
    moved = tuple(
        str(name)
        for name, location in located
        if str(location) != location_here(workspace, str(name), str(location))
    )
    tags: dict[str, dict[str, str]] = {}
    wanted = ", ".join("?" * len(TAGS))
    for run_id, key, value in connection.execute(
        f"SELECT run_uuid, key, value FROM tags WHERE key IN ({wanted})", TAGS
    ):
        tags.setdefault(run_id, {})[key] = str(value)
    runs = {
        run_id: MlflowRun(
            id=run_id,
            status=str(status),
            is_active=stage == "active",
            is_here=_is_here(workspace, str(run_id), str(location), tags.get(run_id, {})),
            is_study=name == STUDIES_NAME,
            tags=tags.get(run_id, {}),
        )
        for run_id, status, stage, location, name in connection.execute(RUNS, names)
    }
    return InspectedMlflow(runs, moved, stored_revision(connection))


def _is_here(workspace: Workspace, run_id: str, location: str, tags: Mapping[str, str]) -> bool:
    file = tags.get("l5tui.file")
    is_own = {"l5tui.run_id", "l5tui.study_id"} & tags.keys()
    expected = f"{artifact_uri(workspace)}/{run_id}/artifacts" if is_own else place_here(workspace, location)
    return location == expected and file in (
        None,
        file_path(workspace, file or ""),
    )
