"""Writes a finished run to MLflow, all of it or marked as failed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import zip_longest
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, TypeVar

from l5tui.tracking.failures import tracking_error
from l5tui.tracking.mlflow_database import ensure_database, open_client
from l5tui.tracking.tracked_run import MLFLOW_STATUS, StepMetrics, TrackedRun
from l5tui.workspace import Workspace

if TYPE_CHECKING:
    from mlflow import MlflowClient

__all__ = ["StepMetrics", "TrackedRun", "record_run"]

METRICS_PER_BATCH = 900
PARAMETERS_PER_BATCH = 100
"""Together MLflow's limit of 1,000 entries a batch, of which 100 may be parameters."""

Entry = TypeVar("Entry")


def record_run(workspace: Workspace, run: TrackedRun) -> str:
    """Record a run in a workspace's MLflow database.

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
        with TemporaryDirectory(prefix="l5tui-artifacts-") as folder:
            _write_files(Path(folder), run.files())
            experiment_id = ensure_database(workspace)
            with open_client(workspace) as client:
                return _record(client, experiment_id, run, Path(folder))
    except Exception as error:
        raise tracking_error(workspace, doing, error) from error


def _record(client: MlflowClient, experiment_id: str, run: TrackedRun, folder: Path) -> str:
    parameters, metrics, tags = run.parameter_texts(), run.finite_metrics(), run.all_tags()
    try:
        created = client.create_run(
            experiment_id, start_time=_milliseconds(run.started), tags=tags, run_name=run.name
        )
        mlflow_id = str(created.info.run_id)
        _log_batches(client, mlflow_id, parameters, metrics, _milliseconds(run.ended))
        if any(folder.iterdir()):
            client.log_artifacts(mlflow_id, str(folder))
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


def _write_files(folder: Path, contents: Mapping[PurePosixPath, bytes]) -> None:
    for relative, content in contents.items():
        path = folder / relative
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def _chunks(entries: Sequence[Entry], size: int) -> Iterator[Sequence[Entry]]:
    for start in range(0, len(entries), size):
        yield entries[start : start + size]


def _milliseconds(time: datetime) -> int:
    return round(time.timestamp() * 1000)
