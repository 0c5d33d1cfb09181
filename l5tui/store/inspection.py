"""A catalogue looked at without changing it, whatever state it is in."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from sqlalchemy.sql.elements import KeyedColumnElement

from l5tui.store.connection import explain, read_as_text
from l5tui.store.models import Run
from l5tui.store.row_reading import RowReader
from l5tui.store.run_id import is_run_id
from l5tui.store.schema_version import HEAD
from l5tui.store.study_models import Study
from l5tui.workspace import require_regular

FAULTS_SHOWN = 3

DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)

MEASURED: Mapping[str, tuple[str, ...]] = {
    "selectivity": ("condition", "measure", "statistic", "population"),
    "weight": ("post", "pre", "quantity", "statistic"),
    "summary": ("name",),
    "loss_term": ("term",),
}
"""Tables of what runs were measured by, with the columns that name a value."""


class CatalogueState(StrEnum):
    """What a catalogue's file is."""

    MISSING = "missing"
    EMPTY = "empty"
    GOOD = "good"
    OLDER = "older"
    NEWER = "newer"
    FOREIGN = "foreign"
    DAMAGED = "damaged"
    UNREADABLE = "unreadable"


@dataclass(frozen=True)
class SeenRow:
    """A run or a study as its row says, in what can be checked.

    Parameters
    ----------
    id, name, status, hash, host : str
    pid, seed : int
    process_started : str or None
    created, started, heartbeat : datetime or None
        In UTC.
    mlflow_run : str or None
    rule, variant, file, file_sha256 : str or None
        None for a study.
    loss : float or None
    notes : str
    tags : tuple of str
        Empty for a study.
    columns : mapping of str to value
        Every column of the row, with a stand-in for one that cannot be read.
    damage : mapping of str to str
        What cannot be read in the row, by column.
    """

    id: str
    name: str
    status: str
    hash: str
    host: str
    pid: int
    seed: int
    process_started: str | None
    created: datetime
    started: datetime | None
    heartbeat: datetime | None
    mlflow_run: str | None
    rule: str | None = None
    variant: str | None = None
    file: str | None = None
    file_sha256: str | None = None
    loss: float | None = None
    notes: str = ""
    tags: tuple[str, ...] = ()
    columns: Mapping[str, Any] = field(default_factory=dict)
    damage: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_legal(self) -> bool:
        """Whether its id is one."""
        return is_run_id(self.id)


@dataclass(frozen=True)
class Inspected:
    """What was found in a catalogue.

    Parameters
    ----------
    state : CatalogueState
    fault : str
        What is wrong, in one line; empty where nothing is.
    runs, studies : tuple of SeenRow
        Oldest first.
    """

    state: CatalogueState
    fault: str = ""
    runs: tuple[SeenRow, ...] = ()
    studies: tuple[SeenRow, ...] = ()


def inspect(path: Path) -> Inspected:
    """Look at a catalogue; it is not changed, nor made where there is none.

    Parameters
    ----------
    path : Path
    """
    try:
        require_regular(path)
        if not path.exists():
            return Inspected(CatalogueState.MISSING, "is not there")
    except OSError as error:
        return Inspected(CatalogueState.UNREADABLE, f"cannot be opened: {error.strerror}")
    try:
        with closing(connect_reading(path)) as connection:
            return _inspected(connection)
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        fault = str(explain(error, path)).removeprefix(f"{path} ").partition(";")[0]
        state = CatalogueState.DAMAGED if code in DAMAGE else CatalogueState.UNREADABLE
        return Inspected(state, fault)


