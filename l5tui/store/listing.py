"""Every run of a catalogue in a few columns, without SQLAlchemy: thousands within the blink of an eye."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from l5tui.store.connection import connect, explained

COLUMNS = (
    *("id", "name", "status", "rule", "variant", "seed", "loss", "created", "started", "ended", "error"),
    *("notes", "hash"),
)


@dataclass(frozen=True, slots=True)
class RunListing:
    """A run as lists show it.

    Parameters
    ----------
    id, name, status, rule, variant, notes, hash : str
    seed : int
    loss : float or None
    created : str
        ISO time in UTC, as the following.
    started, ended : str or None
    error : str or None
    tags : tuple of str
    realizations : int or None
        That it was measured over; None where it has no measures.
    group : str or None
        Group that it is a member of, such as a comparison of rules.
    """

    id: str
    name: str
    status: str
    rule: str
    variant: str
    seed: int
    loss: float | None
    created: str
    started: str | None
    ended: str | None
    error: str | None
    notes: str
    hash: str
    tags: tuple[str, ...]
    realizations: int | None = None
    group: str | None = None


PAGE = 200
"""Rows that are read at a time where not all are needed."""


def list_pages(
    path: Path,
    *,
    status: str | None = None,
    rule: str | None = None,
    tag: str | None = None,
    group: str | None = None,
) -> Iterator[RunListing]:
    """Yield runs, newest first, reading a page of rows at a time.

    Parameters
    ----------
    path : Path
        A catalogue; none where there is no such file.
    status, rule, tag, group : str, optional
        Only runs that have these, exactly.

    Raises
    ------
    StoreError
        As of `list_all`.
    """
    conditions = ["id < ?"]
    values: list[str] = []
    for name, value in (("status", status), ("rule", rule), ("group_id", group)):
        if value is not None:
            conditions.append(f"{name} = ?")
            values.append(value)
    if tag is not None:
        conditions.append("id IN (SELECT run_id FROM run_tag WHERE tag = ?)")
        values.append(tag)
    query = f"SELECT {', '.join(COLUMNS)}, group_id FROM run WHERE {' AND '.join(conditions)}"
    before = "~"  # sorts after every character of an id
    while path.exists():
        with explained(path), closing(connect(path)) as connection:
            rows = connection.execute(f"{query} ORDER BY id DESC LIMIT {PAGE}", [before, *values]).fetchall()
            page = _with_tags(connection, rows)
        yield from page
        if len(page) < PAGE:
            return
        before = page[-1].id


def _with_tags(connection: sqlite3.Connection, rows: Sequence[tuple[Any, ...]]) -> list[RunListing]:
    ids = json.dumps([row[0] for row in rows])
    among = "run_id IN (SELECT value FROM json_each(?))"
    tags: defaultdict[str, tuple[str, ...]] = defaultdict(tuple)
    tagged = f"SELECT run_id, tag FROM run_tag WHERE {among} ORDER BY run_id, position"
    for run_id, tag in connection.execute(tagged, [ids]):
        tags[run_id] += (tag,)
    counted = f"SELECT run_id, CAST(value AS INTEGER) FROM summary WHERE name = 'realizations' AND {among}"
    realizations: dict[str, int] = dict(connection.execute(counted, [ids]))
    return [RunListing(*(*row[:-1], tags[row[0]], realizations.get(row[0]), row[-1])) for row in rows]


def list_all(path: Path) -> list[RunListing]:
    """Every run, newest first.

    Parameters
    ----------
    path : Path
        A catalogue; none where there is no such file.

    Raises
    ------
    StoreError
        Where it cannot be read, or was made by another version and not opened by this one yet.
    """
    if not path.exists():
        return []
    with explained(path), closing(connect(path)) as connection:
        tags: defaultdict[str, tuple[str, ...]] = defaultdict(tuple)
        for run_id, tag in connection.execute("SELECT run_id, tag FROM run_tag ORDER BY run_id, position"):
            tags[run_id] += (tag,)
        counted = "SELECT run_id, CAST(value AS INTEGER) FROM summary WHERE name = 'realizations'"
        groups = dict(connection.execute("SELECT id, group_id FROM run WHERE group_id IS NOT NULL"))
        realizations: dict[str, int] = dict(connection.execute(counted))
        rows = connection.execute(f"SELECT {', '.join(COLUMNS)} FROM run ORDER BY id DESC")
        return [
            RunListing(*(*row, tags[row[0]], realizations.get(row[0]), groups.get(row[0]))) for row in rows
        ]
