"""How a simulation ended, and a rate that stops being a number."""

from __future__ import annotations

import numpy as np

from l5tui.model.circuit import Circuit
from l5tui.model.outcome import Cancelled, Completed, Diverged
from l5tui.model.reference_engine import ReferenceEngine
from tests.experiments import small_experiment


def test_outcomes_say_what_happened() -> None:
    diverged = Diverged(step=7, population="PV", neuron=33, direction=90.0, quantity="weight change")

    assert str(Completed()) == "completed"
    assert str(Cancelled(12)) == "cancelled after step 12"
    assert str(diverged) == "the weight change of PV neuron 33, direction 90° was not finite at step 7"


def test_a_rate_that_is_not_a_number_stops_at_its_step() -> None:
    """Infinite excitation and infinite inhibition of the third neuron, in the first step.

    Of the reference engine alone: one that multiplies and adds in a single rounding does not overflow here.
    """
    weights = np.zeros((4, 4))
    weights[2, 0], weights[2, 3] = 1e308, -1e308
    circuit = Circuit(weights, np.zeros((4, 2)), initial_rates=[100.0, 1.0, 1.0, 100.0])
    experiment = small_experiment(network={"sizes": [1, 1, 1, 1]}, plasticity={"rule": "none"})
    engine = ReferenceEngine(circuit, experiment, [30.0])
    chunk = engine.advance(5)

    assert engine.diverged == Diverged(step=1, population="PV", neuron=2, direction=30.0, quantity="rate")
    assert engine.step == 0
    assert chunk.rates.shape == (1, 0, 4)
