"""Replacing a damaged catalogue by a new one of what can still be read."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from l5tui.errors import StoreError
from l5tui.store.connection import connect, explained
from l5tui.store.filesystem import replace_durably
from l5tui.store.salvage import salvage
from l5tui.store.schema_version import LOCK_TIMEOUT_S, ensure_schema

BESIDE = ("-wal", "-shm")
"""Endings of the files that SQLite keeps beside a database."""


def rebuild(path: Path) -> tuple[Path, int]:
    """Set a damaged catalogue aside and put a new one in its place.

    Parameters
    ----------
    path : Path

    Returns
    -------
    Path
        Where the damaged one is now, with what lay beside it.
    int
        How many runs and studies could be read from it.

    Raises
    ------
    StoreError
        Where the folder cannot be written; the damaged one is then where it was.
    """
    from filelock import FileLock, Timeout

    new = path.with_name(f"{path.name}.rebuilt")
    try:
        with FileLock(path.with_name(f"{path.name}.lock"), timeout=LOCK_TIMEOUT_S), explained(new):
            _remove(new)
            ensure_schema(new)
            count = salvage(path, new)
            with closing(connect(new)) as connection:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                connection.execute("PRAGMA journal_mode=DELETE")
            aside = set_aside(path)
            replace_durably(new, path)
            _remove(new)
    except Timeout as error:
        raise StoreError(f"{path} is in use by another process; wait for it, or end it") from error
    except OSError as error:
        raise StoreError(f"{path} could not be rebuilt: {error.strerror or error}") from error
    return aside, count


def set_aside(path: Path) -> Path:
    """Rename a damaged database, with what SQLite keeps beside it, to ``<name>.damaged-<time>``."""
    stem = f"{path.name}.damaged-{datetime.now(UTC):%Y%m%d-%H%M%S}"
    aside, count = path.with_name(stem), 1
    while aside.exists():
        count += 1
        aside = path.with_name(f"{stem}-{count}")
    for ending in BESIDE:
        beside = path.with_name(path.name + ending)
        if beside.exists():
            beside.rename(aside.with_name(aside.name + ending))
    return path.rename(aside)


def _remove(new: Path) -> None:
    for ending in ("", *BESIDE, ".lock"):
        new.with_name(new.name + ending).unlink(missing_ok=True)
