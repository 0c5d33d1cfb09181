"""Order of convergence of both integrators, against the exact solution of a linear network."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.linalg import expm

from l5tui.config import Experiment
from l5tui.model.arrays import FloatArray
from l5tui.model.circuit import Circuit
from l5tui.model.simulation import simulate

pytestmark = pytest.mark.usefixtures("engine")

AMPLITUDE = (3.0, 2.0, 5.0, 1.0)
DURATION = 2.0
"""In units of τ."""


def experiment(integrator: str, dt: float, **plasticity: Any) -> Experiment:
    """A steady stimulus that is the same everywhere in a population; time in units of τ."""
    return Experiment.model_validate(
        {
            "network": {"sizes": [2, 3, 2, 1]},
            "dynamics": {"tau": 1.0, "dt": dt, "duration_tau": DURATION, "integrator": integrator},
            "plasticity": {"rule": "none", "onset_step": 0, **plasticity},
            "stimulus": {
                "steady": [True] * 4,
                "amplitude": list(AMPLITUDE),
                "temporal_frequency": 0.0,
                "spatial_frequency": 0.0,
                "spatial_phase": 0.0,
            },
        }
    )


def linear_circuit() -> Circuit:
    """Rates that stay between the floor and the ceiling of the transfer function."""
    random = np.random.default_rng(1)
    weights = random.uniform(-0.05, 0.2, (8, 8))
    return Circuit(weights=weights, positions=np.zeros((8, 2)), initial_rates=random.uniform(1, 2, 8))


def exact(circuit: Circuit) -> FloatArray:
    """r(t) = r* + e^((W − 1) t/τ) (r(0) − r*), with r* = (1 − W)⁻¹ I."""
    stimulus = np.repeat(AMPLITUDE, (2, 3, 2, 1))
    system = circuit.weights - np.eye(8)
    settled = np.linalg.solve(-system, stimulus)
    return np.asarray(settled + expm(system * DURATION) @ (circuit.initial_rates - settled))


@pytest.mark.parametrize(("integrator", "order"), [("euler", 1), ("rk4", 4)])
def test_order_of_convergence(integrator: str, order: int) -> None:
    circuit = linear_circuit()
    steps = np.array([2.0**-k for k in range(4, 9)])
    errors = []
    for dt in steps:
        last = simulate(circuit, experiment(integrator, float(dt)), directions=[0.0]).rates[0, -1]
        errors.append(np.abs(last - exact(circuit)).max())
    slope = np.polyfit(np.log(steps), np.log(errors), 1)[0]

    assert slope == pytest.approx(order, abs=0.05)
    assert errors[-1] < errors[0]


def test_runge_kutta_is_accurate_at_once() -> None:
    circuit = linear_circuit()
    last = simulate(circuit, experiment("rk4", 2.0**-4), directions=[0.0]).rates[0, -1]

    np.testing.assert_allclose(last, exact(circuit), rtol=1e-6)


@pytest.mark.parametrize("integrator", ["euler", "rk4"])
def test_neither_clips_weights(integrator: str) -> None:
    """Slip 4 of the research code: its Runge-Kutta method clipped weights at 0, and inhibition vanished."""
    plastic = experiment(integrator, 2.0**-5, rule="bcm", tau_learn=5.0, tau_threshold=1.0)
    circuit = linear_circuit()
    weights = simulate(circuit, plastic, directions=[0.0]).weights_at(0, 64)

    assert (circuit.weights < 0).any()
    assert (weights != circuit.weights).all()
    assert (weights[circuit.weights < 0] < 0).any()
