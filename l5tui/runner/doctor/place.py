"""Folders that are there, can be written and have room."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

from l5tui.runner.doctor.finding import Finding, Kind
from l5tui.text import amount
from l5tui.workspace import Workspace, unusable_path

LITTLE_BYTES = 500_000_000
"""Free space below which a few runs fill the disk."""


def check_place(workspace: Workspace) -> Iterator[Finding]:
    """Check that results can be stored here."""
    if why := unusable_path(workspace.root):
        remedy = "rename the folder; then `l5tui doctor --repair` records the runs in MLflow"
        yield Finding(Kind.FOLDER, str(workspace.root), why, remedy)
    for folder in (workspace.experiments, workspace.store, workspace.runs, workspace.mlruns):
        where = workspace.relative(folder)
        if not folder.is_dir():
            if folder.exists() or folder.is_symlink():
                yield Finding(Kind.FOLDER, where, "is no folder", "move it away")
        elif not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
            yield Finding(Kind.FOLDER, where, "cannot be written", "change its permissions (`chmod u+rwx`)")
    for file in (workspace.catalog, workspace.mlflow_database, workspace.log):
        if file.is_file() and not os.access(file, os.R_OK | os.W_OK):
            remedy = "change its permissions (`chmod u+rw`)"
            yield Finding(Kind.FOLDER, workspace.relative(file), "cannot be written", remedy)
    free = shutil.disk_usage(workspace.store).free
    if free < LITTLE_BYTES:
        what = f"only {amount(free)} of disk are free"
        yield Finding(
            Kind.DISK, "store", what, "free disk space: a run of the default experiment takes 17 MB"
        )
