"""Every run of a catalogue in a few columns, without SQLAlchemy: thousands within the blink of an eye."""

from __future__ import annotations

from collections import defaultdict
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

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
