"""The end of a run in the store: its file gets its final name, then its row is written."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from l5tui.errors import LockedStoreError, StoreError, UnrecordedRunError, one_line
from l5tui.runner.opening import write_end_later
from l5tui.store import retry
from l5tui.store.catalog import Catalog, is_presumed
from l5tui.store.id_paths import run_file
from l5tui.store.labels import copy_labels
from l5tui.store.records import RunRecord, RunStatus
from l5tui.store.run_file import RunFile
from l5tui.text import duration
from l5tui.workspace import Workspace

log = logging.getLogger(__name__)


class Commit:
    """Ends the row of one run.

    Parameters
    ----------
    workspace : Workspace
    catalog : Catalog
    record : RunRecord
        The row, marked as running.
    warn : callable
        Called with a line for the user while a write waits.
    """

    def __init__(
        self, workspace: Workspace, catalog: Catalog, record: RunRecord, warn: Callable[[str], None]
    ) -> None:
        self._workspace = workspace
        self._catalog = catalog
        self._record = record
        self._warn = warn
        self._path = run_file(workspace, record.id)

    def complete(self, file: RunFile, stopped: Callable[[], bool], **values: Any) -> RunRecord:
        """Put the whole file into its place and complete the row.

        From the renaming on the run is complete. While the catalogue is locked, the row is tried again for
        `l5tui.store.retry.RETRY_SECONDS`, or until `stopped` returns True.

        Parameters
        ----------
        file : RunFile
            Written to its end.
        stopped : callable
        **values
            As `Catalog.complete` takes them, without the file.

        Raises
        ------
        StoreError
            Where the row has ended already, so that no file is placed, or cannot be written.
        """
        self._require_open_row()
        try:
            file.place()
        except StoreError as error:
            if not self._path.exists():
                raise
            log.warning("run %s: %s", self._record.id, error)
        catalog, name = self._catalog.waiting(retry.ATTEMPT_SECONDS), self._workspace.relative(self._path)
        patience = duration(retry.RETRY_SECONDS)
        record = retry.retry_while_locked(
            lambda: catalog.complete(self._record.id, file=name, **values),
            warn=lambda error: self._warn(
                f"{error}; writing the row of the run is retried for up to {patience}"
            ),
            stopped=stopped,
        )
        self._copy_changed_labels(record)
        return record

    def end(self, status: RunStatus, error: str) -> RunRecord:
        """End the row of a run that has no file.

        Raises
        ------
        StoreError
            Where the catalogue cannot be written; the next `open_catalog` of this process tries again.
        """
        try:
            return self._catalog.end(self._record.id, status=status, error=error)
        except StoreError as refused:
            write_end_later(self._workspace, self._record.id, status, error)
            raise type(refused)(f"{refused}; run {self._record.id} is {status}: {error}") from refused

    def require_no_file(self, error: BaseException) -> None:
        """Refuse to end a run as failed or cancelled whose file is in its place.

        Raises
        ------
        UnrecordedRunError
            Where there is such a file; the next `open_catalog` completes the row from it.
        """
        if not self._path.exists():
            return
        run_id, path = self._record.id, self._path
        log.error("run %s is complete, its row is not written", run_id, exc_info=error)
        why = str(error) if isinstance(error, StoreError) else one_line(error)
        write_end_later(self._workspace, run_id, RunStatus.FAILED, why)
        raise UnrecordedRunError(
            f"run {run_id} and its file {path} are complete, but its row could not be written: {why}. No data "
            "are lost: the next l5tui command in this workspace, such as `l5tui runs`, writes the row from the file"
        ) from error

    def _copy_changed_labels(self, record: RunRecord) -> None:
        """Copy notes and tags that changed during the run: the run's file has those of its configuration."""
        if (record.notes, record.tags) == (self._record.notes, self._record.tags):
            return
        try:
            copy_labels(self._workspace, self._catalog, record.id)
        except StoreError as error:
            self._warn(f"the copy of the notes and tags is not up to date: {error}")

    def _require_open_row(self) -> None:
        """Refuse to place a file that no row waits for."""
        try:
            now = self._catalog.find(self._record.id)
        except LockedStoreError:
            return  # The commit waits for the lock.
        if is_presumed(now):
            self._warn(
                f"another process considered this run dead and closed its row ({now.error}); it is complete"
            )
        elif now.status.is_final:
            raise StoreError(f"run {now.id} is {now.status} already and cannot be completed")
