"""What was tried, how often, and what was lost."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

MAX_LISTED = 10
"""Maximum number of losses of one kind that are listed."""


@dataclass
class Row:
    """One line of the table.

    Parameters
    ----------
    what : str
        What was tried.
    times : int
        How often, so far.
    losses : list of str
        What did not hold, a line each; empty where all held.
    """

    what: str
    times: int = 0
    losses: list[str] = field(default_factory=list)

    def tried(self, losses: Iterable[str], times: int = 1) -> None:
        """Count an attempt with what it lost."""
        self.times += times
        self.losses.extend(losses)


class Tally:
    """The rows of all trials, and the callback for progress.

    Parameters
    ----------
    scratch : Path
        A folder for everything that the trials write.
    report : callable
        Called with a line of progress.
    """

    def __init__(self, scratch: Path, report: Callable[[str], None] = lambda line: None) -> None:
        self.scratch = scratch
        self.report = report
        self.rows: list[Row] = []
        self.seconds: dict[str, float] = {}

    def row(self, what: str) -> Row:
        """A new row."""
        self.rows.append(Row(what))
        return self.rows[-1]

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        """Measure how long a trial takes."""
        begun = time.monotonic()
        yield
        self.seconds[name] = time.monotonic() - begun

    def save(self, path: Path) -> None:
        """Write the rows and times to a file, for `load` in another process."""
        rows = [asdict(row) for row in self.rows]
        path.write_text(json.dumps({"rows": rows, "seconds": self.seconds}), encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> Tally:
        """The rows and times of a file of `save`."""
        saved = json.loads(path.read_text(encoding="utf-8"))
        tally = cls(path.parent)
        tally.rows = [Row(**row) for row in saved["rows"]]
        tally.seconds = saved["seconds"]
        return tally

    def add(self, other: Tally) -> None:
        """Append the rows and times of another tally."""
        self.rows += other.rows
        self.seconds |= other.seconds

    @property
    def lost(self) -> int:
        """How much was lost in all."""
        return sum(len(row.losses) for row in self.rows)

    def table(self) -> str:
        """Every row, and then the losses themselves."""
        width = max((len(row.what) for row in self.rows), default=5)
        lines = [f"{'tried':{width}}  times   lost", "─" * (width + 14)]
        lines += [f"{row.what:{width}}  {row.times:5,}  {len(row.losses):5,}" for row in self.rows]
        for row in self.rows:
            lines += [f"LOST, {row.what}: {loss}" for loss in row.losses[:MAX_LISTED]]
            if (more := len(row.losses) - MAX_LISTED) > 0:
                lines.append(f"LOST, {row.what}: {more} more")
        return "\n".join(lines)
