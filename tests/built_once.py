"""Folders that are built once in a session of tests and shared by its pytest workers."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock


def built_once(factory: pytest.TempPathFactory, name: str, build: Callable[[Path], object]) -> Path:
    """Return a folder that the first pytest worker that needs it builds, and that no test may write to.

    Parameters
    ----------
    factory : TempPathFactory
    name : str
        Name of the folder, unique in the session.
    build : callable
        Creates the folder at the path that it is given.
    """
    base = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent
    folder, built = base / f"shared-{name}", base / f"shared-{name}.built"
    with FileLock(base / f"shared-{name}.lock"):
        if not built.exists():
            build(folder)
            built.touch()
    return folder
