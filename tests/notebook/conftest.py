"""One workspace with a run in it, made by the notebook's own function, for all tests that only look."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest

import l5tui
from l5tui.notebook.recording import session_recorder
from l5tui.notebook.run import Run
from l5tui.workspace import VARIABLE, Workspace
from tests.logs import let_go_of_logs
from tests.workspaces import copy_of


@pytest.fixture(scope="session")
def place(original: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """A workspace; what shows its runs to MLflow is closed in the end."""
    made = copy_of(original, tmp_path_factory.mktemp("notebook") / "workspace")
    yield made
    session_recorder(made).close()


@pytest.fixture(scope="session")
def run(place: Workspace) -> Run:
    """The tiny experiment, under Oja's rule."""
    return l5tui.run("tiny", {"plasticity.rule": "oja"}, workspace=place, progress=False)


@pytest.fixture(autouse=True)
def _own_surroundings(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No settings of the user who runs the tests, and no log left open."""
    monkeypatch.delenv(VARIABLE, raising=False)
    yield
    let_go_of_logs()


class Terminal(io.StringIO):
    """A stream that says that it is a terminal."""

    def isatty(self) -> bool:
        return True
