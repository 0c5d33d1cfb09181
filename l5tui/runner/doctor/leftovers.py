"""Temporary files that nobody finishes any more."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from l5tui.runner.doctor.finding import Finding, Kind
from l5tui.store.netcdf import abandoned_files
from l5tui.workspace import Workspace

UNFINISHED_S = 600.0
"""How long a database may take to be made or copied."""


def leftovers(workspace: Workspace) -> list[Path]:
    """Every such file."""
    databases = [
        *workspace.store.glob("catalog.sqlite*.part"),
        *workspace.store.glob("catalog.sqlite.rebuilt*"),
        *workspace.mlruns.glob("mlflow.db.part*"),
    ]
    old = [path for path in sorted(databases) if time.time() - path.stat().st_mtime > UNFINISHED_S]
    return [*abandoned_files(workspace.runs), *old]


def check_leftovers(workspace: Workspace) -> Iterator[Finding]:
    """One finding a file."""
    for path in leftovers(workspace):
        told = "was left by a process that is gone"
        yield Finding(Kind.LEFTOVER, workspace.relative(path), told, subject=path.name)
