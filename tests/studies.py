"""Studies made up for tests: tables of trials whose best points are known."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from l5tui.analysis.study_table import StudyTable, study_table
from l5tui.model.arrays import FloatArray
from l5tui.tuning.space import Dimension, SearchSpace

AMPLITUDES: Mapping[str, Any] = {
    f"stimulus.amplitude.{name}": {"low": 0.0, "high": 20.0} for name in ("CC", "CS", "PV", "SST")
}
SIX: Mapping[str, Any] = {
    "plasticity.tau_learn": {"low": 100.0, "high": 4000.0},
    "plasticity.tau_threshold": {"low": 0.001, "high": 1.0, "times": "plasticity.tau_learn"},
    **AMPLITUDES,
}
MIXED: Mapping[str, Any] = {
    "network.sizes.CC": {"low": 10.0, "high": 400.0, "integer": True},
    "network.sizes.CS": {"low": 2.5, "high": 9.0, "integer": True},
    "network.transfer": {"choices": ["supralinear", "sigmoid", "tanh"]},
    "plasticity.dale": {"choices": [True, False]},
    "plasticity.onset_step": {"low": 100.0, "high": 5000.0, "log": True, "integer": True},
    "plasticity.tau_learn": {"low": 0.1, "high": 4000.0, "log": True},
    "plasticity.tau_threshold": {"low": 0.001, "high": 1.0, "log": True, "times": "plasticity.tau_learn"},
    "stimulus.temporal_frequency": {"low": 0.1, "high": 2.0},
}
ONE: Mapping[str, Any] = {"stimulus.spatial_frequency": {"low": 0.0, "high": 3.0}}


@dataclass(frozen=True)
class MadeTrial:
    """A trial as a table takes it."""

    number: int
    status: str = "completed"
    value: float = math.nan
    point: Mapping[str, Any] = field(default_factory=dict)
    seconds: float = 0.5
    error: str | None = None


def space_of(space: Mapping[str, Any]) -> SearchSpace:
    """The space that a study's ``space`` stands for."""
    listed: dict[str, dict[str, Any]] = {path: dict(spread) for path, spread in space.items()}
    for spread in listed.values():
        if "choices" in spread:
            spread["choices"] = tuple(spread["choices"])
    return SearchSpace(tuple(Dimension(path, **spread) for path, spread in listed.items()))


def bowl(units: FloatArray) -> float:
    """Falls steeply along the first parameter and gently along the last; the others do not matter."""
    return float(30 * (units[0] - 0.3) ** 2 + 5 * (units[-1] - 0.6) ** 2)


def made_trials(
    count: int,
    space: Mapping[str, Any] = SIX,
    value: Callable[[FloatArray], float] = bowl,
    statuses: Callable[[int], str] = lambda number: "completed",
) -> list[MadeTrial]:
    """Trials at random points."""
    random, searched = np.random.default_rng(5), space_of(space)
    trials = []
    for number in range(count):
        units = random.random(len(searched))
        status = statuses(number)
        found = value(units) if status == "completed" else math.nan
        error = None if status == "completed" else f"RuntimeError: {status}"
        trials.append(MadeTrial(number, status, found, searched.point(units), 0.5, error))
    return trials


def made_table(
    count: int,
    space: Mapping[str, Any] = SIX,
    value: Callable[[FloatArray], float] = bowl,
    *,
    statuses: Callable[[int], str] = lambda number: "completed",
    maximize: bool = False,
    confirmed: int | None = None,
) -> StudyTable:
    """A table of trials at random points."""
    return study_table(space, made_trials(count, space, value, statuses), "loss", maximize, confirmed)


def some_without_value(number: int) -> str:
    """Of every ten trials one diverged and one failed."""
    return {3: "diverged", 7: "failed"}.get(number % 10, "completed")
