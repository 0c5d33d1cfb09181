"""Simulations that go on until the rates have settled."""

from __future__ import annotations

import numpy as np
import pytest

from l5tui.analysis.windows import recording_plan
from l5tui.config import Experiment
from l5tui.model.circuit import Circuit
from l5tui.model.outcome import Completed, Converged
from l5tui.model.recording import record
from l5tui.model.simulation import simulate
from tests.experiments import small_experiment


def until_converged(rule: str, tolerance: float, longest: float = 300.0) -> Experiment:
    return small_experiment(
        plasticity={"rule": rule, "onset_step": 400, "tau_learn": 400.0},
        simulation={"until": "converged", "tolerance": tolerance, "max_duration_tau": longest},
    )


def test_rates_that_do_not_learn_settle_and_their_averages_end_where_they_did() -> None:
    experiment = until_converged("none", 1e-2)
    circuit = Circuit.sample(experiment)
    recording = record(circuit, experiment, recording_plan(experiment))

    assert isinstance(recording.outcome, Converged)
    assert recording.completed
    assert 5 * 71 <= recording.steps == recording.outcome.step < experiment.steps
    rates = simulate(circuit, experiment).rates[:, : recording.steps]
    whole = min(500, recording.steps) // 71 * 71
    np.testing.assert_allclose(recording.window_rates["after"], rates[:, -497:].mean(axis=1), atol=1e-12)
    assert whole <= 497
    np.testing.assert_allclose(recording.window_rates["last"], rates[:, -118:].mean(axis=1), atol=1e-12)
    assert recording.rates is not None
    ended = [stop <= recording.steps for _, stop in recording_plan(experiment).bins]
    np.testing.assert_array_equal(~np.isnan(recording.rates).any(axis=(0, 2)), ended)


def test_a_run_that_learns_never_stops_before_it_has_learned() -> None:
    experiment = until_converged("sliding_bcm", 1e3)
    recording = record(Circuit.sample(experiment), experiment, recording_plan(experiment))

    assert recording.outcome == Converged(497 + 6 * 71)


def test_rates_that_do_not_settle_end_at_the_longest_duration() -> None:
    experiment = until_converged("covariance", 1e-12, longest=100.0)
    recording = record(Circuit.sample(experiment), experiment, recording_plan(experiment))

    assert recording.outcome == Completed()
    assert recording.steps == 1000


@pytest.mark.parametrize("key", ["tolerance", "max_duration_tau"])
def test_settling_is_bounded_from_below(key: str) -> None:
    with pytest.raises(ValueError, match=key):
        small_experiment(simulation={key: 0.0})
