"""Schema of MLflow's database: compare its revision with the installed MLflow's, back it up and upgrade it."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cache
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from l5tui.errors import TrackingError
from l5tui.tracking.environment import ignore_warnings, quiet

if TYPE_CHECKING:
    from sqlalchemy import Connection

UNFINISHED = "mlflow.db.part"
"""Name of a database, or of a backup, that is not complete yet."""

BUSY_TIMEOUT_S = 20.0

OWN: Final = re.compile(r"^revision\b[^=\n]*=(.*)$", re.MULTILINE)
EARLIER: Final = re.compile(r"^down_revision\b[^=\n]*=(.*)$", re.MULTILINE)
QUOTED: Final = re.compile(r"[\"'](\w+)[\"']")


class Revisions(NamedTuple):
    """Revisions of the schema that the installed MLflow knows.

    Parameters
    ----------
    head : str
        The newest one, which MLflow requires.
    known : frozenset of str
        All of them.
    """

    head: str
    known: frozenset[str]


@cache
def installed_revisions() -> Revisions:
    """Read the revisions from the migrations of the installed MLflow, without importing it (it takes seconds).

    Raises
    ------
    TrackingError
        If the migrations are missing, or have no single newest revision.
    """
    package = find_spec("mlflow")
    own: set[str] = set()
    earlier: set[str] = set()
    for folder in (package.submodule_search_locations or ()) if package else ():
        for script in (Path(folder) / "store" / "db_migrations" / "versions").glob("*.py"):
            text = script.read_text(encoding="utf-8")
            for pattern, found in ((OWN, own), (EARLIER, earlier)):
                if match := pattern.search(text):
                    found.update(QUOTED.findall(match[1]))
    heads = own - earlier
    if len(heads) != 1:
        raise TrackingError(
            f"the installed MLflow has {len(heads)} newest revisions of its database instead of 1; "
            "reinstall it (`pip install --force-reinstall mlflow`)"
        )
    return Revisions(heads.pop(), frozenset(own))


def stored_revision(connection: sqlite3.Connection) -> str | None:
    """Return the revision of a database's schema; None if it has none (empty, or not made by MLflow)."""
    try:
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.OperationalError as error:
        if "no such table" in str(error):
            return None
        raise
    return None if row is None else str(row[0])


def needs_upgrade(database: Path) -> bool:
    """Whether a database has an older revision than the installed MLflow requires; reads only.

    Parameters
    ----------
    database : Path
        It may be missing or empty; neither needs an upgrade.

    Raises
    ------
    TrackingError
        If its revision is unknown to the installed MLflow, which therefore must not write to it.
    sqlite3.Error
        If it cannot be read.
    """
    if not database.exists():
        return False
    with connect(database) as connection:
        revision = stored_revision(connection)
    return revision is not None and _is_older(database, revision)


def upgrade(database: Path) -> Path | None:
    """Back a database up and bring its schema up to date, in one transaction: a killed upgrade changes nothing.

    The caller holds the lock of the workspace's MLflow database.

    Parameters
    ----------
    database : Path

    Returns
    -------
    Path or None
        The backup; None if the schema was up to date already.

    Raises
    ------
    TrackingError
        If its revision is unknown to the installed MLflow.
    """
    if not needs_upgrade(database):
        return None
    ignore_warnings()
    with quiet():
        # Loads the tables' definitions and takes seconds; the database is not locked meanwhile.
        import mlflow.store.db.utils  # noqa: F401

        with _writing(database) as connection:
            # No other program can write between the backup and the upgrade: this transaction has the write lock.
            revision = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one()
            if not _is_older(database, revision):
                return None
            backup = back_up(database, revision)
            _migrate(connection)
    return backup


def back_up(database: Path, revision: str) -> Path:
    """Copy a database to ``mlflow.db.<revision>.bak``, whole; a different backup of that name stays as it is.

    Parameters
    ----------
    database : Path
    revision : str
        Of its schema.

    Returns
    -------
    Path
        The copy; ``mlflow.db.<revision>.2.bak`` and so on if the name holds a different one.
    """
    part = database.with_name(UNFINISHED)
    remove_unfinished(database)
    try:
        with connect(database) as source, closing(sqlite3.connect(part)) as copy:
            source.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")
        copied = part.read_bytes()
        for number in count(1):
            ending = f".{number}" if number > 1 else ""
            backup = database.with_name(f"{database.name}.{revision}{ending}.bak")
            if not backup.exists():
                part.replace(backup)
                break
            if backup.is_file() and backup.read_bytes() == copied:
                break
    finally:
        remove_unfinished(database)
    return backup


def remove_unfinished(database: Path) -> None:
    """Remove what a killed process left of a database or a backup that it was making."""
    for ending in ("", "-journal", "-wal", "-shm"):
        database.with_name(f"{UNFINISHED}{ending}").unlink(missing_ok=True)


@contextmanager
def connect(path: Path) -> Iterator[sqlite3.Connection]:
    """Open an existing database for a block."""
    with closing(
        sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=BUSY_TIMEOUT_S)
    ) as made:
        yield made


def _is_older(database: Path, revision: str) -> bool:
    revisions = installed_revisions()
    if revision not in revisions.known:
        raise TrackingError(
            f"{database}: its revision {revision} is unknown to the installed MLflow (up to {revisions.head}): the "
            "database was made by a newer MLflow; update MLflow (`pip install -U mlflow`)"
        )
    return revision != revisions.head


@contextmanager
def _writing(database: Path) -> Iterator[Connection]:
    """Open a connection of SQLAlchemy in one transaction that holds the write lock from its beginning."""
    from sqlalchemy import create_engine, event
    from sqlalchemy.pool import NullPool

    address = f"{database.absolute().as_uri()}?mode=rw"
    engine = create_engine(
        "sqlite://",
        # By itself, Python's sqlite3 begins no transaction before a change of the schema.
        creator=lambda: sqlite3.connect(address, uri=True, timeout=BUSY_TIMEOUT_S, isolation_level=None),
        poolclass=NullPool,
    )
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    with engine.begin() as connection:
        yield connection


def _migrate(connection: Connection) -> None:
    from alembic.runtime.environment import EnvironmentContext
    from alembic.script import ScriptDirectory
    from mlflow.store.db.base_sql_model import Base
    from mlflow.store.db.utils import _get_alembic_config

    config = _get_alembic_config("sqlite://")  # type: ignore[no-untyped-call]
    script = ScriptDirectory.from_config(config)
    # MLflow's own env.py opens a second connection and commits each statement by itself.
    with EnvironmentContext(
        config,
        script,
        fn=lambda revision, _: script._upgrade_revs("head", revision),
        destination_rev="head",
    ) as environment:
        environment.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_as_batch=True,
            transactional_ddl=True,
        )
        with environment.begin_transaction():
            environment.run_migrations()
