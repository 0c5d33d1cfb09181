"""Writes a finished run to MLflow, all of it or marked as failed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import zip_longest
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, TypeVar

from l5tui.tracking.artifacts import write_artifacts
from l5tui.tracking.failures import tracking_error
from l5tui.tracking.limits import PARAMETERS_PER_BATCH
from l5tui.tracking.mlflow_database import ensure_database, open_client
from l5tui.tracking.tracked_run import MLFLOW_STATUS, StepMetrics, TrackedRun
from l5tui.workspace import Workspace

if TYPE_CHECKING:
    from mlflow import MlflowClient

__all__ = ["StepMetrics", "TrackedRun", "record_run"]

METRICS_PER_BATCH = 900
"""With `PARAMETERS_PER_BATCH` MLflow's limit of 1,000 entries a batch."""

Entry = TypeVar("Entry")


def record_run(workspace: Workspace, run: TrackedRun) -> str:
    """Record a run in a workspace's MLflow database, once: whatever an earlier attempt left of it is taken up.

    A process may be killed between any two of the steps that recording takes. A run that it had finished is
    kept as it is; one that it had only begun is marked as deleted, and the run is recorded anew.

    Parameters
    ----------
    workspace : Workspace
    run : TrackedRun

    Returns
    -------
    str
        MLflow's id of the run.

    Raises
    ------
    TrackingError
        Where MLflow could not record it all; what there is of it in MLflow is then marked as failed.
    """
    doing = f"cannot record run {run.run_id}"
    try:
        files = run.files()
        experiment_id = ensure_database(workspace)
        with open_client(workspace) as client:
            whole = _take_up(client, experiment_id, run)
            return whole or _record(workspace, client, experiment_id, run, files)
    except Exception as error:
        raise tracking_error(workspace, doing, error) from error


def _take_up(client: MlflowClient, experiment_id: str, run: TrackedRun) -> str | None:
    """MLflow's id of the run where it was recorded to its end; what was recorded in part is removed."""
    whole: str | None = None
    # MLflow's filters cannot escape quotes; our own ids have none.
    if "'" in run.run_id:
        return None
    for each in client.search_runs([experiment_id], f"tags.`l5tui.run_id` = '{run.run_id}'"):
        # Of the other ends, an attempt that failed may have made the same.
        if whole is None and each.info.status == MLFLOW_STATUS[run.status] == "FINISHED":
            whole = str(each.info.run_id)
        else:
            client.delete_run(each.info.run_id)
    return whole


def _record(
    workspace: Workspace,
    client: MlflowClient,
    experiment_id: str,
    run: TrackedRun,
    files: Mapping[PurePosixPath, bytes],
) -> str:
    parameters, metrics, tags = run.parameter_texts(), run.finite_metrics(), run.all_tags()
    try:
        created = client.create_run(
            experiment_id, start_time=_milliseconds(run.started), tags=tags, run_name=run.name
        )
        mlflow_id = str(created.info.run_id)
        _log_batches(client, mlflow_id, parameters, metrics, _milliseconds(run.ended))
        write_artifacts(workspace, created.info.artifact_uri, files)
        client.set_terminated(mlflow_id, MLFLOW_STATUS[run.status], _milliseconds(run.ended))
    except BaseException as error:
        status = "FAILED" if isinstance(error, Exception) else "KILLED"
        try:
            _close_open_runs(client, experiment_id, run, status)
        except Exception as second:
            error.add_note(f"The run could not be closed in MLflow either: {second}")
        raise
    return mlflow_id


def _log_batches(
    client: MlflowClient,
    mlflow_id: str,
    parameters: Mapping[str, str],
    metrics: Sequence[tuple[str, float, int]],
    timestamp: int,
) -> None:
    from mlflow.entities import Metric, Param

    entries = [Metric(name, value, timestamp, step) for name, value, step in metrics]
    texts = [Param(name, text) for name, text in parameters.items()]
    for some_metrics, some_params in zip_longest(
        _chunks(entries, METRICS_PER_BATCH), _chunks(texts, PARAMETERS_PER_BATCH), fillvalue=()
    ):
        client.log_batch(mlflow_id, metrics=some_metrics, params=some_params)


def _close_open_runs(client: MlflowClient, experiment_id: str, run: TrackedRun, status: str) -> None:
    """End what is still open of a run; found by our id, as an interrupt may come before MLflow's is known."""
    for each in client.search_runs([experiment_id], "attributes.status = 'RUNNING'"):
        if each.data.tags.get("l5tui.run_id") != run.run_id:
            continue
        client.set_terminated(each.info.run_id, status, _milliseconds(run.ended))


def _chunks(entries: Sequence[Entry], size: int) -> Iterator[Sequence[Entry]]:
    for start in range(0, len(entries), size):
        yield entries[start : start + size]


def _milliseconds(time: datetime) -> int:
    return round(time.timestamp() * 1000)
