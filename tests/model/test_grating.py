"""The stimulus."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from l5tui.config import POPULATIONS, Experiment
from l5tui.model.arrays import FloatArray
from l5tui.model.circuit import Circuit
from l5tui.model.grating import moving_grating
from tests.experiments import small_experiment

DIRECTIONS = (0.0, 45.0, 90.0, 270.0)
STEADY = {"all drift": [False] * 4, "all steady": [True] * 4, "mixed": [True, False, False, True]}


def by_the_formula(experiment: Experiment, positions: FloatArray, step: int) -> FloatArray:
    """The stimulus of every neuron, one at a time."""
    stimulus, sizes = experiment.stimulus, experiment.network.sizes
    rows = []
    for direction in DIRECTIONS:
        theta, row, neuron = math.radians(direction), [], 0
        for name in POPULATIONS:
            amplitude = getattr(stimulus.amplitude, name)
            omega = stimulus.temporal_frequency
            in_time = math.cos(omega) if getattr(stimulus.steady, name) else math.cos(omega * step)
            for _ in range(getattr(sizes, name)):
                a, b = positions[neuron]
                k = stimulus.spatial_frequency
                in_space = math.cos(
                    k * a * math.cos(theta) + k * b * math.sin(theta) - stimulus.spatial_phase
                )
                offset = amplitude if stimulus.kind == "offset" else 0.0
                row.append(amplitude * in_space * in_time + offset)
                neuron += 1
        rows.append(row)
    return np.array(rows)


@pytest.mark.parametrize("kind", ["signed", "offset"])
@pytest.mark.parametrize("steady", STEADY.values(), ids=STEADY)
def test_formula(steady: list[bool], kind: str) -> None:
    stimulus = {"steady": steady, "kind": kind, "amplitude": [1.0, 2.0, 4.0, 8.0], "spatial_phase": 0.3}
    experiment = small_experiment(stimulus=stimulus)
    positions = Circuit.sample(experiment).positions
    grating = moving_grating(experiment, positions, DIRECTIONS)

    for step in (0, 1, 2, 50, 2499):
        np.testing.assert_allclose(
            grating.at(step), by_the_formula(experiment, positions, step), rtol=0, atol=1e-12
        )


def test_steady_input_does_not_change_and_drifting_input_does() -> None:
    experiment = small_experiment(stimulus={"steady": STEADY["mixed"]})
    grating = moving_grating(experiment, Circuit.sample(experiment).positions, DIRECTIONS)
    moved = (grating.at(3) != grating.at(9)).all(axis=0)

    np.testing.assert_array_equal(moved, [False] * 9 + [True] * 29 + [False] * 6)


@given(st.floats(0, 1e3), st.floats(0, 1e3), st.floats(-10, 10), st.floats(0, 1e6), st.integers(0, 10**6))
def test_offset_input_is_never_negative(
    spatial: float, temporal: float, phase: float, amplitude: float, step: int
) -> None:
    experiment = small_experiment(
        network={"sizes": [2, 2, 2, 2]},
        stimulus={
            "kind": "offset",
            "spatial_frequency": spatial,
            "temporal_frequency": temporal,
            "spatial_phase": phase,
            "amplitude": [amplitude] * 4,
        },
    )
    positions = np.random.default_rng(0).uniform(-1, 1, (8, 2))
    values = moving_grating(experiment, positions, DIRECTIONS).at(step)

    assert (values >= 0).all()
    assert (values <= 2 * amplitude).all()


def test_opposite_directions_mirror_each_other_without_a_phase() -> None:
    experiment = small_experiment(stimulus={"spatial_phase": 0.0})
    positions = Circuit.sample(experiment).positions
    forth, back = moving_grating(experiment, positions, (30.0, 210.0)).at(5)

    np.testing.assert_allclose(forth, back, atol=1e-13)