def connect_reading(path: Path) -> sqlite3.Connection:
    """Open a SQLite file of whatever origin for reading: as data, without what its schema may call."""
    address = f"{path.resolve().as_uri()}?mode=ro"
    connection = sqlite3.connect(address, uri=True, timeout=30, isolation_level=None)
    try:
        connection.execute("PRAGMA trusted_schema=OFF")
        connection.execute("PRAGMA cell_size_check=ON")
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.OperationalError as error:
        connection.close()
        # In a folder that cannot be written the write-ahead log cannot be opened; where it is empty it need not be.
        log = path.with_name(f"{path.name}-wal")
        is_closed = not log.exists() or log.stat().st_size == 0
        if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_CANTOPEN or not is_closed:
            raise
        connection = sqlite3.connect(f"{address}&immutable=1", uri=True, isolation_level=None)
        connection.execute("PRAGMA trusted_schema=OFF")
    except BaseException:
        connection.close()
        raise
    connection.row_factory = sqlite3.Row
    connection.text_factory = read_as_text
    return connection


def measured(path: Path, run_id: str) -> dict[str, dict[tuple[str, ...], float | None]]:
    """Return a run's measures in a catalogue: by table, each value under its names."""
    with closing(connect_reading(path)) as connection:
        return {
            table: {
                tuple(row[:-1]): row[-1]
                for row in connection.execute(
                    f"SELECT {', '.join(names)}, value FROM {table} WHERE run_id = ?", (run_id,)
                )
            }
            for table, names in MEASURED.items()
        }


def _inspected(connection: sqlite3.Connection) -> Inspected:
    faults = [row[0] for row in connection.execute(f"PRAGMA integrity_check({FAULTS_SHOWN})")]
    if faults != ["ok"]:
        return Inspected(
            CatalogueState.DAMAGED, f"is damaged: {'; '.join(' '.join(f.split()) for f in faults)}"
        )
    tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if not tables:
        return Inspected(CatalogueState.EMPTY, "is empty")
    if not {"alembic_version", "run"} <= tables:
        return Inspected(CatalogueState.FOREIGN, "is not a catalogue of l5tui")
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    revision = str(row[0]) if row else ""
    if revision > HEAD:
        return Inspected(
            CatalogueState.NEWER,
            f"was written by a newer l5tui: revision {revision}, this version supports {HEAD}",
        )
    if dangling := connection.execute("PRAGMA foreign_key_check").fetchall():
        return Inspected(CatalogueState.DAMAGED, f"is damaged: {len(dangling)} rows refer to no run")
    tags = _tags(connection)
    runs = tuple(replace(seen, tags=tags.get(seen.id, ())) for seen in seen_rows(connection, Run.__table__.c))
    studies = tuple(seen_rows(connection, Study.__table__.c)) if "study" in tables else ()
    if revision != HEAD:
        fault = f"has revision {revision} of an older l5tui, this version has {HEAD}"
        return Inspected(CatalogueState.OLDER, fault, runs, studies)
    return Inspected(CatalogueState.GOOD, "", runs, studies)


def seen_rows(
    connection: sqlite3.Connection, columns: Iterable[KeyedColumnElement[Any]]
) -> Iterator[SeenRow]:
    """Read the rows of runs or studies, those of earlier versions too; one that is damaged says what is wrong."""
    known = tuple(columns)
    table = "run" if known[0] is Run.__table__.c["id"] else "study"
    there = {row["name"] for row in connection.execute(f"PRAGMA table_info({table})")}
    chosen = [column for column in known if column.name in there]
    reader, names = RowReader(chosen), [column.name for column in chosen]
    for row in connection.execute(f"SELECT {', '.join(names)} FROM {table} ORDER BY id"):
        values, damage = reader.read(tuple(row))
        read = dict(zip(names, values, strict=True)) | {"id": str(row["id"])}
        loss = read.get("loss")
        seen = {name: read[name] for name in SeenRow.__dataclass_fields__ if name in read}
        seen["loss"] = None if loss is None or loss != loss else loss
        yield SeenRow(**seen, columns=read, damage=damage)


def _tags(connection: sqlite3.Connection) -> dict[str, tuple[str, ...]]:
    tags: dict[str, tuple[str, ...]] = {}
    for run_id, tag in connection.execute("SELECT run_id, tag FROM run_tag ORDER BY run_id, position"):
        tags[run_id] = (*tags.get(run_id, ()), str(tag))
    return tags
