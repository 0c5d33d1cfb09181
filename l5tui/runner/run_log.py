"""What the workspace's log says of one run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from l5tui.errors import StoreError
from l5tui.runner.logs import KEPT_FILES
from l5tui.workspace import Workspace

ORIGIN = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d),\d{3} \d+ ([A-Z]+) \S+ \S+ ")
"""How an entry begins: when, by which process, how grave, of which run, and where in the code."""


def run_log(workspace: Workspace, run_id: str) -> list[str]:
    """Return the entries of the log that name a run, oldest first.

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
    return [line for path in (*older, log) for line in _lines(path) if run_id in line]


def without_origin(line: str, run_id: str) -> str:
    """Return a line of the log without the fields that are common to a run: process, module and the run's id."""
    if found := ORIGIN.match(line):
        message = line[found.end() :].removeprefix(f"run {run_id}").removeprefix(":").strip()
        return f"{found[1]} {found[2]:<7} {message}"
    return line.removeprefix(f"{run_id} ")


def _lines(path: Path) -> Iterator[str]:
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            for line in file:
                yield line.rstrip("\n")
    except FileNotFoundError:
        return
    except OSError as error:
        raise StoreError(f"{path} could not be read: {error.strerror or error}") from error
