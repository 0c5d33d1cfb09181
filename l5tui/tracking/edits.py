"""Changing and deleting runs that MLflow has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from l5tui.tracking.failures import tracking_error
from l5tui.tracking.limits import CUT_TAG, LONGEST_TAG, cut_mark, fitted, read_cut_mark
from l5tui.tracking.mlflow_database import ensure_database, open_client
from l5tui.workspace import Workspace

if TYPE_CHECKING:
    from mlflow import MlflowClient


def set_tags(workspace: Workspace, mlflow_run: str, tags: Mapping[str, str]) -> None:
    """Set tags of a run.

    Parameters
    ----------
    workspace : Workspace
    mlflow_run : str
        MLflow's id.
    tags : mapping of str to str

    Raises
    ------
    TrackingError
        Where MLflow could not.
    """
    with _editing(workspace, f"cannot change run {mlflow_run}") as client:
        write_tags(client, mlflow_run, tags)


def write_tags(client: MlflowClient, mlflow_run: str, tags: Mapping[str, str]) -> None:
    """Set tags of a run, with the mark of those that MLflow's limits shorten.

    Parameters
    ----------
    client : MlflowClient
    mlflow_run : str
        MLflow's id.
    tags : mapping of str to str
    """
    found = client.get_run(mlflow_run).data.tags
    texts, cut = fitted(tags, LONGEST_TAG)
    others = {name: length for name, length in read_cut_mark(found.get(CUT_TAG)).items() if name not in tags}
    # An empty mark replaces an older one: nothing is shortened any more.
    mark = cut_mark(others | cut) or ({CUT_TAG: "{}"} if CUT_TAG in found else {})
    for name, value in (texts | mark).items():
        client.set_tag(mlflow_run, name, value)


def delete_run(workspace: Workspace, mlflow_run: str) -> None:
    """Mark a run as deleted; MLflow's own ``mlflow gc`` removes what it left on the disk.

    Parameters
    ----------
    workspace : Workspace
    mlflow_run : str
        MLflow's id. One that it does not have, or has deleted already, is no failure.

    Raises
    ------
    TrackingError
        Where MLflow could not.
    """
    with _editing(workspace, f"cannot delete run {mlflow_run}") as client:
        from mlflow.exceptions import MlflowException

        try:
            if client.get_run(mlflow_run).info.lifecycle_stage == "active":
                client.delete_run(mlflow_run)
        except MlflowException as error:
            if error.error_code != "RESOURCE_DOES_NOT_EXIST":
                raise


def set_status(workspace: Workspace, mlflow_run: str, status: str) -> None:
    """Set the status of a run in MLflow, if it differs.

    Parameters
    ----------
    workspace : Workspace
    mlflow_run : str
        MLflow's id.
    status : str
        FINISHED, FAILED or KILLED.

    Raises
    ------
    TrackingError
        Where MLflow could not.
    """
    with _editing(workspace, f"cannot change run {mlflow_run}") as client:
        client.set_terminated(mlflow_run, status)


@contextmanager
def _editing(workspace: Workspace, failure: str) -> Iterator[MlflowClient]:
    """Yield MLflow's client; its errors are raised as a `TrackingError` that begins with `failure`."""
    try:
        ensure_database(workspace)
        with open_client(workspace) as client:
            yield client
    except Exception as error:
        raise tracking_error(workspace, failure, error) from error
