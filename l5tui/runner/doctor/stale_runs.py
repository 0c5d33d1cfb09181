"""Runs whose process is gone: completed from their file where it is whole, else closed as failed."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import ExitStack

from l5tui.errors import StoreError
from l5tui.runner.doctor.file_reading import FileReader
from l5tui.runner.doctor.files import Files
from l5tui.store.adoption import complete_from_file
from l5tui.store.catalog import Catalog
from l5tui.store.id_paths import run_file
from l5tui.store.labels import copy_labels
from l5tui.store.records import RunRecord
from l5tui.workspace import Workspace

log = logging.getLogger(__name__)


def settle_stale_runs(
    workspace: Workspace,
    catalog: Catalog,
    stale: Mapping[str, str],
    files: Files | None = None,
    wait_s: float | None = None,
) -> Iterator[RunRecord]:
    """End the rows of runs whose process is gone; no file is removed.

    A file under its final name was whole on the disk before it got that name, so that its run only lacks its commit.
    It is read in a child process, value by value, before its row is written from it. Where it was damaged since, the
    row says so, and the file stays where it is.

    Parameters
    ----------
    workspace : Workspace
    catalog : Catalog
    stale : mapping of str to str
        Ids of the runs, each with the reason; from `Catalog.stale`.
    files : Files, optional
        A reader of files that has begun already.
    wait_s : float, optional
        Seconds to wait for a lock that another process holds.

    Yields
    ------
    RunRecord
        Each run as it has ended.

    Raises
    ------
    StoreError
        Where the catalogue cannot be written.
    """
    brief = catalog if wait_s is None else catalog.waiting(wait_s)
    with ExitStack() as stack:
        for run_id, reason in stale.items():
            path = run_file(workspace, run_id)
            if path.exists():
                files = files or Files(workspace, stack.enter_context(FileReader()))
                try:
                    run = files.run(path, whole=True)
                except (StoreError, OSError) as error:
                    damaged = f"{reason}; its file {workspace.relative(path)} stays, but {error}"
                    yield from brief.close_stale({run_id: damaged})
                else:
                    if complete_from_file(workspace.catalog, run.record, run.tables, wait_s):
                        ended = catalog.find(run_id)
                        _copy_changed_labels(workspace, catalog, ended, run.record)
                        yield ended
            else:
                yield from brief.close_stale({run_id: reason})


def _copy_changed_labels(workspace: Workspace, catalog: Catalog, ended: RunRecord, filed: RunRecord) -> None:
    """Copy notes and tags that changed during the run, which its process did not live to do."""
    if (ended.notes, ended.tags) == (filed.notes, filed.tags):
        return
    try:
        copy_labels(workspace, catalog, ended.id)
    except StoreError as error:
        log.warning("run %s: the copy of the notes and tags is not up to date: %s", ended.id, error)
