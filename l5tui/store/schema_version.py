"""Creates the catalogue's tables, and brings those of an older l5tui up to date."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from l5tui.errors import StoreError
from l5tui.store.connection import connect, explain, explained
from l5tui.store.filesystem import replace_durably

if TYPE_CHECKING:
    from alembic.config import Config

HEAD = "0003"
"""The newest revision in ``migrations/versions``."""

MIGRATIONS = Path(__file__).parent / "migrations"

LOCK_TIMEOUT_S = 120.0


def ensure_schema(path: Path) -> None:
    """Make sure that a file holds the catalogue's tables as this l5tui knows them.

    A missing file is created. An older one is copied to ``<name>.bak-<revision>`` and then migrated in one
    transaction. Processes that come at the same time wait for the first.

    Parameters
    ----------
    path : Path
        The SQLite file.

    Raises
    ------
    StoreError
        Where the file is of a newer l5tui or not a catalogue, which leaves it as it is, or cannot be read or
        written.
    """
    with explained(path):
        if stored_revision(path) != HEAD:
            _create_or_migrate(path)


def stored_revision(path: Path) -> str | None:
    """Return the revision of a catalogue's tables; None if there is no file, or one without tables.

    Raises
    ------
    StoreError
        Where there are tables of something else.
    """
    if not path.exists():
        return None
    with closing(connect(path)) as connection:
        tables = {
            name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        }
        if not tables:
            return None
        row = (
            connection.execute("SELECT version_num FROM alembic_version").fetchone()
            if "alembic_version" in tables
            else None
        )
    if row is None or "run" not in tables:
        raise StoreError(f"{path} is not a catalogue of l5tui; move it away to begin a new one")
    return str(row[0])


def _create_or_migrate(path: Path) -> None:
    from filelock import FileLock, Timeout

    if not path.parent.is_dir():
        raise StoreError(f"{path} cannot be created: its folder does not exist")
    lock = path.with_name(f"{path.name}.lock")
    try:
        with FileLock(lock, timeout=LOCK_TIMEOUT_S):
            revision = stored_revision(path)
            if revision == HEAD:
                return
            config = _alembic_config()
            if revision is not None:
                _refuse_unknown(config, revision, path)
                back_up(path, revision)
            _upgrade(config, path)
    except Timeout as error:
        raise StoreError(f"{path} is being migrated by another process; wait for it, or end it") from error
    except (OSError, NotImplementedError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise StoreError(
            f"{path} cannot be created or migrated: {reason}; check that its folder exists and can be written"
        ) from error


def _alembic_config() -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _refuse_unknown(config: Config, revision: str, path: Path) -> None:
    from alembic.script import ScriptDirectory

    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if revision not in known:
        raise StoreError(
            f"{path} was written by a newer l5tui: it has revision {revision}, this version supports up to {HEAD}; "
            "update l5tui"
        )


def back_up(path: Path, revision: str) -> Path:
    """Copy a catalogue to ``<name>.bak-<revision>``, whole, and give that path."""
    backup = path.with_name(f"{path.name}.bak-{revision}")
    unfinished = backup.with_name(f"{backup.name}.part")
    unfinished.unlink(missing_ok=True)
    try:
        with closing(connect(path)) as source, closing(sqlite3.connect(unfinished)) as copy:
            source.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")
        replace_durably(unfinished, backup)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    return backup


def _upgrade(config: Config, path: Path) -> None:
    from alembic import command
    from sqlalchemy.exc import DBAPIError

    from l5tui.store.database import WRITE, make_engine

    # Rebuilding a table drops it, and with foreign keys on that would delete every row that refers to it.
    engine = make_engine(path, create=True, foreign_keys=False).execution_options(**{WRITE: True})
    try:
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            if broken := connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall():
                raise StoreError(f"{path} could not be migrated: {len(broken)} rows refer to missing runs")
    except DBAPIError as error:
        raise explain(error.orig or error, path) from error
