"""Record earlier runs that MLflow lacks: runs that were stopped, or that ended while MLflow could not be written."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from filelock import FileLock, Timeout

from l5tui.config import Experiment
from l5tui.config.toml_text import parse_toml
from l5tui.config.validation import validate_stored
from l5tui.errors import ConfigError, TrackingError, UnknownRunError
from l5tui.runner.logs import concerning
from l5tui.runner.shield import shielded
from l5tui.runner.tracked import stored_dataset, tracked_run
from l5tui.store.catalog import Catalog
from l5tui.store.process import is_gone
from l5tui.store.records import RunRecord
from l5tui.tracking.edits import delete_run
from l5tui.tracking.run_recorder import record_run
from l5tui.workspace import Workspace

AT_ONCE = 20
"""Runs that are recorded at a time, so that no run has to wait long for its predecessors."""

MOST_FAILURES = 3
"""Failures after which the rest waits for another time: MLflow itself may be down, and each may take long."""

PATIENCE = timedelta(minutes=10)
"""How long after its end a run may still be being recorded by its own process."""

RECORDING_S = 120.0
"""How long to wait for other processes that are recording a run in MLflow."""

log = logging.getLogger(__name__)


def catch_up(workspace: Workspace, catalog: Catalog, begin: Callable[[], None] = lambda: None) -> int:
    """Record runs that have ended and are not in MLflow, from the catalogue and their files alone.

    One that cannot be recorded is logged and left for another time.

    Parameters
    ----------
    workspace : Workspace
    catalog : Catalog
    begin : callable, optional
        Called first, where there may be any.

    Returns
    -------
    int
        How many were recorded.
    """
    if not any(map(_is_left, catalog.untracked(AT_ONCE))):
        return 0
    try:
        with FileLock(workspace.mlruns / "catch-up.lock", timeout=0):
            begin()
            # Read again: another process may just have recorded some.
            return _record_all(workspace, catalog, filter(_is_left, catalog.untracked(AT_ONCE)))
    except Timeout:
        return 0  # another process is at it


def _is_left(record: RunRecord) -> bool:
    """Whether the process of a run is not about to record it itself, which it does once there is a file."""
    if record.file is None or datetime.now(UTC) - (record.ended or record.created) > PATIENCE:
        return True
    return is_gone(record.host, record.pid, record.process_started)


def _record_all(workspace: Workspace, catalog: Catalog, missed: Iterable[RunRecord]) -> int:
    recorded = failures = 0
    for record in missed:
        if _record(workspace, catalog, record):
            recorded += 1
        elif (failures := failures + 1) == MOST_FAILURES:
            break
    return recorded


def record_stored(
    workspace: Workspace,
    catalog: Catalog,
    record: RunRecord,
    timings: Callable[[], Mapping[str, float] | None] = lambda: None,
) -> None:
    """Show one run that has ended to MLflow, from the catalogue and its file, and note that in the catalogue.

    Parameters
    ----------
    workspace : Workspace
    catalog : Catalog
    record : RunRecord
    timings : callable, optional
        Called after MLflow has recorded the run; returns the timings to store in the catalogue, or None.

    Raises
    ------
    TrackingError
        Where MLflow could not record it.
    UnknownRunError
        If another process has deleted it; MLflow has no run of it then.
    """
    with concerning(record.id):
        tables = catalog.tables(record.id) if record.file else None
        dataset = stored_dataset(record, workspace)
        run = tracked_run(record, _experiment(record), workspace, tables, dataset)
    with _alone(workspace), shielded(), concerning(record.id):
        # A process whose run was killed beside it may have gone on, and have been quicker.
        if catalog.find(record.id).mlflow_run is None:
            tracked = record_run(workspace, run)
            try:
                catalog.note_mlflow(record.id, tracked, timings())
            except UnknownRunError:
                delete_run(workspace, tracked)
                raise


@contextmanager
def _alone(workspace: Workspace) -> Iterator[None]:
    """Hold the lock of MLflow's recording: SQLite allows one writer, and no run may be recorded twice."""
    workspace.mlruns.mkdir(exist_ok=True)
    lock = FileLock(workspace.mlruns / "recording.lock", timeout=RECORDING_S)
    try:
        with lock:
            yield
    except Timeout as error:
        raise TrackingError(
            f"{lock.lock_file}: another process has been recording a run in MLflow for {RECORDING_S:.0f} s"
        ) from error


def _record(workspace: Workspace, catalog: Catalog, record: RunRecord) -> bool:
    try:
        record_stored(workspace, catalog, record)
    except UnknownRunError:
        return False  # removed meanwhile
    except Exception:
        log.exception("run %s could not be recorded in MLflow", record.id)
        return False
    return True


def _experiment(record: RunRecord) -> Experiment | None:
    """Return the experiment of a run; None if another version wrote it, with keys that this one lacks."""
    try:
        return validate_stored(parse_toml(record.toml))
    except ConfigError as error:
        log.warning("run %s is recorded in MLflow without its parameters: %s", record.id, error)
        return None
