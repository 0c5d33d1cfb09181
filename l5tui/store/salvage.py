"""What can still be read of a damaged catalogue, put into a new one."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path
from typing import Any, cast

from sqlalchemy import Boolean, Integer, Table

from l5tui.store import models, study_models
from l5tui.store.columns import FiniteFloat, JsonText, UtcDateTime
from l5tui.store.connection import connect
from l5tui.store.inspection import connect_reading

MOST_ROWS = 50_000_000
"""Rows after which a table is taken for one that has no end."""

TABLES: Sequence[Table] = [
    cast(Table, each.__table__)
    for each in (
        *(models.Run, models.RunTag, models.Selectivity, models.Weight, models.Summary, models.LossTerm),
        *(study_models.Study, study_models.Trial),
    )
]
"""What others refer to comes first."""


def salvage(damaged: Path, target: Path) -> int:
    """Copy every row that can be read and that makes sense.

    Tables are read from both ends, so that damage in the middle costs no more than the middle.

    Parameters
    ----------
    damaged : Path
        Is not changed.
    target : Path
        A catalogue with its tables, of this l5tui.

    Returns
    -------
    int
        How many runs and studies were copied.
    """
    try:
        source = connect_reading(damaged)
    except sqlite3.DatabaseError:
        return 0
    copied = 0
    with closing(source), closing(connect(target)) as copy:
        source.text_factory = _text
        for table in TABLES:
            copy.execute("BEGIN IMMEDIATE")
            for row in _rows(source, table):
                names = ", ".join(row)
                values = ", ".join("?" * len(row))
                # A row that refers to a run that is lost goes with it.
                with suppress(sqlite3.IntegrityError):
                    copy.execute(f"INSERT INTO {table.name} ({names}) VALUES ({values})", [*row.values()])
                    copied += table.name in ("run", "study")
            copy.execute("COMMIT")
    return copied


def _rows(source: sqlite3.Connection, table: Table) -> Iterator[dict[str, Any]]:
    key = [column.name for column in table.primary_key]
    seen: set[tuple[Any, ...]] = set()
    for direction in ("ASC", "DESC"):
        order = ", ".join(f"{name} {direction}" for name in key)
        # Not by the primary key's index where that is a separate one, which may be damaged by itself.
        order = f"rowid {direction}" if len(key) == 1 and key[0] == "id" else order
        with suppress(sqlite3.DatabaseError):
            for count, found in enumerate(source.execute(f"SELECT * FROM {table.name} ORDER BY {order}")):
                if count == MOST_ROWS:
                    break
                row = {name: value for name, value in dict(found).items() if name in table.columns}
                identity = tuple(row.get(name) for name in key)
                if identity not in seen and _is_sound(table, row):
                    seen.add(identity)
                    yield row


def _is_sound(table: Table, row: dict[str, Any]) -> bool:
    try:
        return all(_fits(column.type, value, column.nullable) for column, value in _pairs(table, row))
    except ValueError:
        return False


def _pairs(table: Table, row: dict[str, Any]) -> Iterator[tuple[Any, Any]]:
    return ((table.columns[name], value) for name, value in row.items())


def _fits(kind: object, value: object, nullable: bool | None) -> bool:
    if value is None:
        return bool(nullable)
    if isinstance(kind, UtcDateTime):
        return isinstance(value, str) and datetime.fromisoformat(value).tzinfo is not None
    if isinstance(kind, JsonText):
        return isinstance(value, str) and isinstance(json.loads(value), dict)
    if isinstance(kind, FiniteFloat):
        return isinstance(value, float | int)
    if isinstance(kind, Integer | Boolean):
        return isinstance(value, int)
    return isinstance(value, str)


def _text(stored: bytes) -> str | bytes:
    try:
        return stored.decode()
    except UnicodeDecodeError:
        return stored
