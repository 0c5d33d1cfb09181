"""Writes a study to MLflow: a parent run for it, and a nested run for each trial, whole or not at all."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from l5tui.tracking.artifacts import write_artifacts
from l5tui.tracking.edits import write_tags
from l5tui.tracking.limits import (
    LONGEST_PARAMETER,
    LONGEST_TAG,
    PARAMETERS_PER_BATCH,
    cut_mark,
    fitted,
    parameter_text,
)
from l5tui.tracking.mlflow_database import STUDIES_NAME, ensure_database, open_client
from l5tui.tracking.tracked_run import legal_names
from l5tui.workspace import Workspace

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Metric

PARENT = "mlflow.parentRunId"
MLFLOW_TRIAL_STATUS = {"completed": "FINISHED", "diverged": "FAILED", "failed": "FAILED"}

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class TrackedTrial:
    """What MLflow is to show of a trial.

    Parameters
    ----------
    number : int
    status : str
        ``completed``, ``diverged`` or ``failed``.
    started, ended : datetime
    parameters : mapping of str to value
    metrics : mapping of str to float
        Finite numbers only.
    tags : mapping of str to str
    images : mapping of str to bytes
        Artifact's name to the content of a PNG file.
    """

    number: int
    status: str
    started: datetime
    ended: datetime
    parameters: Mapping[str, object]
    metrics: Mapping[str, float]
    tags: Mapping[str, str]
    images: Mapping[str, bytes]


class StudyRuns:
    """A study's runs in MLflow; one process at a time writes them.

    Parameters
    ----------
    workspace : Workspace
    client : MlflowClient
    experiment_id : str
    parent : str
        MLflow's id of the study's run.
    """

    def __init__(self, workspace: Workspace, client: MlflowClient, experiment_id: str, parent: str) -> None:
        self._workspace = workspace
        self._client = client
        self._experiment_id = experiment_id
        self.parent = parent

    def record_trial(self, trial: TrackedTrial) -> str:
        """Record a trial that has ended.

        Returns
        -------
        str
            MLflow's id of its run.
        """
        from mlflow.entities import Metric

        names = legal_names([*trial.metrics, *trial.parameters])
        texts = {names[name]: parameter_text(value) for name, value in trial.parameters.items()}
        tags = _tags({**trial.tags, PARENT: self.parent}, texts)
        created = self._client.create_run(
            self._experiment_id, milliseconds(trial.started), tags, run_name=f"trial {trial.number}"
        )
        run_id, ended = str(created.info.run_id), milliseconds(trial.ended)
        metrics = [Metric(names[name], value, ended, 0) for name, value in trial.metrics.items()]
        _log(self._client, run_id, metrics, texts)
        _write(self._workspace, created.info.artifact_uri, trial.images)
        self._client.set_terminated(run_id, MLFLOW_TRIAL_STATUS[trial.status], ended)
        return run_id

    def log_course(self, values: Mapping[int, Mapping[str, float]], ended: datetime) -> None:
        """Add metrics of the study itself, one step a trial."""
        from mlflow.entities import Metric

        when = milliseconds(ended)
        metrics = [
            Metric(name, value, when, step) for step, row in values.items() for name, value in row.items()
        ]
        for start in range(0, len(metrics), 900):
            self._client.log_batch(self.parent, metrics=metrics[start : start + 900])

    def log_files(self, contents: Mapping[str, bytes]) -> None:
        """Put files into the study's run, in place of those of the same names."""
        _write(self._workspace, self._client.get_run(self.parent).info.artifact_uri, contents)

    def close(self, status: str, ended: datetime, tags: Mapping[str, str]) -> None:
        """End the study's run: FINISHED, KILLED or FAILED."""
        write_tags(self._client, self.parent, tags)
        self._client.set_terminated(self.parent, status, milliseconds(ended))

    def close_leftovers(self, known: set[str]) -> None:
        """Remove nested runs that were begun and not finished, or that the catalogue does not know."""
        nested = self._client.search_runs(
            [self._experiment_id], f"tags.`{PARENT}` = '{self.parent}'", max_results=50_000
        )
        for each in nested:
            if each.info.run_id not in known:
                log.warning("MLflow run %s of an interrupted recording is removed", each.info.run_id)
                self._client.delete_run(each.info.run_id)


