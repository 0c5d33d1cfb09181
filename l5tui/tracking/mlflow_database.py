"""MLflow's SQLite database: created atomically by the first process that needs it."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from filelock import FileLock, Timeout

from l5tui.errors import TrackingError
from l5tui.tracking.environment import artifact_uri, ignore_warnings, quiet, tracking_uri
from l5tui.tracking.failures import tracking_error
from l5tui.tracking.mlflow_schema import UNFINISHED, connect, needs_upgrade, remove_unfinished, upgrade
from l5tui.tracking.relocation import EXPERIMENT_NAME, STUDIES_NAME, relocate
from l5tui.workspace import Workspace, require_regular, unusable_path

if TYPE_CHECKING:
    from mlflow import MlflowClient

__all__ = [
    "EXPERIMENT_NAME",
    "STUDIES_NAME",
    "ensure_database",
    "open_client",
    "relocate_all",
]

LOCK_TIMEOUT_S = 120.0

log = logging.getLogger(__name__)


class _Found(NamedTuple):
    experiment_id: str
    artifact_location: str
    stage: str


def ensure_database(workspace: Workspace, name: str = EXPERIMENT_NAME) -> str:
    """Make sure that the database and the experiment exist; quick where they do.

    MLflow itself loses when two processes create one database, so it is made under a file lock, under
    another name, and renamed when it is complete: no process ever sees half of it. MLflow also loses when two
    processes upgrade one database, so that of an earlier MLflow is backed up and upgraded under the same lock; that
    of a newer one is not written to. A workspace that was moved or copied gets its artifact addresses, which MLflow
    stores as absolute ones, corrected.

    Parameters
    ----------
    workspace : Workspace
    name : str, optional
        Of the experiment.

    Returns
    -------
    str
        MLflow's id of the experiment.

    Raises
    ------
    TrackingError
        Where the database cannot be made, read or upgraded, or was made by a newer MLflow.
    """
    _check_path(workspace)
    try:
        is_older = needs_upgrade(workspace.mlflow_database)
        if not is_older and (found := _find_experiment(workspace, name)) and _is_ready(found, workspace):
            return found.experiment_id
        workspace.mlruns.mkdir(exist_ok=True)
        with _locked(workspace):
            if backup := upgrade(workspace.mlflow_database):
                log.info("MLflow's database is upgraded; %s is a copy of the older one", backup.name)
            return _create_or_mend(workspace, name)
    except Exception as error:
        raise tracking_error(workspace, "cannot prepare MLflow's database", error) from error


def relocate_all(workspace: Workspace) -> None:
    """Point all runs, those of studies too, to where the workspace is now.

    Raises
    ------
    TrackingError
        Where the database cannot be written.
    """
    try:
        with _locked(workspace):
            upgrade(workspace.mlflow_database)
            if any(_find_experiment(workspace, name) for name in (EXPERIMENT_NAME, STUDIES_NAME)):
                with connect(workspace.mlflow_database) as connection, connection:
                    relocate(connection, workspace)
    except Exception as error:
        raise tracking_error(workspace, "cannot correct MLflow's paths", error) from error


@contextmanager
def open_client(workspace: Workspace) -> Iterator[MlflowClient]:
    """Open MLflow's client of a workspace's database, without output; close its connections afterwards.

    Raises
    ------
    TrackingError
        If there is no database: MLflow would make one, with the folders above it, if the workspace was moved.
    """
    ignore_warnings()
    with quiet():
        # Takes seconds, in which the workspace may be moved.
        import mlflow.store.tracking.sqlalchemy_store  # noqa: F401
        from mlflow import MlflowClient

        if not workspace.mlflow_database.exists():
            raise TrackingError(f"{workspace.mlflow_database} is gone: it was moved or deleted")
        uri = tracking_uri(workspace)
        client = MlflowClient(tracking_uri=uri, registry_uri=uri)
        try:
            yield client
        finally:
            # MLflow keeps its engine for good: a pooled connection would go on writing to a deleted file.
            client._tracking_client.store.engine.dispose()


def _check_path(workspace: Workspace) -> None:
    try:
        require_regular(workspace.mlflow_database)
    except OSError as error:
        raise TrackingError(f"{workspace.mlflow_database}: {error.strerror}; move it away") from error
    if why := unusable_path(workspace.root):
        raise TrackingError(f"{workspace.root}: {why}; rename the folder")


def _is_ready(found: _Found, workspace: Workspace) -> bool:
    return found.stage == "active" and found.artifact_location == artifact_uri(workspace)


def _find_experiment(workspace: Workspace, name: str) -> _Found | None:
    """Look the experiment up without importing MLflow."""
    if not workspace.mlflow_database.exists():
        return None
    with connect(workspace.mlflow_database) as connection:
        try:
            row = connection.execute(
                "SELECT experiment_id, artifact_location, lifecycle_stage FROM experiments WHERE name = ?",
                (name,),
            ).fetchone()
        except sqlite3.OperationalError as error:
            if "no such table" in str(error):
                return None
            raise
    return _Found(str(row[0]), str(row[1]), str(row[2])) if row else None


def _create_or_mend(workspace: Workspace, name: str) -> str:
    database = workspace.mlflow_database
    if not database.exists() or database.stat().st_size == 0:
        _create(workspace)
    found = _find_experiment(workspace, name)
    if found is None or found.stage != "active":
        with open_client(workspace) as client:
            if found is None:
                client.create_experiment(name, artifact_location=artifact_uri(workspace))
            else:
                client.restore_experiment(found.experiment_id)
        found = _find_experiment(workspace, name)
        if found is None:
            raise TrackingError(f"{database}: MLflow created no experiment named {name!r}")
    if found.artifact_location != artifact_uri(workspace):
        with connect(database) as connection, connection:
            relocate(connection, workspace)
    return found.experiment_id


def _create(workspace: Workspace) -> None:
    """Build a complete database beside its place, then move it there."""
    ignore_warnings()
    part = workspace.mlruns / UNFINISHED
    remove_unfinished(workspace.mlflow_database)
    with quiet():
        from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

        # The store, not the client: only the store takes a root for the artifacts of experiment "Default",
        # which would otherwise depend on the current folder.
        store = SqlAlchemyStore(  # type: ignore[no-untyped-call]
            f"sqlite:///{part.absolute().as_posix()}", artifact_uri(workspace)
        )
        try:
            store.create_experiment(  # type: ignore[no-untyped-call]
                EXPERIMENT_NAME, artifact_location=artifact_uri(workspace)
            )
        finally:
            store.engine.dispose()
    with connect(part) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
    part.replace(workspace.mlflow_database)


@contextmanager
def _locked(workspace: Workspace) -> Iterator[None]:
    path = workspace.mlruns / "mlflow.lock"
    try:
        with FileLock(path, timeout=LOCK_TIMEOUT_S):
            yield
    except Timeout as error:
        raise TrackingError(
            f"{path}: another process has been preparing MLflow's database for {LOCK_TIMEOUT_S:.0f} s; "
            "end it and try again"
        ) from error
