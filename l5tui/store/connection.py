"""Connections to a SQLite file, and its errors in one plain line."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

from l5tui.errors import LockedStoreError, StoreError
from l5tui.store.filesystem import is_on_network
from l5tui.workspace import require_regular

BUSY_TIMEOUT_S = 30.0

REMEDIES = {
    sqlite3.SQLITE_READONLY: "is read-only; make it and its folder writable",
    sqlite3.SQLITE_FULL: "could not grow: the disk is full; free some space",
    sqlite3.SQLITE_BUSY: "is locked by another process; wait for it, or end it",
    sqlite3.SQLITE_LOCKED: "is locked by another process; wait for it, or end it",
    sqlite3.SQLITE_CORRUPT: "is damaged; restore it, or move it away to begin a new one",
    sqlite3.SQLITE_NOTADB: "is not a SQLite database; move it away to begin a new one",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened; check that it and its folder exist and can be written",
    sqlite3.SQLITE_IOERR: "could not be read or written; check the disk and its free space",
}


read_as_text = partial(str, encoding="utf-8", errors="backslashreplace")
"""Turns what SQLite stores as text into text."""

LOCKED = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def connect(
    path: Path, *, create: bool = False, foreign_keys: bool = True, wait_s: float | None = None
) -> sqlite3.Connection:
    """Open a SQLite file with l5tui's settings; transactions are begun by hand.

    One that lies where nothing can be written can be read.

    Parameters
    ----------
    path : Path
    create : bool
        Make the file where there is none.
    foreign_keys : bool
        Whether references are enforced.
    wait_s : float, optional
        Seconds to wait for a lock that another process holds; `BUSY_TIMEOUT_S` by default.
    """
    refuse_others(path)
    try:
        return _open(path, f"mode={'rwc' if create else 'rw'}", foreign_keys, wait_s)
    except sqlite3.OperationalError:
        if create or not _is_for_reading(path):
            raise
        return _open(path, "mode=ro&immutable=1", foreign_keys, wait_s)


def refuse_others(path: Path) -> None:
    """Refuse a path that is no regular file; SQLite waits for ever where it is a named pipe.

    Raises
    ------
    StoreError
        With what it is instead.
    """
    try:
        require_regular(path)
    except OSError as error:
        raise StoreError(f"{path} cannot be opened: {error.strerror}; move it away") from error


def _open(path: Path, how: str, foreign_keys: bool, wait_s: float | None) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"{path.resolve().as_uri()}?{how}",
        uri=True,
        timeout=BUSY_TIMEOUT_S if wait_s is None else wait_s,
        isolation_level=None,
        check_same_thread=False,
    )
    try:
        # Bytes that are no text, in a damaged row, must not stop the reading of all others.
        connection.text_factory = read_as_text
        connection.execute(f"PRAGMA foreign_keys={'ON' if foreign_keys else 'OFF'}")
        _choose_journal(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


def _is_for_reading(path: Path) -> bool:
    """Whether a file is whole and stands in a folder that cannot be written, as on a read-only disk.

    Even to read a database in WAL mode, SQLite writes files next to it, unless the database is opened as immutable.
    """
    log = path.with_name(f"{path.name}-wal")
    try:
        return (
            path.exists()
            and not os.access(path.parent, os.W_OK)
            and not (log.exists() and log.stat().st_size)
        )
    except OSError:
        return False


def _choose_journal(connection: sqlite3.Connection, path: Path) -> None:
    """Write-ahead log where it is safe, which it is not between machines; else SQLite's rollback journal."""
    (current,) = connection.execute("PRAGMA journal_mode").fetchone()
    wanted = "delete" if is_on_network(path) else "wal"
    if current != wanted:
        # Some file systems have no shared memory, or another process holds the file just now. SQLite then
        # goes on with the journal that it has, as safely, if slower.
        with suppress(sqlite3.OperationalError):
            (current,) = connection.execute(f"PRAGMA journal_mode={wanted}").fetchone()
    # NORMAL may lose a commit when the power fails, under a rollback journal even the file.
    connection.execute(f"PRAGMA synchronous={'NORMAL' if current == 'wal' else 'FULL'}")


def explain(error: BaseException, path: Path) -> StoreError:
    """Return an error that explains one of SQLite in one line: the file, the fault, the remedy."""
    code = getattr(error, "sqlite_errorcode", None)
    remedy = REMEDIES.get(code & 0xFF) if isinstance(code, int) else None
    kind = LockedStoreError if isinstance(code, int) and code & 0xFF in LOCKED else StoreError
    return kind(f"{path} {remedy}" if remedy else f"{path}: {' '.join(str(error).split())}")


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn what SQLite raises inside into a `StoreError`."""
    try:
        yield
    except sqlite3.Error as error:
        raise explain(error, path) from error
