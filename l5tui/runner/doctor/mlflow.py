"""MLflow's runs against the catalogue's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from l5tui.errors import TrackingError
from l5tui.runner.catch_up import PATIENCE
from l5tui.runner.doctor.finding import Finding, Kind
from l5tui.store.inspection import Inspected, SeenRow
from l5tui.store.process import is_gone
from l5tui.tracking.inspection import InspectedMlflow, MlflowRun, inspect_mlflow
from l5tui.tracking.mlflow_schema import installed_revisions
from l5tui.tracking.tracked_run import MLFLOW_STATUS
from l5tui.workspace import Workspace, unusable_path


def check_mlflow(workspace: Workspace, inspected: Inspected) -> Iterator[Finding]:
    """Whether MLflow has every run that has ended, once, as the catalogue has it, and where the workspace is."""
    if unusable_path(workspace.root):
        return  # the folder itself is a finding, and nothing can be mended before it has another name
    where = workspace.relative(workspace.mlflow_database)
    try:
        found = inspect_mlflow(workspace) or InspectedMlflow()
    except TrackingError as error:
        yield Finding(Kind.MLFLOW_DAMAGED, where, str(error))
        return
    if (schema := _check_schema(where, found.revision)) is not None:
        yield schema
        if not schema.is_mendable:
            return  # nothing of it can be written by the installed MLflow
    strays = [each for each in found.runs.values() if not each.is_here]
    if found.moved or strays:
        what = f"has paths of another folder, of {len(strays)} runs: the workspace was moved or copied"
        yield Finding(Kind.MLFLOW_MOVED, where, what)
    for row in inspected.runs:
        if not row.is_legal or "status" in row.damage or "mlflow_run" in row.damage:
            continue
        yield from _check_row(workspace, row, found.runs)
    rows = {row.id: row for row in inspected.runs}
    unnamed = {row.mlflow_run for row in inspected.runs if not row.is_legal}
    for each in found.runs.values():
        if each.is_active and not each.is_study and each.id not in unnamed:
            yield from _check_run(each, rows)


def recorded_runs_of(workspace: Workspace) -> Mapping[str, MlflowRun]:
    """Return what MLflow has, by its ids; nothing where its database cannot be read."""
    try:
        return (inspect_mlflow(workspace) or InspectedMlflow()).runs
    except TrackingError:
        return {}


def recorded_before(found: Mapping[str, MlflowRun], run_id: str) -> MlflowRun | None:
    """Return the ended MLflow run of a run that has no reference to it; None if there is none."""
    whole = (
        each
        for each in found.values()
        if each.is_active and each.status != "RUNNING" and each.tags.get("l5tui.run_id") == run_id
    )
    return next(whole, None)


def _check_schema(where: str, revision: str | None) -> Finding | None:
    """Compare the revision of the database's schema with those that the installed MLflow knows."""
    if revision is None:
        return None
    try:
        revisions = installed_revisions()
    except TrackingError as error:
        return Finding(Kind.MLFLOW_NEWER, where, "cannot be compared with the installed MLflow", str(error))
    if revision not in revisions.known:
        what = (
            f"has revision {revision}, which is unknown to the installed MLflow (up to {revisions.head}): the "
            "database was made by a newer MLflow"
        )
        return Finding(Kind.MLFLOW_NEWER, where, what, "update MLflow (`pip install -U mlflow`)")
    if revision != revisions.head:
        what = f"has revision {revision} of an earlier MLflow, the installed one has {revisions.head}"
        return Finding(Kind.MLFLOW_OLDER, where, what)
    return None


def _check_row(workspace: Workspace, row: SeenRow, found: Mapping[str, MlflowRun]) -> Iterator[Finding]:
    expected, where = MLFLOW_STATUS.get(row.status), f"run {row.id}"
    if expected is None:
        return
    if row.mlflow_run is None:
        if not _is_being_recorded(row):
            yield Finding(Kind.MLFLOW_MISSING, where, "is not recorded in MLflow", subject=row.id)
        return
    known = found.get(row.mlflow_run)
    if known is None:
        what = f"is not in MLflow, which once had it as {row.mlflow_run[:8]}"
        yield Finding(Kind.MLFLOW_MISSING, where, what, subject=row.id)
    elif not known.is_active:
        return  # deleted in MLflow, where it can be restored
    elif known.status != expected:
        what = f"is {row.status}, but {known.status} in MLflow"
        yield Finding(Kind.MLFLOW_DISAGREES, where, what, subject=row.id)
    elif not (workspace.mlflow_artifacts / row.mlflow_run / "artifacts").is_dir():
        yield Finding(Kind.MLFLOW_MISSING, where, "has lost its artifacts in MLflow", subject=row.id)


def _check_run(each: MlflowRun, rows: Mapping[str, SeenRow]) -> Iterator[Finding]:
    run_id, where = each.tags.get("l5tui.run_id"), f"MLflow run {each.id[:8]}"
    if run_id is None:
        return  # not a run of l5tui
    row = rows.get(run_id)
    if row is None:
        what = f"is of run {run_id}, which the catalogue does not have"
        remedy = "delete it in the MLflow UI (`l5tui mlflow`) if it is not needed"
        yield Finding(Kind.MLFLOW_UNKNOWN, where, what, remedy)
    elif row.mlflow_run == each.id:
        return
    elif row.mlflow_run is not None or (each.status == "RUNNING" and not _is_being_recorded(row)):
        what = f"is a second record of run {run_id}, by a process that was killed"
        yield Finding(Kind.MLFLOW_UNFINISHED, where, what, subject=each.id)


def _is_being_recorded(row: SeenRow) -> bool:
    """Whether the process of a run may be recording it just now."""
    if row.file is None or datetime.now(UTC) - (row.heartbeat or row.created) > PATIENCE:
        return False
    return not is_gone(row.host, row.pid, row.process_started)
