"""A workspace with runs of every kind, and the child that reads its files."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from l5tui.runner.curation import note_run, tag_run
from l5tui.runner.doctor.file_reading import FileReader
from l5tui.store.process import process_start_time
from l5tui.store.records import NewRun
from l5tui.tracking.mlflow_database import relocate_all
from l5tui.workspace import Workspace
from tests.built_once import built_once
from tests.runner.running import tracked_run as run
from tests.workspaces import DIVERGING, TINY


@pytest.fixture(scope="session")
def full(original: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A workspace with four runs, the last of which diverged; two got notes and tags after they had ended."""

    def build(root: Path) -> None:
        shutil.copytree(original.root, root)
        made = Workspace(root)
        ids = [run(made).record.id for _ in range(3)]
        run(made, DIVERGING)
        tag_run(made, ids[0], add=["later"])
        note_run(made, ids[1], "noted later")

    return Workspace(built_once(tmp_path_factory, "runs-of-every-kind", build))


@pytest.fixture
def workspace(full: Workspace, tmp_path: Path) -> Workspace:
    """Copy the workspace; MLflow's paths are set to the new place."""
    shutil.copytree(full.root, tmp_path / "copy")
    made = Workspace(tmp_path / "copy")
    relocate_all(made)
    return made


@pytest.fixture
def new_run() -> NewRun:
    """A run of this process."""
    pid = os.getpid()
    return NewRun(
        "tiny", 42, "0" * 64, TINY, "corrected", "none", socket.gethostname(), pid, process_start_time(pid)
    )


@pytest.fixture(scope="session")
def reader() -> Iterator[FileReader]:
    """One child for all tests, as it takes a second to begin."""
    with FileReader(patience_s=5.0) as begun:
        yield begun
