"""A workspace for each test, and a small experiment to run in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from l5tui.store.catalog import Catalog
from l5tui.workspace import Workspace
from tests.workspaces import copy_of


@pytest.fixture
def workspace(original: Workspace, tmp_path: Path) -> Workspace:
    """A workspace with an MLflow database that is ready."""
    return copy_of(original, tmp_path / "workspace")


@pytest.fixture
def catalog(workspace: Workspace) -> Catalog:
    """Its catalogue."""
    return Catalog.open(workspace)
