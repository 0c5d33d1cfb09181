"""Workspaces to run small experiments in, and what is in them before and after."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from l5tui.store.netcdf import file_sha256
from l5tui.tracking.mlflow_database import ensure_database
from l5tui.workspace import Workspace, create_workspace

TINY = """\
# 44 neurons and 300 steps.
name = "tiny"
notes = "a note"
tags = ["zebra", "apple"]

[network]
sizes = [9, 22, 7, 6]

[dynamics]
duration_tau = 30.0

[plasticity]
onset_step = 120

[simulation]
realizations = 2

[recording]
figures = "none"
"""

ENDLESS = TINY.replace("duration_tau = 30.0", "duration_tau = 1e6").replace(
    "[recording]", "[recording]\nevery = 1_000_000"
)
"""Ten million steps, which take a minute or more."""

DIVERGING = TINY.replace("onset_step = 120", 'onset_step = 120\nrule = "oja"\ntau_learn = 1e-3')


def template(folder: Path) -> Workspace:
    """A workspace to copy, whose MLflow database is ready, as making it takes seconds."""
    made = create_workspace(folder)
    ensure_database(made)
    return made


def with_1_kb(folder: Path) -> Path:
    """Write a file in the form of ``/proc/meminfo`` of a machine with 1 kB of free memory."""
    meminfo = folder / "meminfo"
    meminfo.write_text("MemTotal: 99999999 kB\nMemAvailable: 1 kB\n")
    return meminfo


def copy_of(workspace: Workspace, root: Path) -> Workspace:
    """A workspace of its own, with the tiny experiment in it."""
    shutil.copytree(workspace.root, root)
    (root / "experiments" / "tiny.toml").write_text(TINY)
    return Workspace(root)


def snapshot(folder: Path) -> dict[str, tuple[int, int, str]]:
    """Size, time of change and digest of everything below a folder."""
    return {
        str(path.relative_to(folder)): (
            (status := path.lstat()).st_size,
            status.st_mtime_ns,
            hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "",
        )
        for path in sorted(folder.rglob("*"))
    }


def rows(workspace: Workspace) -> list[dict[str, Any]]:
    """Every run in the catalogue, oldest first, read without l5tui; none where there is no catalogue yet."""
    if not workspace.catalog.exists():
        return []
    with closing(sqlite3.connect(workspace.catalog, timeout=30)) as connection:
        connection.row_factory = sqlite3.Row
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
        if "run" not in tables:
            return []
        return [dict(row) for row in connection.execute("SELECT * FROM run ORDER BY id")]


def run_files(workspace: Workspace) -> set[str]:
    """Names of everything in the folder of the runs' files."""
    return {path.name for path in workspace.runs.iterdir()} if workspace.runs.is_dir() else set()


def assert_truthful(workspace: Workspace) -> None:
    """Every run has ended, those with a file have the right one, and no other file is there."""
    expected = set()
    for row in rows(workspace):
        assert row["status"] in ("completed", "diverged", "cancelled", "failed"), row
        assert row["ended"] is not None
        if row["status"] in ("completed", "diverged"):
            path = workspace.root / row["file"]
            assert file_sha256(path) == row["file_sha256"]
            expected.add(path.name)
        else:
            assert row["error"]
            assert row["file"] is None
            assert row["file_sha256"] is None
    assert run_files(workspace) == expected


@contextmanager
def locked(workspace: Workspace) -> Iterator[None]:
    """Hold the catalogue's write lock, as another process that writes does."""
    with closing(sqlite3.connect(workspace.catalog, isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            other.execute("ROLLBACK")
