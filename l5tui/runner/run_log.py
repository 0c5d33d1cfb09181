"""What the workspace's log says of one run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from l5tui.errors import StoreError
from l5tui.runner.logs import KEPT_FILES
from l5tui.workspace import Workspace

BEGINNING = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} \d+ [A-Z]+ ")
"""How an entry begins; lines that begin otherwise, as those of a traceback, belong to the entry before."""


def run_log(workspace: Workspace, run_id: str) -> list[str]:
    """The entries of the log that name a run, oldest first.

    Parameters
    ----------
    workspace : Workspace
    run_id : str

    Returns
    -------
    list of str
        Lines, tracebacks included; none where nothing was logged, or the log is no longer kept.

    Raises
    ------
    StoreError
        Where the log cannot be read.
    """
    log = workspace.log
    older = [log.with_name(f"{log.name}.{number}") for number in range(KEPT_FILES, 0, -1)]
    return [
        line for path in (*older, log) for entry in _entries(path) if run_id in entry[0] for line in entry
    ]


def without_origin(line: str, run_id: str) -> str:
    """A line of the log without what is the same for all of a run: process, module, and the run's id."""
    found = BEGINNING.match(line)
    if found is None:
        return line
    when, level = found[0][:19], found[0].split()[-1]
    told = line[found.end() :].partition(" ")[2]
    return f"{when} {level:<7} {told.removeprefix(f'run {run_id}').removeprefix(':').strip()}"


def _entries(path: Path) -> Iterator[list[str]]:
    entry: list[str] = []
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            for line in file:
                if entry and BEGINNING.match(line):
                    yield entry
                    entry = []
                entry.append(line.rstrip("\n"))
    except FileNotFoundError:
        return
    except OSError as error:
        raise StoreError(f"{path} could not be read: {error.strerror or error}") from error
    if entry:
        yield entry
