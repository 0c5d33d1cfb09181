"""Euler's steps converge at first order to the rates of a finer step, for a grating whose speed is in Hz."""

from __future__ import annotations

import numpy as np
import pytest

from l5tui.config.validation import validate
from l5tui.model.arrays import FloatArray
from l5tui.model.circuit import Circuit
from l5tui.model.simulation import simulate


def rates(rule: str, finer: int) -> FloatArray:
    """Rates at the same moments, whatever the step; shape (direction, time, N)."""
    experiment = validate(
        {
            "network": {"sizes": [9, 22, 7, 6]},
            "dynamics": {"dt": 0.01 / finer, "duration_tau": 30.0},
            "stimulus": {"temporal_frequency_hz": 4.2},
            "plasticity": {"rule": rule, "onset_step": 100 * finer},
        }
    )
    # Euler's rate at step n stands for the time n Δt.
    return simulate(Circuit.sample(experiment, 0), experiment).rates[:, :: 10 * finer]


@pytest.mark.parametrize("rule", ["none", "sliding_bcm", "oja"])
def test_halving_the_step_halves_the_error(rule: str) -> None:
    coarse, middle, finest = (rates(rule, finer) for finer in (1, 2, 4))
    ratio = np.abs(coarse - finest).mean() / np.abs(middle - finest).mean()
    # First order: (1 − 1/4) / (1/2 − 1/4).
    assert ratio == pytest.approx(3.0, rel=0.15)
