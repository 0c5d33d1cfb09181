"""Keeping a collection of runs in order: tags, notes, and deleting what is not wanted any more."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass

from l5tui.errors import StoreError, TrackingError
from l5tui.runner.stored_run import existing_catalog
from l5tui.store.catalog import Catalog
from l5tui.store.id_paths import drawn_figures, run_file
from l5tui.store.labels import LOCK, copy_labels, labels_lock, remove_labels
from l5tui.store.records import RunRecord
from l5tui.tracking.edits import delete_run as delete_tracked
from l5tui.tracking.edits import set_tags
from l5tui.tracking.limits import LONGEST_TAG
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
        What MLflow or the copy of the notes and tags lacks.
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
    record = catalog.change_tags(catalog.find(reference).id, tuple(add), tuple(remove))
    names = ("l5tui.tags", "l5tui.tags_json")
    return Curated(record, _updated(workspace, catalog, record, names))


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
    return Curated(record, _updated(workspace, catalog, record, ("mlflow.note.content",)))


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
    # The file before the row: a row without its file is detected, a file without a row would not be.
    # A row may name any file; only that of its id is the run's.
    own = run_file(workspace, record.id)
    try:
        own.unlink(missing_ok=True)
    except OSError as error:
        where = workspace.relative(own)
        raise StoreError(f"{where} could not be removed: {error.strerror or error}") from error
    for figure in drawn_figures(workspace, record.id):
        figure.unlink(missing_ok=True)
    with labels_lock(workspace.store / LOCK):
        remove_labels(workspace, record.id)
        catalog.delete(record.id)
    log.info("run %s deleted", record.id)
    return Curated(record, warnings)


def _updated(
    workspace: Workspace, catalog: Catalog, record: RunRecord, names: tuple[str, ...]
) -> tuple[str, ...]:
    """Bring the copy of a run's notes and tags, and these tags in MLflow, up to date; warnings if that fails."""
    return _copied(workspace, catalog, record) + _update_mlflow(workspace, catalog, record, names)


def _copied(workspace: Workspace, catalog: Catalog, record: RunRecord) -> tuple[str, ...]:
    """Copy a run's notes and tags to where they survive the loss of the catalogue; a warning where that fails."""
    if record.file is None:
        return ()  # nothing of it would survive
    try:
        copy_labels(workspace, catalog, record.id)
    except StoreError as error:
        log.warning("run %s: %s", record.id, error)
        return (f"the copy of the notes and tags is not up to date: {error}",)
    return ()


def _update_mlflow(
    workspace: Workspace, catalog: Catalog, record: RunRecord, names: tuple[str, ...]
) -> tuple[str, ...]:
    """Update a run's tags in MLflow; a warning where that fails, or where MLflow stores only the beginning."""
    if record.mlflow_run is None or not workspace.mlflow_database.exists():
        return ()
    from l5tui.runner.tracked import label_tags

    try:
        with labels_lock(workspace.mlruns / LOCK):
            # Read under the lock: of several processes at once the newest wins.
            found = label_tags(catalog.find(record.id))
            tags = {name: text for name, text in found.items() if name in names}
            set_tags(workspace, record.mlflow_run, tags)
    except (StoreError, TrackingError) as error:
        log.warning("run %s: %s", record.id, error)
        return (f"MLflow is not up to date: {error}",)
    if (longest := max(map(len, tags.values()))) > LONGEST_TAG:
        return (
            f"MLflow stores the first {LONGEST_TAG - 1:,} of {longest:,} characters; the catalogue has all",
        )
    return ()


def _delete_in_mlflow(workspace: Workspace, record: RunRecord) -> tuple[str, ...]:
    if record.mlflow_run is None or not workspace.mlflow_database.exists():
        return ()
    try:
        delete_tracked(workspace, record.mlflow_run)
    except TrackingError as error:
        log.warning("run %s: %s", record.id, error)
        return (f"MLflow still has it: {error}",)
    return ()
