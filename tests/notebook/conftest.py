"""One workspace with a run in it, made by the notebook's own function, for all tests that only look."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator

import pytest

import l5tui
from l5tui.notebook.recording import session_recorder
from l5tui.notebook.run import Run
from l5tui.runner.logs import LOGGERS, LogFile
from l5tui.workspace import VARIABLE, Workspace
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
    """No settings of whoever runs the tests, and no log left open."""
    monkeypatch.delenv(VARIABLE, raising=False)
    yield
    for name in LOGGERS:
        logger = logging.getLogger(name)
        for handler in [each for each in logger.handlers if isinstance(each, LogFile)]:
            logger.removeHandler(handler)
            handler.close()
        logger.setLevel(logging.NOTSET)
        logger.propagate = True


class Terminal(io.StringIO):
    """A stream that says that it is a terminal."""

    def isatty(self) -> bool:
        return True
