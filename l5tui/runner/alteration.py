"""Whether the file of a run is still what the run wrote."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path

from l5tui.errors import StoreError
from l5tui.store.id_paths import run_file
from l5tui.store.netcdf import file_sha256
from l5tui.store.records import RunRecord
from l5tui.workspace import Workspace, is_regular

ALWAYS_BYTES = 100_000_000
"""Size up to which a file is hashed whenever its run is shown: it takes a few tenths of a second."""

MARGIN = timedelta(minutes=1)
"""Distance of a file's time of change from the end of its run within which it counts as unchanged."""


def alteration(record: RunRecord, workspace: Workspace, *, quick: bool = False) -> str | None:
    """Return a line that says that a run's file is not what the run wrote; None where it is, or there is none.

    Parameters
    ----------
    record : RunRecord
    workspace : Workspace
    quick : bool
        Believe a large file whose time of change is that of its run, instead of reading all of it.
    """
    path = run_file(workspace, record.id)
    if record.file is None or record.file_sha256 is None or not is_regular(path):
        return None
    try:
        status = path.stat()
        if quick and status.st_size > ALWAYS_BYTES and _is_of_its_time(status.st_mtime, record):
            return None
        digest = _digest(path, status.st_mtime_ns, status.st_size, status.st_ino)
    except (OSError, StoreError) as error:
        return f"its file {workspace.relative(path)} cannot be read: {error}"
    if digest == record.file_sha256:
        return None
    return (
        f"run {record.id}: its file {workspace.relative(path)} is not what the run wrote: its SHA-256 differs; "
        "see `l5tui doctor`"
    )


def _is_of_its_time(changed: float, record: RunRecord) -> bool:
    moment = datetime.fromtimestamp(changed, UTC)
    return record.created - MARGIN <= moment <= (record.ended or record.created) + MARGIN


@lru_cache(maxsize=64)
def _digest(path: Path, changed_ns: int, size: int, inode: int) -> str:
    return file_sha256(path)
