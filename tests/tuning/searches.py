"""Small studies: tiny networks, and spaces with a known best point."""

from __future__ import annotations

from pathlib import Path

from l5tui.config import Experiment
from l5tui.config.toml_text import parse_toml
from l5tui.config.validation import validate
from l5tui.tuning.events import StudyEvent
from l5tui.tuning.lifecycle import STOPPED
from l5tui.tuning.study import StudyReport, run_study
from l5tui.workspace import Workspace
from tests.workspaces import TINY

SPACE = """
[tuning.space]
"stimulus.amplitude.CS" = {low = 0.0, high = 20.0}
"plasticity.tau_learn" = {low = 100.0, high = 4000.0, log = true}
"plasticity.tau_threshold" = {low = 0.001, high = 1.0, times = "plasticity.tau_learn"}
"plasticity.rule" = ["bcm", "sliding_bcm"]
"""

NOT_DEFINED = 'realizations = 1\nobjective = "loss/spread_between"'
"""One circuit has no spread between circuits, so that no trial has a value."""


def study_toml(
    method: str = "random", trials: int = 4, workers: int = 1, space: str = SPACE, extra: str = ""
) -> str:
    """A study of the tiny experiment."""
    if "confirm" not in extra:
        extra += "\nconfirm = 0"
    head = f'\n[tuning]\nmethod = "{method}"\ntrials = {trials}\nworkers = {workers}\ninitial = 3\n{extra}\n'
    return TINY + head + space


def experiment_of(toml: str) -> Experiment:
    """The experiment that TOML gives."""
    return validate(parse_toml(toml))


def search(
    workspace: Workspace, toml: str, events: list[StudyEvent] | None = None, **options: object
) -> StudyReport:
    """Run a study without MLflow; fail if a signal stops it, which would look like another result."""
    emitted = [] if events is None else events
    options = {"track": False, **options}
    report = run_study(experiment_of(toml), toml, workspace, observe=emitted.append, **options)  # type: ignore[arg-type]
    # A study takes a signal to the process of the tests, such as that of `timeout`, as a request to stop.
    is_signalled = report.record.error == STOPPED and "requests" not in options
    assert not is_signalled, f"a signal has stopped study {report.record.id}"
    return report


def write(workspace: Workspace, toml: str) -> Path:
    """The study's file."""
    path = workspace.root / "experiments" / "search.toml"
    path.write_text(toml, encoding="utf-8")
    return path
