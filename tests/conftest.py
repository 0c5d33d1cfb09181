"""What all tests share: property tests that find the same examples every time, on slow machines too."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from l5tui.workspace import Workspace

# Without cached bytecode pytest rewrites every test module in every worker, and every process that a test starts
# compiles the package again; together that takes a minute.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

settings.register_profile("repeatable", deadline=None, derandomize=True, database=None)
settings.load_profile("repeatable")

# The parent of the tests may ignore signals, as a shell does for background processes. The tests, and every process
# that a test starts, handle them as under a terminal.
signal.signal(signal.SIGINT, signal.default_int_handler)
for number in (signal.SIGTERM, signal.SIGHUP):
    signal.signal(number, signal.SIG_DFL)

compilation = pytest.StashKey["subprocess.Popen[bytes]"]()


def pytest_configure(config: pytest.Config) -> None:
    """Begin to compile the kernels while the pytest workers collect their tests."""
    if config.getoption("numprocesses", None) and not hasattr(config, "workerinput"):
        command = [sys.executable, "-m", "tests.kernels"]
        config.stash[compilation] = subprocess.Popen(command, cwd=Path(__file__).parents[1])


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_node_collection_finished(node: Any) -> None:
    """Begin no test before the kernels are compiled, which each pytest worker would compile again."""
    if compilation in node.config.stash:
        node.config.stash[compilation].wait()


@pytest.fixture(scope="session")
def original(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The workspace with an MLflow database that tests copy; all pytest workers share one."""
    from l5tui.workspace import Workspace
    from tests.built_once import built_once
    from tests.workspaces import template

    return Workspace(built_once(tmp_path_factory, "workspace", template))
