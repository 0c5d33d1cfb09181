"""Every run of a catalogue in a few columns, without SQLAlchemy: thousands within the blink of an eye."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from l5tui.store.connection import connect, explained
from l5tui.store.records import DAMAGED, RunStatus, damage_in_words
from l5tui.store.run_id import EPOCH, is_run_id, moment_of

COLUMNS = (
    *("id", "name", "status", "rule", "variant", "seed", "loss", "created", "started", "ended", "error"),
    *("notes", "hash"),
)


TEXTS = ("name", "rule", "variant", "notes", "hash")
MOMENTS = ("created", "started", "ended")
STATUSES = frozenset(map(str, RunStatus))


@dataclass(frozen=True, slots=True)
class RunListing:
    """A run as lists show it.

    Parameters
    ----------
    id, name, status, rule, variant, notes, hash : str
        The status is ``damaged`` for a row that cannot be read, whose error then says what is wrong.
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
    before = "\U0010ffff"  # sorts after every character, also of an illegal id
    while path.exists():
        with explained(path), closing(connect(path)) as connection:
            rows = connection.execute(f"{query} ORDER BY id DESC LIMIT {PAGE}", [before, *values]).fetchall()
            page = _with_tags(connection, rows)
        yield from page
        if len(page) < PAGE:
            return
        before = page[-1].id


def _with_tags(connection: sqlite3.Connection, rows: Sequence[tuple[Any, ...]]) -> list[RunListing]:
    ids = json.dumps([str(row[0]) for row in rows])
    among = "run_id IN (SELECT value FROM json_each(?))"
    tags: defaultdict[str, tuple[str, ...]] = defaultdict(tuple)
    tagged = f"SELECT run_id, tag FROM run_tag WHERE {among} ORDER BY run_id, position"
    for run_id, tag in connection.execute(tagged, [ids]):
        tags[run_id] += (str(tag),)
    counted = f"SELECT run_id, CAST(value AS INTEGER) FROM summary WHERE name = 'realizations' AND {among}"
    realizations: dict[str, int] = dict(connection.execute(counted, [ids]))
    return [_listing(row[:-1], tags[row[0]], realizations.get(row[0]), row[-1]) for row in rows]


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
            tags[run_id] += (str(tag),)
        counted = "SELECT run_id, CAST(value AS INTEGER) FROM summary WHERE name = 'realizations'"
        groups = dict(connection.execute("SELECT id, group_id FROM run WHERE group_id IS NOT NULL"))
        realizations: dict[str, int] = dict(connection.execute(counted))
        rows = connection.execute(f"SELECT {', '.join(COLUMNS)} FROM run ORDER BY id DESC")
        return [_listing(row, tags[row[0]], realizations.get(row[0]), groups.get(row[0])) for row in rows]


def _listing(
    row: tuple[Any, ...], tags: tuple[str, ...], realizations: int | None, group: str | None
) -> RunListing:
    damage = _damage(row)
    if damage:
        run_id, name, _, rule, variant, seed, loss, created, started, ended, _, notes, digest = row
        row = (
            *(str(run_id), str(name), DAMAGED, str(rule), str(variant)),
            *(seed if isinstance(seed, int) else 0, loss if isinstance(loss, int | float) else None),
            created if _is_moment(created) else _created(str(run_id)),
            *(moment if _is_moment(moment) else None for moment in (started, ended)),
            *(damage_in_words(damage), str(notes), str(digest)),
        )
    *others, error, notes, digest = row
    # Earlier versions wrote the end of some runs without its time zone, which is UTC everywhere.
    if (ended := row[9]) is not None and len(ended) == len("2026-01-01 00:00:00.000000"):
        row = (*others[:9], f"{ended}+00:00", error, notes, digest)
    return RunListing(*(*row, tags, realizations, None if group is None else str(group)))


def _damage(row: tuple[Any, ...]) -> dict[str, str]:
    """Return the faults of a row; faults in other columns are found when the run itself is displayed."""
    damage: dict[str, str] = {}
    values = dict(zip(COLUMNS, row, strict=True))
    if not is_run_id(values["id"]):
        damage["id"] = "is not the id of a run or study"
    for name in TEXTS:
        if not isinstance(values[name], str):
            damage[name] = "is not text"
    if values["status"] not in STATUSES:
        damage["status"] = "is no status"
    if not isinstance(values["seed"], int):
        damage["seed"] = "is not a whole number"
    if not isinstance(values["loss"], int | float | None):
        damage["loss"] = "is not a number"
    for name in MOMENTS:
        if not (_is_moment(values[name]) or (values[name] is None and name != "created")):
            damage[name] = "is not a time"
    return damage


def _is_moment(value: object) -> bool:
    try:
        return isinstance(value, str) and datetime.fromisoformat(value) is not None
    except ValueError:
        return False


def _created(run_id: str) -> str:
    return (moment_of(run_id) if is_run_id(run_id) else EPOCH).isoformat()
