"""Runs of MLflow's database, read without MLflow: the copy from which a damaged row is restored."""

from __future__ import annotations

import json
import re
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from l5tui.workspace import Workspace, is_regular

MLFLOW_ID = re.compile(r"[0-9a-f]{32}")
LARGEST_TEXT = 2_000_000
CHOSEN = "(SELECT value FROM json_each(?))"


@dataclass(frozen=True)
class RecordedRun:
    """What MLflow has of a run, a study or a trial.

    Parameters
    ----------
    id : str
        MLflow's id.
    name : str
    started, ended : datetime or None
        In UTC, to the millisecond.
    tags, parameters : mapping of str to str
    metrics : mapping of str to float
        The last value of each.
    """

    id: str
    name: str
    started: datetime | None
    ended: datetime | None
    tags: Mapping[str, str]
    parameters: Mapping[str, str]
    metrics: Mapping[str, float]


def recorded_run(workspace: Workspace, mlflow_run: str | None) -> RecordedRun | None:
    """Read what MLflow has of one run; see `recorded_runs`."""
    return recorded_runs(workspace, [mlflow_run] if mlflow_run else []).get(mlflow_run or "")


def recorded_runs(workspace: Workspace, ids: Iterable[str]) -> dict[str, RecordedRun]:
    """Read what MLflow has of runs; those that it lacks, or has marked as deleted, are left out.

    Parameters
    ----------
    workspace : Workspace
    ids : iterable of str
        MLflow's ids, as rows of the catalogue have them.

    Returns
    -------
    dict of str to RecordedRun
        Empty if the database cannot be read.
    """
    wanted = json.dumps([each for each in ids if MLFLOW_ID.fullmatch(each)])
    if not is_regular(workspace.mlflow_database):
        return {}
    address = f"{workspace.mlflow_database.resolve().as_uri()}?mode=ro"
    try:
        with closing(sqlite3.connect(address, uri=True, timeout=30)) as connection:
            connection.execute("PRAGMA trusted_schema=OFF")
            connection.text_factory = partial(str, encoding="utf-8", errors="backslashreplace")
            return _read(connection, wanted)
    except (sqlite3.Error, ValueError, TypeError):
        return {}


def _read(connection: sqlite3.Connection, wanted: str) -> dict[str, RecordedRun]:
    def pairs(table: str, more: str = "") -> dict[str, dict[str, Any]]:
        found: defaultdict[str, dict[str, Any]] = defaultdict(dict)
        query = f"SELECT run_uuid, key, value FROM {table} WHERE run_uuid IN {CHOSEN} {more}"
        for run_id, key, value in connection.execute(query, (wanted,)):
            found[run_id][str(key)] = value
        return found

    tags, parameters = pairs("tags"), pairs("params")
    metrics = pairs("latest_metrics", "AND is_nan = 0")
    rows = connection.execute(
        f"SELECT run_uuid, name, start_time, end_time FROM runs WHERE run_uuid IN {CHOSEN}"
        " AND lifecycle_stage = 'active'",
        (wanted,),
    )
    return {
        run_id: RecordedRun(
            run_id,
            str(name or ""),
            _moment(started),
            _moment(ended),
            {key: str(value) for key, value in tags.get(run_id, {}).items()},
            {key: str(value) for key, value in parameters.get(run_id, {}).items()},
            {key: float(value) for key, value in metrics.get(run_id, {}).items()},
        )
        for run_id, name, started, ended in rows
    }


def recorded_toml(workspace: Workspace, mlflow_run: str) -> str | None:
    """Return the artifact ``experiment.toml`` of a run; None if there is none that can be read."""
    if not MLFLOW_ID.fullmatch(mlflow_run):
        return None
    path = workspace.mlflow_artifacts / mlflow_run / "artifacts" / "experiment.toml"
    try:
        if not is_regular(path) or path.stat().st_size > LARGEST_TEXT:
            return None
        return path.read_text(encoding="utf-8")
    except (OSError, ValueError):
        return None


def _moment(milliseconds: object) -> datetime | None:
    if not isinstance(milliseconds, int):
        return None
    try:
        return datetime.fromtimestamp(milliseconds / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None
