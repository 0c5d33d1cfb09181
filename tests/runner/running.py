"""Running the tiny experiment by the runner itself."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import mlflow.entities

from l5tui.config.toml_text import parse_toml
from l5tui.config.validation import validate
from l5tui.runner.events import Event
from l5tui.runner.mlflow_recorder import LaterRecorder
from l5tui.runner.pause import Pause
from l5tui.runner.report import RunReport
from l5tui.runner.run import run_experiment
from l5tui.tracking.mlflow_database import open_client
from l5tui.workspace import Workspace
from tests.workspaces import TINY


def run(
    workspace: Workspace,
    toml: str = TINY,
    observe: Callable[[Event], None] = lambda event: None,
    cancelled: Callable[[], bool] = lambda: False,
    pause: Pause | None = None,
    *,
    track: bool = False,
) -> RunReport:
    """Run an experiment given as TOML; MLflow, which takes half of the time, records it only with `track`."""
    experiment = validate(parse_toml(toml))
    return run_experiment(
        experiment,
        toml,
        workspace,
        observe=observe,
        cancelled=cancelled,
        pause=pause,
        recorder=None if track else LaterRecorder(),
    )


tracked_run = partial(run, track=True)
"""The same, for tests of what MLflow has or lacks."""


def in_mlflow(workspace: Workspace) -> dict[str, mlflow.entities.Run]:
    """MLflow's runs by our ids; each has one at most."""
    with open_client(workspace) as client:
        (experiment,) = client.search_experiments(filter_string="name = 'l5tui runs'")
        found: list[Any] = list(client.search_runs([experiment.experiment_id], max_results=1000))
    by_id = {each.data.tags["l5tui.run_id"]: each for each in found}
    assert len(by_id) == len(found)
    return by_id
