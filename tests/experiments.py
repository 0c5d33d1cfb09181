"""Small experiments to test with."""

from __future__ import annotations

from typing import Any

from l5tui.config import Experiment

SMALL: dict[str, Any] = {
    "network": {"sizes": [9, 22, 7, 6]},
    "dynamics": {"duration_tau": 20.0},
    "plasticity": {"onset_step": 60, "tau_learn": 40.0, "tau_threshold": 0.3},
    "simulation": {"realizations": 2},
}
"""44 neurons, 200 steps, and a window of 69 rates that is full before the end."""


def small_experiment(**changes: Any) -> Experiment:
    """The small experiment with some of its keys changed, a dict a section."""
    sections = {name: {**section, **changes.pop(name, {})} for name, section in SMALL.items()}
    return Experiment.model_validate({**sections, **changes})
