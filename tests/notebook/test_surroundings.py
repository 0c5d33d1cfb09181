"""Notebook calls leave the logging and the environment of their host alone, and read no more than they show."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

import l5tui
from l5tui.config import Experiment
from l5tui.notebook.recording import session_recorder
from l5tui.notebook.run import Run
from l5tui.runner import run_table
from l5tui.runner.stored_run import stored_experiment
from l5tui.store.records import RunRecord
from l5tui.tracking.mlflow_database import open_client
from l5tui.workspace import Workspace
from tests.workspaces import copy_of


@pytest.fixture
def own(place: Workspace, run: Run, tmp_path: Path) -> Iterator[Workspace]:
    """A copy of the workspace with its run, to make more runs in."""
    made = copy_of(place, tmp_path / "workspace")
    yield made
    session_recorder(made).close()


LOGGERS = ("", "l5tui", "py.warnings", "sqlalchemy", "mlflow", "alembic")


def surroundings() -> object:
    """What a host has set: its loggers and its environment."""
    loggers = [logging.getLogger(name) for name in LOGGERS]
    return [(each.level, each.propagate, list(each.handlers)) for each in loggers], dict(os.environ)


def test_a_run_and_a_search_leave_loggers_and_environment_alone(own: Workspace) -> None:
    before = surroundings()
    own_run = l5tui.run("tiny", workspace=own, progress=False)
    assert surroundings() == before
    space = {"tuning.space": {"plasticity.tau_learn": {"low": 100.0, "high": 4000.0}}}
    l5tui.tune(
        "tiny", space | {"tuning.method": "random"}, trials=1, workers=1, workspace=own, progress=False
    )
    assert surroundings() == before
    with open_client(own):
        assert os.environ["MLFLOW_DISABLE_TELEMETRY"] == "true"
    assert surroundings() == before
    assert f" {own_run.id} l5tui.runner.run " in own.log.read_text()


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Ids of the runs whose experiments are read."""
    ids: list[str] = []
    original = stored_experiment

    def reading(record: RunRecord) -> Experiment:
        ids.append(record.id)
        return original(record)

    monkeypatch.setattr(run_table, "stored_experiment", reading)
    return ids


def test_a_limit_is_the_database_s_own(own: Workspace, read: list[str]) -> None:
    for _ in range(2):
        l5tui.run("tiny", {"plasticity.rule": "oja"}, workspace=own, progress=False)
    every = list(l5tui.runs(workspace=own).index)
    assert len(every) >= 3
    read.clear()
    assert list(l5tui.runs(limit=1, workspace=own).index) == every[:1] == read
    read.clear()
    oja = list(l5tui.runs("rule:oja", workspace=own).index)
    assert oja == read
    read.clear()
    assert list(l5tui.runs("rule:oja", limit=2, workspace=own).index) == oja[:2] == read
    assert l5tui.runs("rule:bcm", limit=2, workspace=own).empty
