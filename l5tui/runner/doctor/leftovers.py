"""Temporary files whose process is gone."""

from __future__ import annotations

import re
import stat
import time
from collections.abc import Iterator
from pathlib import Path

from l5tui.runner.doctor.finding import Finding, Kind
from l5tui.store.netcdf import abandoned_files
from l5tui.store.run_id import is_run_id
from l5tui.tracking.mlflow_schema import UNFINISHED
from l5tui.workspace import Workspace

BACKUP = re.compile(r"catalog\.sqlite\.bak-[0-9-]+\.part")
"""A copy of the catalogue that is not complete."""

UNFINISHED_S = 600.0
"""How long a database may take to be made or copied."""


def leftovers(workspace: Workspace) -> list[Path]:
    """Every such file."""
    beside = ("", "-journal", "-wal", "-shm", ".lock")
    databases = [
        *(path for path in workspace.store.glob("catalog.sqlite.bak-*.part") if BACKUP.fullmatch(path.name)),
        *(workspace.store / f"catalog.sqlite.rebuilt{ending}" for ending in beside),
        *(workspace.mlruns / f"{UNFINISHED}{ending}" for ending in beside),
        *(path for path in workspace.labels.glob("*.json.*.part") if _is_labels(path)),
    ]
    return [*abandoned_files(workspace.runs), *filter(_is_old, sorted(databases))]


def _is_labels(path: Path) -> bool:
    run_id, _, rest = path.name.partition(".")
    return is_run_id(run_id) and re.fullmatch(r"json\.[0-9]+\.part", rest) is not None


def _is_old(path: Path) -> bool:
    try:
        status = path.lstat()
    except OSError:
        return False
    return stat.S_ISREG(status.st_mode) and time.time() - status.st_mtime > UNFINISHED_S


def check_leftovers(workspace: Workspace) -> Iterator[Finding]:
    """One finding a file."""
    for path in leftovers(workspace):
        what = "was left by a process that is gone"
        yield Finding(Kind.LEFTOVER, workspace.relative(path), what, subject=path.name)
