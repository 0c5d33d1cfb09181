"""Agreement with the original research code, step by step."""

from __future__ import annotations

import numpy as np
import pytest

from l5tui.config.checks import window_length
from l5tui.model.arrays import FloatArray
from l5tui.model.grating import moving_grating
from l5tui.model.layout import Layout
from l5tui.model.moments import block_moments
from l5tui.model.simulation import simulate
from tests.golden.cases import STIMULUS_STEPS, GoldenCase, golden_cases

AGREEMENT = 1e-9
CASES = golden_cases()


@pytest.fixture(params=CASES, ids=lambda case: case.name)
def case(request: pytest.FixtureRequest) -> GoldenCase:
    found: GoldenCase = request.param
    return found


def assert_close(found: FloatArray, golden: FloatArray, tolerance: float) -> None:
    """Every number within a tolerance relative to the largest magnitude."""
    assert found.shape == golden.shape
    assert np.abs(found - golden).max() <= tolerance * np.abs(golden).max()


def test_there_are_53_cases() -> None:
    sizes = [sum(case.experiment.network.sizes.in_order()) for case in CASES]

    assert sizes.count(44) == 47
    assert sizes.count(400) == 6
    assert len({case.name for case in CASES}) == 53


@pytest.mark.usefixtures("engine")
def test_rates_and_weights(case: GoldenCase) -> None:
    trajectory = simulate(case.circuit, case.experiment, directions=[case.direction])

    assert trajectory.steps == case.steps
    assert_close(
        trajectory.rates[0, case.stride - 1 :: case.stride], case.numbers("rates"), tolerance=AGREEMENT
    )
    weights = trajectory.weights_at(0, case.steps)
    if case.circuit.neurons == 44:
        assert_close(weights, case.numbers("weights"), tolerance=AGREEMENT)
    else:
        means, _ = block_moments(weights, Layout(case.experiment.network.sizes.in_order()))
        assert_close(means, case.numbers("block_means"), tolerance=AGREEMENT)
        assert_close(weights[::7, ::11], case.numbers("weight_sample"), tolerance=AGREEMENT)


def test_stimulus(case: GoldenCase) -> None:
    grating = moving_grating(case.experiment, case.circuit.positions, [case.direction])

    found = np.concatenate([grating.at(step % case.steps) for step in STIMULUS_STEPS])

    assert_close(found, case.numbers("stimulus"), tolerance=1e-12)


def test_window_of_recent_rates(case: GoldenCase) -> None:
    experiment = case.experiment

    assert window_length(experiment.plasticity.tau_threshold, experiment.dynamics.dt) == case.window
