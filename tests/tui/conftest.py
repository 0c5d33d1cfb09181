"""A workspace and a state of its own for each app that is driven."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from l5tui.runner.mlflow_recorder import LATER
from l5tui.tui.app import L5App
from l5tui.tui.state import State
from l5tui.workspace import VARIABLE, Workspace
from tests.logs import let_go_of_logs
from tests.workspaces import copy_of


@pytest.fixture
def workspace(original: Workspace, tmp_path: Path) -> Workspace:
    """A workspace with the ready experiments, the tiny one, and an MLflow database that is ready."""
    return copy_of(original, tmp_path / "workspace")


@pytest.fixture
def state(tmp_path: Path) -> State:
    """A state that nothing is remembered in yet."""
    return State(tmp_path / "state.json")


@pytest.fixture
def app(workspace: Workspace, state: State) -> L5App:
    """The app on the workspace."""
    return L5App(workspace, state=state)


@pytest.fixture
def recording(monkeypatch: pytest.MonkeyPatch) -> None:
    """Record runs and studies in MLflow, as for users; elsewhere nothing is recorded, as that takes seconds."""
    monkeypatch.delenv(LATER)


@pytest.fixture(autouse=True)
def _own_surroundings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Iterator[None]:
    """No settings of the user who runs the tests, no log left open, and no process that only warms up."""
    for name in (VARIABLE, "COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(LATER, "1")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state-home"))
    monkeypatch.setattr("l5tui.tui.app.WARM_UP_SECONDS", 1e6)
    yield
    let_go_of_logs()
