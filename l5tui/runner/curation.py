"""Keeping a collection of runs in order: tags, notes, and deleting what is not wanted any more."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass

from l5tui.errors import StoreError, TrackingError
from l5tui.runner.stored_run import existing_catalog
from l5tui.store.records import RunRecord
from l5tui.workspace import Workspace

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Curated:
    """A run after a change.

    Parameters
    ----------
    record : RunRecord
        As it is now, or was before it was deleted.
    warnings : tuple of str
        What MLflow was not told.
    """

    record: RunRecord
    warnings: tuple[str, ...] = ()


def tag_run(
    workspace: Workspace, reference: str, *, add: Iterable[str] = (), remove: Iterable[str] = ()
) -> Curated:
    """Add tags to a run, and take others away.

    Parameters
    ----------
    workspace : Workspace
    reference : str
        As `l5tui.store.catalog.Catalog.find` takes it.
    add, remove : iterable of str
        Those that it has already, or lacks, make no difference.

    Raises
    ------
    UnknownRunError
        Where no run, or more than one, answers to the reference.
    StoreError
        Where a tag is empty or too long, or the catalogue cannot be written.
    """
    catalog = existing_catalog(workspace)
    before = catalog.find(reference)
    gone = set(remove)
    tags = dict.fromkeys(tag for tag in (*before.tags, *add) if tag not in gone)
    record = catalog.set_tags(before.id, tuple(tags))
    return Curated(record, _tell_mlflow(workspace, record, {"l5tui.tags": ", ".join(record.tags)}))


def note_run(workspace: Workspace, reference: str, text: str) -> Curated:
    """Replace the notes of a run.

    Raises
    ------
    UnknownRunError
        Where no run, or more than one, answers to the reference.
    StoreError
        Where the text is too long, or the catalogue cannot be written.
    """
    catalog = existing_catalog(workspace)
    record = catalog.set_notes(catalog.find(reference).id, text)
    return Curated(record, _tell_mlflow(workspace, record, {"mlflow.note.content": record.notes}))


def delete_run(workspace: Workspace, reference: str) -> Curated:
    """Delete a run: its row with all its measures, its file, the app's figures of it, and its MLflow run.

    Raises
    ------
    UnknownRunError
        Where no run, or more than one, answers to the reference.
    StoreError
        Where it is still running, or its row or file cannot be removed.
    """
    catalog = existing_catalog(workspace)
    record = catalog.find(reference)
    if not record.status.is_final:
        raise StoreError(f"run {record.id} is still {record.status}; cancel it first")
    warnings = _delete_in_mlflow(workspace, record)
    # The file before the row: a row tells of a file that is gone, but nothing would tell of a file without a row.
    # A catalogue from somebody else may name any file.
    own = workspace.runs / f"{record.id}.nc"
    if record.file is None or (workspace.root / record.file).resolve() == own.resolve():
        try:
            own.unlink(missing_ok=True)
        except OSError as error:
            where = workspace.relative(own)
            raise StoreError(f"{where} could not be removed: {error.strerror or error}") from error
    for figure in workspace.figures.glob(f"{record.id}-*"):
        figure.unlink(missing_ok=True)
    catalog.delete(record.id)
    log.info("run %s deleted", record.id)
    return Curated(record, warnings)


def _tell_mlflow(workspace: Workspace, record: RunRecord, tags: dict[str, str]) -> tuple[str, ...]:
    if record.mlflow_run is None or not workspace.mlflow_database.exists():
        return ()
    from l5tui.tracking.edits import set_tags

    try:
        set_tags(workspace, record.mlflow_run, tags)
    except TrackingError as error:
        log.warning("run %s: %s", record.id, error)
        return (f"MLflow was not told: {error}",)
    return ()


def _delete_in_mlflow(workspace: Workspace, record: RunRecord) -> tuple[str, ...]:
    if record.mlflow_run is None or not workspace.mlflow_database.exists():
        return ()
    from l5tui.tracking.edits import delete_run as delete_tracked

    try:
        delete_tracked(workspace, record.mlflow_run)
    except TrackingError as error:
        log.warning("run %s: %s", record.id, error)
        return (f"MLflow still has it: {error}",)
    return ()
