"""MLflow's surroundings: its address in a workspace, its switches, and its silence."""

from __future__ import annotations

import logging
import os
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from l5tui.workspace import Workspace

SWITCHES = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_CONFIGURE_LOGGING": "false",
    "MLFLOW_ENABLE_WORKSPACES": "false",
    "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
}
"""Variables that MLflow reads when it is imported: nothing is sent out, and no logger is changed."""

LOGGERS = ("mlflow", "alembic")
"""Loggers that would write to the terminal while MLflow is used."""

_lock = threading.Lock()
_users = 0
_levels: dict[str, int] = {}
_variables: dict[str, str | None] = {}


def tracking_uri(workspace: Workspace) -> str:
    """Absolute address of a workspace's MLflow database, as MLflow and SQLAlchemy take it."""
    return f"sqlite:///{workspace.mlflow_database.absolute().as_posix()}"


def artifact_uri(workspace: Workspace) -> str:
    """Absolute ``file:`` address of the folder with a workspace's artifacts."""
    return workspace.mlflow_artifacts.absolute().as_uri()


def prepare_environment() -> None:
    """Set MLflow's switches for good, in a process of our own; see `quiet` for one that others use too."""
    os.environ.update(SWITCHES)
    ignore_warnings()


def ignore_warnings() -> None:
    """Ignore the warnings of MLflow's own modules."""
    # A filter for MLflow's own modules, rather than catch_warnings, which other threads would feel.
    warnings.filterwarnings("ignore", module=r"mlflow\.")


@contextmanager
def quiet() -> Iterator[None]:
    """Set MLflow's switches and keep it from logging while a block lasts; all comes back when the last user leaves."""
    global _users
    with _lock:
        _users += 1
        if _users == 1:
            _variables.update({name: os.environ.get(name) for name in SWITCHES})
            os.environ.update(SWITCHES)
            for name in LOGGERS:
                logger = logging.getLogger(name)
                _levels[name] = logger.level
                logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        with _lock:
            _users -= 1
            if _users == 0:
                _restore_variables()
                for name in LOGGERS:
                    logging.getLogger(name).setLevel(_levels.pop(name))


def _restore_variables() -> None:
    for name, value in _variables.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
    _variables.clear()
