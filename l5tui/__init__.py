"""l5tui: a terminal workbench for a firing-rate model of mouse V1 layer 5.

Functions and classes for notebooks and scripts are exported here and loaded on first use; `docs/python.md` has a
section on each.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from l5tui.version import __version__

if TYPE_CHECKING:
    from l5tui.config import Experiment
    from l5tui.errors import L5Error
    from l5tui.notebook.comparison import compare
    from l5tui.notebook.inference import infer
    from l5tui.notebook.preview import preview
    from l5tui.notebook.rules import run_rules as compare_rules
    from l5tui.notebook.run import Run
    from l5tui.notebook.runs import open_run, run, runs
    from l5tui.notebook.sensitivity import sensitivity
    from l5tui.notebook.study import Study, open_study, sweep, tune
    from l5tui.runner.weights import weights_at
    from l5tui.workspace import Workspace, create_workspace

__all__ = [
    "Experiment",
    "L5Error",
    "Run",
    "Study",
    "Workspace",
    "__version__",
    "compare",
    "compare_rules",
    "create_workspace",
    "infer",
    "open_run",
    "open_study",
    "preview",
    "run",
    "runs",
    "sensitivity",
    "sweep",
    "tune",
    "weights_at",
]

_FOUND_IN = {
    "Experiment": "config:Experiment",
    "L5Error": "errors:L5Error",
    "Run": "notebook.run:Run",
    "Study": "notebook.study:Study",
    "Workspace": "workspace:Workspace",
    "compare": "notebook.comparison:compare",
    "compare_rules": "notebook.rules:run_rules",
    "create_workspace": "workspace:create_workspace",
    "infer": "notebook.inference:infer",
    "open_run": "notebook.runs:open_run",
    "open_study": "notebook.study:open_study",
    "preview": "notebook.preview:preview",
    "run": "notebook.runs:run",
    "runs": "notebook.runs:runs",
    "sensitivity": "notebook.sensitivity:sensitivity",
    "sweep": "notebook.study:sweep",
    "tune": "notebook.study:tune",
    "weights_at": "runner.weights:weights_at",
}


def __getattr__(name: str) -> Any:
    if name not in _FOUND_IN:
        raise AttributeError(f"module 'l5tui' has no attribute {name!r}")
    module, _, attribute = _FOUND_IN[name].partition(":")
    return getattr(import_module(f"l5tui.{module}"), attribute)


def __dir__() -> list[str]:
    return sorted(__all__)
