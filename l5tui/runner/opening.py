"""Opening a workspace's catalogue, and ending the rows of runs that were interrupted."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

from l5tui.errors import StoreError
from l5tui.store.catalog import Catalog
from l5tui.store.id_paths import run_file
from l5tui.store.records import RunStatus
from l5tui.workspace import Workspace

WAIT_SECONDS = 0.5
"""Time to wait for the lock of the catalogue: who only reads must not wait for rows that can be ended later."""

log = logging.getLogger(__name__)

_unwritten: dict[tuple[Path, str], tuple[RunStatus, str]] = {}
_writing = threading.Lock()


def open_catalog(workspace: Workspace) -> Catalog:
    """Open the catalogue of a workspace; create it if there is none.

    Runs whose process is gone are completed if their file is whole in its place, and closed as failed if not. No
    file is removed. While the catalogue cannot be written, they stay marked as running.

    Raises
    ------
    StoreError
        Where the catalogue cannot be read.
    """
    catalog = Catalog.open(workspace)
    with _writing:
        try:
            _write_ends(workspace, catalog)
            _settle(workspace, catalog)
        except StoreError as error:
            log.warning("interrupted runs are still marked as running: %s", error)
    return catalog


def write_end_later(workspace: Workspace, run_id: str, status: RunStatus, error: str) -> None:
    """Have the next `open_catalog` of this process end a run whose row could not be written.

    Parameters
    ----------
    workspace : Workspace
    run_id : str
    status : RunStatus
        Failed or cancelled; of no account where the run has a whole file, which says its own.
    error : str
    """
    _unwritten[workspace.root, run_id] = (status, error)


def _settle(workspace: Workspace, catalog: Catalog) -> None:
    stale = catalog.stale()
    if not stale:
        return
    # Reading a file takes seconds, which are lost where its row cannot be written.
    catalog.waiting(WAIT_SECONDS).require_lock()
    from l5tui.runner.doctor.stale_runs import settle_stale_runs

    for record in settle_stale_runs(workspace, catalog, stale, wait_s=WAIT_SECONDS):
        log.warning(
            "run %s was interrupted: %s", record.id, record.error or f"{record.status}, as its file is whole"
        )


def _write_ends(workspace: Workspace, catalog: Catalog) -> None:
    """End the rows that this process could not end earlier."""
    ours = {key: end for key, end in _unwritten.items() if key[0] == workspace.root}
    if not ours:
        return
    catalog.waiting(WAIT_SECONDS).require_lock()
    from l5tui.runner.doctor.stale_runs import settle_stale_runs

    for (_, run_id), (status, error) in ours.items():
        if run_file(workspace, run_id).exists():
            list(settle_stale_runs(workspace, catalog, {run_id: error}, wait_s=WAIT_SECONDS))
        elif not catalog.find(run_id).status.is_final:
            catalog.waiting(WAIT_SECONDS).end(run_id, status=status, error=error)
        del _unwritten[workspace.root, run_id]
