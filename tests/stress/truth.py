"""Consistency of a workspace: catalogue, files and MLflow agree, and there are no other files."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from l5tui.errors import L5Error
from l5tui.store.netcdf import file_sha256, open_run
from l5tui.tracking.tracked_run import MLFLOW_STATUS
from l5tui.workspace import Workspace
from tests.workspaces import rows, run_files

WITH_FILE = ("completed", "diverged")
STUDY_ENDS = {"completed": "FINISHED", "stopped": "KILLED", "failed": "FAILED"}

_readable: set[str] = set()
"""Digests of files that could be read."""

RUNS_OF = (
    "SELECT r.run_uuid, r.status, t.value AS own FROM runs r JOIN experiments e USING (experiment_id)"
    " LEFT JOIN tags t ON t.run_uuid = r.run_uuid AND t.key = ?"
    " WHERE r.lifecycle_stage = 'active' AND e.name = ?"
)


def losses_of(workspace: Workspace, *, in_mlflow: bool = True) -> list[str]:
    """What is not as it should be once everything that ran has ended and one run has gone well since.

    Parameters
    ----------
    workspace : Workspace
    in_mlflow : bool
        Whether MLflow must have every run.
    """
    found = [*_damage(workspace.catalog), *_untrue_rows(workspace), *_leftovers(workspace)]
    if workspace.mlflow_database.exists():
        found += [*_damage(workspace.mlflow_database), *_mlflow_of_runs(workspace, in_mlflow)]
    return found


def study_losses(workspace: Workspace) -> list[str]:
    """What is not as it should be with studies that have all been taken up to their end."""
    found: list[str] = []
    studies, trials = (
        _query(workspace.catalog, "SELECT * FROM study"),
        _query(workspace.catalog, "SELECT * FROM trial"),
    )
    shown = _query(workspace.mlflow_database, RUNS_OF, "l5tui.study_id", "l5tui studies")
    by_study = Counter(run["own"] for run in shown)
    status = {run["run_uuid"]: run["status"] for run in shown}
    for study in studies:
        own = [trial for trial in trials if trial["study_id"] == study["id"]]
        ended = [trial for trial in own if trial["status"] in ("completed", "diverged", "failed")]
        if study["status"] != "completed" or len(ended) != study["trials"] or len(own) != len(ended):
            found.append(f"study {study['id']} is {study['status']} with {len(ended)} of {len(own)} trials")
        if by_study[study["id"]] != len(ended) + 1:
            found.append(
                f"study {study['id']} has {by_study[study['id']]} runs in MLflow, not {len(ended) + 1}"
            )
        if status.get(study["mlflow_run"]) != STUDY_ENDS.get(study["status"]):
            found.append(f"study {study['id']} is {status.get(study['mlflow_run'])} in MLflow")
        for trial in ended:
            if status.get(trial["mlflow_run"]) not in ("FINISHED", "FAILED"):
                found.append(f"trial {trial['number']} of {study['id']} is not in MLflow")
    return found


def _untrue_rows(workspace: Workspace) -> Iterator[str]:
    expected = set()
    for row in rows(workspace):
        run = f"run {row['id']} ({row['status']})"
        if row["status"] == "running" or row["ended"] is None:
            yield f"{run} never ended"
        elif row["status"] in WITH_FILE:
            path = workspace.root / row["file"]
            expected.add(path.name)
            if not path.exists():
                yield f"{run} has lost its file"
            elif file_sha256(path) != row["file_sha256"]:
                yield f"{run} has another file than was written"
            elif not _opens(path, row["file_sha256"]):
                yield f"{run} has a file that does not open"
        elif row["file"] is not None or not row["error"]:
            yield f"{run} claims a file, or does not give the reason of its failure"
    for name in sorted(run_files(workspace) ^ expected):
        if name not in expected:
            yield f"{name} belongs to no run"


def _opens(path: Path, digest: str) -> bool:
    """Whether a file can be read; what has this digest and could be read once need not be read again."""
    if digest not in _readable:
        try:
            open_run(path, ["final_weights"])
        except L5Error:
            return False
        _readable.add(digest)
    return True


def _leftovers(workspace: Workspace) -> Iterator[str]:
    # A lock is an empty file that the next one takes again.
    for path in workspace.root.rglob("*"):
        if ".part" in path.name or (path.name.endswith(".lock") and path.name[:4] in ("run-", "stud")):
            yield f"{path.relative_to(workspace.root)} was left"


def _damage(database: Path) -> list[str]:
    checked = [row["integrity_check"] for row in _query(database, "PRAGMA integrity_check")]
    return [] if checked == ["ok"] else [f"{database.name}: {checked[0]}"]


def _mlflow_of_runs(workspace: Workspace, in_mlflow: bool) -> Iterator[str]:
    kept = {row["id"]: row for row in rows(workspace)}
    shown = _query(workspace.mlflow_database, RUNS_OF, "l5tui.run_id", "l5tui runs")
    for run_id, times in Counter(run["own"] for run in shown).items():
        if times > 1:
            yield f"run {run_id} is {times} times in MLflow"
    for run in shown:
        row = kept.get(run["own"])
        if row is None:
            yield f"MLflow has run {run['own']}, which the catalogue does not know"
        elif run["status"] != MLFLOW_STATUS.get(row["status"]):
            yield f"run {row['id']} is {row['status']}, and {run['status']} in MLflow"
        elif row["mlflow_run"] != run["run_uuid"]:
            yield f"run {row['id']} does not know its run in MLflow"
    if in_mlflow:
        for run_id in sorted(kept.keys() - {run["own"] for run in shown}):
            yield f"run {run_id} is not in MLflow"


def _query(database: Path, sql: str, *values: str) -> list[dict[str, Any]]:
    with closing(sqlite3.connect(database, timeout=60)) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute(sql, values)]
