"""Making MLflow have what the catalogue has."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from l5tui.errors import TrackingError
from l5tui.runner.catch_up import record_stored
from l5tui.runner.doctor.finding import Finding, Kind
from l5tui.runner.doctor.mlflow import recorded_before
from l5tui.store.catalog import Catalog
from l5tui.store.records import RunRecord
from l5tui.tracking.edits import delete_run, set_status
from l5tui.tracking.inspection import inspect_mlflow
from l5tui.tracking.mlflow_database import ensure_database, relocate_all
from l5tui.tracking.tracked_run import MLFLOW_STATUS
from l5tui.workspace import Workspace

KINDS = (
    Kind.MLFLOW_OLDER,
    Kind.MLFLOW_MOVED,
    Kind.MLFLOW_DISAGREES,
    Kind.MLFLOW_UNFINISHED,
    Kind.MLFLOW_MISSING,
)


def mend_mlflow(workspace: Workspace, findings: Sequence[Finding]) -> Iterator[str]:
    """Repair the findings that concern MLflow; yield one line for each repair."""
    found = {kind: [each for each in findings if each.kind is kind] for kind in KINDS}
    if not any(found.values()):
        return
    ensure_database(workspace)
    for each in found[Kind.MLFLOW_OLDER]:
        yield f"{each.where}: upgraded; the older one is backed up in the same folder"
    catalog = Catalog.open(workspace)
    if found[Kind.MLFLOW_MOVED]:
        relocate_all(workspace)
        yield f"{found[Kind.MLFLOW_MOVED][0].where}: its paths are corrected"
    for each in found[Kind.MLFLOW_DISAGREES]:
        run = catalog.find(each.subject)
        if run.mlflow_run is not None:
            set_status(workspace, run.mlflow_run, MLFLOW_STATUS[str(run.status)])
            yield f"{each.where}: {MLFLOW_STATUS[str(run.status)]} in MLflow"
    for each in found[Kind.MLFLOW_UNFINISHED]:
        delete_run(workspace, each.subject)
        yield f"{each.where}: marked as deleted"
    for each in found[Kind.MLFLOW_MISSING]:
        yield _shown(workspace, catalog, catalog.find(each.subject))


def record_all(workspace: Workspace) -> Iterator[str]:
    """Show every run to an MLflow that has none of them, as its database is a new one."""
    ensure_database(workspace)
    catalog = Catalog.open(workspace)
    ended = [run for run in catalog.runs()[::-1] if run.status.is_final]
    for run in ended:
        catalog.note_mlflow(run.id, None)
    for run in ended:
        yield _shown(workspace, catalog, run)


def _shown(workspace: Workspace, catalog: Catalog, run: RunRecord) -> str:
    inspected = inspect_mlflow(workspace)
    known = recorded_before(inspected.runs, run.id) if inspected else None
    if known is not None and known.id == run.mlflow_run:
        delete_run(workspace, known.id)  # without its artifacts
        known = None
    if known is not None:
        # The process that recorded it was killed before it updated the catalogue.
        catalog.note_mlflow(run.id, known.id)
        return f"run {run.id}: found in MLflow"
    catalog.note_mlflow(run.id, None)
    try:
        record_stored(workspace, catalog, run)
    except TrackingError as error:
        return f"run {run.id}: not recorded in MLflow: {error}"
    return f"run {run.id}: recorded in MLflow"
