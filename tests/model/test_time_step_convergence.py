"""Rates converge as the time step shrinks, for a grating whose frequency is in Hz."""

from __future__ import annotations

import math

import numpy as np
import pytest

from l5tui.config.validation import validate
from l5tui.model import Circuit, simulate
from l5tui.model.arrays import FloatArray

FACTORS = (4, 8, 16)
STEPS = 80


def rates(factor: int, integrator: str, hertz: float) -> FloatArray:
    """Rates at the times of the default's steps, shape (step, N)."""
    experiment = validate(
        {
            "network": {"sizes": [9, 22, 7, 6], "transfer": "sigmoid"},
            "stimulus": {"temporal_frequency_hz": hertz},
            "dynamics": {"dt": 0.01 / factor, "integrator": integrator, "duration_tau": STEPS / 10},
            "plasticity": {"rule": "none", "onset_step": 0},
        }
    )
    found = simulate(Circuit.sample(experiment), experiment, directions=[90.0]).rates[0]
    assert len(found) == STEPS * factor
    sampled: FloatArray = found[factor - 1 :: factor]
    return sampled


def order(integrator: str, hertz: float) -> float:
    """Order of convergence of the rates, from three time steps."""
    coarse, middle, fine = (rates(factor, integrator, hertz) for factor in FACTORS)
    return math.log2(np.abs(coarse - middle).max() / np.abs(middle - fine).max())


@pytest.mark.parametrize("integrator", ["euler", "rk4"])
def test_a_moving_grating_converges_at_first_order(integrator: str) -> None:
    # Both integrators hold the input over a step, so that the input limits rk4 too.
    assert order(integrator, 4.0) == pytest.approx(1, abs=0.1)


@pytest.mark.parametrize(("integrator", "expected"), [("euler", 1), ("rk4", 4)])
def test_an_input_that_stands_still_leaves_the_order_of_the_integrator(
    integrator: str, expected: int
) -> None:
    # 1e-9 Hz: the phase changes by less than the rounding of the rates.
    assert order(integrator, 1e-9) == pytest.approx(expected, abs=0.1 * expected)
