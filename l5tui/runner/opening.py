"""Opening a workspace's catalogue, and closing what interrupted runs left open."""

from __future__ import annotations

import logging

from l5tui.store.catalog import Catalog
from l5tui.workspace import Workspace

log = logging.getLogger(__name__)


def open_catalog(workspace: Workspace) -> Catalog:
    """The catalogue of a workspace, created where there is none.

    Runs whose process is gone without a word are closed as failed, and the files that they were about to
    leave are removed: a run that failed has none.

    Raises
    ------
    StoreError
        Where the catalogue cannot be used.
    """
    catalog = Catalog.open(workspace)
    for record in catalog.close_stale():
        log.warning("run %s closed as failed: %s", record.id, record.error)
        orphan = workspace.runs / f"{record.id}.nc"
        if orphan.exists():
            orphan.unlink()
    return catalog