def open_study_runs(
    client: MlflowClient,
    workspace: Workspace,
    mlflow_run: str | None,
    name: str,
    started: datetime,
    parameters: Mapping[str, object],
    tags: Mapping[str, str],
) -> StudyRuns:
    """Return a study's run in MLflow: created if absent, set to running again if it has ended.

    Parameters
    ----------
    client : MlflowClient
    workspace : Workspace
    mlflow_run : str or None
        MLflow's id of it, where it is known.
    name : str
    started : datetime
    parameters : mapping of str to value
        Of a new one.
    tags : mapping of str to str
        With ``l5tui.study_id``.
    """
    experiment_id = ensure_database(workspace, STUDIES_NAME)
    if mlflow_run is None:
        mlflow_run = _begun(client, experiment_id, tags)
    if mlflow_run is not None and status_in_mlflow(client, mlflow_run) is not None:
        client.update_run(mlflow_run, status="RUNNING")
        return StudyRuns(workspace, client, experiment_id, mlflow_run)
    names = legal_names(parameters)
    texts = {names[each]: parameter_text(value) for each, value in parameters.items()}
    created = client.create_run(experiment_id, milliseconds(started), _tags(tags, texts), run_name=name)
    parent = str(created.info.run_id)
    _log(client, parent, [], texts)
    return StudyRuns(workspace, client, experiment_id, parent)


def status_in_mlflow(client: MlflowClient, mlflow_run: str) -> str | None:
    """Return the status that MLflow has of a run; None if it does not have the run, or has it as deleted."""
    from mlflow.exceptions import MlflowException

    try:
        found = client.get_run(mlflow_run).info
    except MlflowException:
        return None
    return str(found.status) if found.lifecycle_stage == "active" else None


def _begun(client: MlflowClient, experiment_id: str, tags: Mapping[str, str]) -> str | None:
    """MLflow's id of a study's run that was made by a process which was killed before it could note it."""
    found = client.search_runs([experiment_id], f"tags.`l5tui.study_id` = '{tags['l5tui.study_id']}'")
    return next((str(each.info.run_id) for each in found if PARENT not in each.data.tags), None)


def _tags(tags: Mapping[str, str], parameters: Mapping[str, str]) -> dict[str, str]:
    """Tags that MLflow stores whole, with the mark of those and of the parameters that it would shorten."""
    short, cut = fitted({**tags, "mlflow.source.name": "l5tui"}, LONGEST_TAG)
    return short | cut_mark(fitted(parameters, LONGEST_PARAMETER)[1] | cut)


def _log(client: MlflowClient, run_id: str, metrics: Sequence[Metric], texts: Mapping[str, str]) -> None:
    """Log metrics, and parameters in as many calls as MLflow's limit requires."""
    from mlflow.entities import Param

    params = [Param(name, text) for name, text in fitted(texts, LONGEST_PARAMETER)[0].items()]
    client.log_batch(run_id, metrics=metrics, params=params[:PARAMETERS_PER_BATCH])
    for start in range(PARAMETERS_PER_BATCH, len(params), PARAMETERS_PER_BATCH):
        client.log_batch(run_id, params=params[start : start + PARAMETERS_PER_BATCH])


def _write(workspace: Workspace, artifact_uri: str, contents: Mapping[str, bytes]) -> None:
    write_artifacts(
        workspace, artifact_uri, {PurePosixPath(name): content for name, content in contents.items()}
    )


def milliseconds(time: datetime) -> int:
    """Return a time in MLflow's unit."""
    return round(time.timestamp() * 1000)


__all__ = ["StudyRuns", "TrackedTrial", "open_client", "open_study_runs", "status_in_mlflow"]
