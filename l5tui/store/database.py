"""Sessions on the catalogue's SQLite file."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, NullPool, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from l5tui.errors import LockedStoreError, StoreError
from l5tui.store.connection import connect, explain

WRITE = "l5tui_write"
"""Execution option of a connection whose transactions write."""


def make_engine(
    path: Path | Callable[[], Path],
    *,
    create: bool = False,
    foreign_keys: bool = True,
    wait_s: float | None = None,
) -> Engine:
    """Return an engine whose connections have l5tui's settings (see `l5tui.store.connection.connect`).

    A callable `path` returns the path of the file at the time of each connection.

    Connections are not pooled: opening a file is quick, and nothing is left open across threads and forks.
    """

    def opener() -> sqlite3.Connection:
        now = path() if callable(path) else path
        return connect(now, create=create, foreign_keys=foreign_keys, wait_s=wait_s)

    engine = create_engine("sqlite+pysqlite://", creator=opener, poolclass=NullPool)
    event.listen(engine, "begin", _begin)
    return engine


def _begin(connection: Connection) -> None:
    # A transaction that reads first and then writes fails at once if another wrote in between, however long
    # the timeout; one that takes the write lock when it begins waits for its turn.
    writes = connection.get_execution_options().get(WRITE, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


class Database:
    """A SQLite file with the catalogue's tables.

    Parameters
    ----------
    path : Path or callable
        A file that `l5tui.store.schema_version.ensure_schema` has seen; a callable returns where it is now.
    wait_s : float, optional
        Seconds to wait for a lock that another process holds.
    """

    def __init__(self, path: Path | Callable[[], Path], wait_s: float | None = None) -> None:
        self._path = path
        self._reading = make_engine(path, wait_s=wait_s)
        self._writing = self._reading.execution_options(**{WRITE: True})

    @property
    def path(self) -> Path:
        """Where the file is now."""
        return self._path() if callable(self._path) else self._path

    def waiting(self, seconds: float) -> Database:
        """Return the same file, with another time to wait for a lock."""
        return Database(self._path, seconds)

    @contextmanager
    def session(self, *, write: bool = False) -> Iterator[Session]:
        """One transaction: committed at the end, rolled back on any exception, closed in either case.

        Parameters
        ----------
        write : bool
            Take the write lock at the beginning, waiting for other writers.

        Raises
        ------
        StoreError
            Where SQLite fails; a `LockedStoreError` if another process holds the lock for longer than this waits, or
            if the file was moved during the transaction, which may be tried again.
        """
        begun = self.path
        try:
            with Session(self._writing if write else self._reading) as session, session.begin():
                session.connection()  # Begins now, not with the first statement.
                yield session
        except DBAPIError as error:
            raise self._explained(error.orig or error, begun) from error
        except sqlite3.Error as error:
            raise self._explained(error, begun) from error

    def _explained(self, error: BaseException, begun: Path) -> StoreError:
        now = self.path
        return explain(error, now) if now == begun else LockedStoreError(f"{begun} was moved to {now}")
