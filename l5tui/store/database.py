"""Sessions on the catalogue's SQLite file."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from sqlalchemy import Connection, Engine, NullPool, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from l5tui.store.connection import connect, explain

WRITE = "l5tui_write"
"""Execution option of a connection whose transactions write."""


def make_engine(
    path: Path, *, create: bool = False, foreign_keys: bool = True, wait_s: float | None = None
) -> Engine:
    """An engine whose connections have l5tui's settings (see `l5tui.store.connection.connect`).

    Connections are not pooled: opening a file is quick, and nothing is left open across threads and forks.
    """
    opener = partial(connect, path, create=create, foreign_keys=foreign_keys, wait_s=wait_s)
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
    path : Path
        A file that `l5tui.store.schema_version.ensure_schema` has seen.
    wait_s : float, optional
        Seconds to wait for a lock that another process holds.
    """

    def __init__(self, path: Path, wait_s: float | None = None) -> None:
        self.path = path
        self._reading = make_engine(path, wait_s=wait_s)
        self._writing = self._reading.execution_options(**{WRITE: True})

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
            Where SQLite fails; a `LockedStoreError` where another process holds the lock for longer than this waits.
        """
        try:
            with Session(self._writing if write else self._reading) as session, session.begin():
                session.connection()  # Begins now, not with the first statement.
                yield session
        except DBAPIError as error:
            raise explain(error.orig or error, self.path) from error
        except sqlite3.Error as error:
            raise explain(error, self.path) from error
