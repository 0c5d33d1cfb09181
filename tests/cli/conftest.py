"""A workspace for each test, the command line in this process, and in processes of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from l5tui.cli.commands import app
from l5tui.workspace import VARIABLE, Workspace, create_workspace
from tests.cli.processes import Preloaded
from tests.logs import let_go_of_logs
from tests.workspaces import copy_of


class CommandLine:
    """The command line, in this process and in a workspace."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace

    def __call__(self, *arguments: str, code: int | None = 0) -> Result:
        """Run a command; by default it has to succeed."""
        result = CliRunner().invoke(app, list(arguments), prog_name="l5tui")
        if code is not None:
            assert result.exit_code == code, (result.exit_code, result.output, result.exception)
        assert isinstance(result.exception, SystemExit | None), result.exception
        return result


@pytest.fixture(autouse=True)
def _own_surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No workspace but the test's own, a terminal of 80 columns, and no log left open."""
    for name in (VARIABLE, "COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    yield
    let_go_of_logs()


@pytest.fixture
def workspace(original: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """The current folder, with an MLflow database that is ready."""
    made = copy_of(original, tmp_path / "my workspace")
    monkeypatch.chdir(made.root)
    return made


@pytest.fixture
def fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """The current folder, as ``l5tui init`` makes it."""
    made = create_workspace(tmp_path / "fresh")
    monkeypatch.chdir(made.root)
    return made


@pytest.fixture
def cli(workspace: Workspace) -> CommandLine:
    """The command line in the workspace."""
    return CommandLine(workspace)


@pytest.fixture(scope="session")
def preloaded_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Preloaded]:
    """The one process that all commands of the session are forked from."""
    server = Preloaded(tmp_path_factory.mktemp("processes"))
    yield server
    server.close()


@pytest.fixture
def preloaded(preloaded_server: Preloaded) -> Iterator[Preloaded]:
    """Starts commands within milliseconds, one at a time; none outlives its test."""
    yield preloaded_server
    preloaded_server.end_last()
