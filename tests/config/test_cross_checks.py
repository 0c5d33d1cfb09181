"""Faults that show only when keys are compared."""

from __future__ import annotations

from typing import Any

import pytest

from l5tui.config import Experiment
from l5tui.config.validation import all_faults, validate

TABLE = [[0.1] * 4 for _ in range(4)]


def with_cell(pre: int, post: int, value: float, others: float = 0.0) -> list[list[float]]:
    return [[value if (i, j) == (pre, post) else others for j in range(4)] for i in range(4)]


CASES: list[tuple[dict[str, Any], str, str]] = [
    ({"network": {"sizes": [0, 0, 0, 0]}}, "network.sizes", "0 neurons in all"),
    ({"network": {"sizes": [0, 1, 0, 0]}}, "network.sizes", "1 neurons in all"),
    ({"network": {"sizes": [20_000, 1, 0, 0]}}, "network.sizes", "20001 neurons in all"),
    (
        {"network": {"connection_probability": with_cell(0, 0, 1.0)}},
        "network.connection_probability[0][0]",
        "1, 45 partners for each CS neuron",
    ),
    (
        {"network": {"sizes": {"SST": 1}, "connection_probability": with_cell(3, 3, 0.9)}},
        "network.connection_probability[3][3]",
        "0.9, 1 partners for each SST neuron",
    ),
    ({"network": {"target_weights": with_cell(0, 2, -0.5)}}, "network.target_weights[0][2]", "-0.5"),
    ({"network": {"target_weights": with_cell(3, 1, 0.5)}}, "network.target_weights[3][1]", "0.5"),
    ({"dynamics": {"dt": 0.1}}, "dynamics.dt", "0.1"),
    ({"dynamics": {"duration_tau": 0.01}}, "dynamics.duration_tau", "0 steps"),
    ({"dynamics": {"duration_tau": 2e6}}, "dynamics.duration_tau", "20000000 steps"),
    ({"dynamics": {"dt": 1e-320}}, "dynamics.duration_tau", "1000000000000 steps"),
    (
        {"dynamics": {"dt": 5e-324}, "plasticity": {"rule": "bcm", "tau_threshold": 1e6}},
        "dynamics.duration_tau",
        "1000000000000 steps",
    ),
    ({"plasticity": {"onset_step": 2500}}, "plasticity.onset_step", "2500"),
    ({"plasticity": {"tau_threshold": 0.008}}, "plasticity.tau_threshold", "0.008, a window of 1 rates"),
    ({"stimulus": {"directions": [0, 90, 180, 271]}}, "stimulus.directions", "a set that lacks"),
    ({"stimulus": {"directions": [0, 90, 180, 270, 90]}}, "stimulus.directions", "a direction twice"),
    ({"tuning": {"space": {"dynamics.tua": [1, 2]}}}, "tuning.space.dynamics.tua", "an unknown parameter"),
    (
        {"tuning": {"space": {"dynamics.tau": {"low": 2, "high": 1}}}},
        "tuning.space.dynamics.tau",
        "low 2, high 1",
    ),
    (
        {"tuning": {"space": {"dynamics.tau": {"low": 0, "high": 1, "log": True}}}},
        "tuning.space.dynamics.tau",
        "low 0 with log",
    ),
    (
        {"tuning": {"space": {"dynamics.tau": {"low": 0, "high": 1, "times": "dynamics.td"}}}},
        "tuning.space.dynamics.tau.times",
        '"dynamics.td"',
    ),
]


@pytest.mark.parametrize(
    ("data", "key", "got"), CASES, ids=lambda value: value if isinstance(value, str) else ""
)
def test_one_fault_is_found_and_alone(data: dict[str, Any], key: str, got: str) -> None:
    (fault,) = all_faults(data)
    assert fault.key == key
    assert fault.got.startswith(got)
    assert fault.allowed


@pytest.mark.parametrize(
    "data",
    [
        {"network": {"sizes": [0, 2, 0, 0]}},
        {"network": {"sizes": [2, 0, 0, 0], "connection_probability": with_cell(0, 0, 0.5)}},
        {"network": {"sizes": {"CS": 0}, "connection_probability": with_cell(0, 0, 1.0)}},
        {"network": {"connection_probability": with_cell(0, 1, 1.0)}},
        {"network": {"target_weights": with_cell(0, 0, 0.0, -0.0)}},
        {"dynamics": {"dt": 0.0999, "duration_tau": 501}},
        {"plasticity": {"onset_step": 2499}},
        {"plasticity": {"tau_threshold": 0.008, "rule": "oja"}},
        {"plasticity": {"tau_threshold": 0.008, "rule": "none"}},
        {"stimulus": {"directions": [359.9999999, 90, 180, 270]}},
        {"tuning": {"space": {"dynamics.tau": {"low": 3, "high": 9, "times": "dynamics.dt"}}}},
    ],
    ids=str,
)
def test_what_lies_just_within_is_accepted(data: dict[str, Any]) -> None:
    assert isinstance(validate(data), Experiment)


def test_a_comparison_with_a_faulty_key_counts_for_nothing() -> None:
    # The default time constant, 0.1, takes the faulty one's place, and would be smaller than this step.
    (fault,) = all_faults({"dynamics": {"tau": "long", "dt": 0.5}})
    assert fault.key == "dynamics.tau"


def test_near_names_are_suggested_for_searched_parameters() -> None:
    (fault,) = all_faults({"tuning": {"space": {"plasticity.tau_lern": [1, 2]}}})
    assert fault.allowed.endswith('did you mean "plasticity.tau_learn"?')
