"""Running a circuit: repeatability, progress, cancelling and divergence."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from l5tui.config import POPULATIONS, Experiment
from l5tui.model.circuit import Circuit
from l5tui.model.compiled.engine import CompiledEngine
from l5tui.model.outcome import Cancelled, Completed, Diverged
from l5tui.model.reference_engine import ReferenceEngine
from l5tui.model.simulation import outcome_of, simulate
from l5tui.model.trajectory import Trajectory
from tests.experiments import small_experiment

pytestmark = pytest.mark.usefixtures("engine")

RULES = ("none", "bcm", "sliding_bcm", "oja", "covariance")


def run(experiment: Experiment, directions: list[float] | None = None, **watch: Any) -> Trajectory:
    return simulate(Circuit.sample(experiment), experiment, directions, **watch)


@pytest.mark.parametrize("rule", RULES)
def test_same_seed_gives_the_same_bits(rule: str) -> None:
    experiment = small_experiment(plasticity={"rule": rule})
    first, second = run(experiment), run(experiment)

    assert first.rates.tobytes() == second.rates.tobytes()
    assert first.final_weights.tobytes() == second.final_weights.tobytes()
    assert first.weights_at(3, 100).tobytes() == second.weights_at(3, 100).tobytes()


@pytest.mark.parametrize("rule", RULES)
def test_a_direction_alone_is_the_same_as_among_four(rule: str) -> None:
    experiment = small_experiment(plasticity={"rule": rule})
    together = run(experiment)
    for index, direction in enumerate(together.directions):
        alone = run(experiment, [direction])
        np.testing.assert_allclose(alone.rates[0], together.rates[index], rtol=0, atol=1e-10)
        np.testing.assert_allclose(
            alone.weights_at(0, 200), together.weights_at(index, 200), rtol=0, atol=1e-10
        )


@pytest.mark.parametrize("count", [1, 3, 4, 5, 8])
def test_any_number_of_directions_in_any_order(count: int) -> None:
    experiment = small_experiment()
    directions = [(200.0 - 45.0 * index) % 360 for index in range(count)]
    forth, back = run(experiment, directions), run(experiment, directions[::-1])

    assert forth.directions == tuple(directions)
    np.testing.assert_allclose(forth.rates, back.rates[::-1], rtol=0, atol=1e-10)
    np.testing.assert_allclose(forth.final_weights, back.final_weights[::-1], rtol=0, atol=1e-10)


def test_first_step_by_hand() -> None:
    experiment = small_experiment(stimulus={"amplitude": [0.0] * 4})
    circuit = Circuit.sample(experiment)
    r = circuit.initial_rates
    first = simulate(circuit, experiment).rates[:, 0]

    expected = r + 0.1 * (np.clip(circuit.weights @ r, 0.01, 500) - r)
    np.testing.assert_allclose(first, [expected] * 4, atol=1e-14)


def test_progress_is_reported_from_start_to_end() -> None:
    calls: list[tuple[int, int]] = []
    run(small_experiment(), progress=lambda done, total: calls.append((done, total)))
    done = [step for step, _ in calls]

    assert {total for _, total in calls} == {200}
    assert done[0] == 0
    assert done[-1] == 200
    assert done == sorted(done)
    assert len(done) > 2


@pytest.mark.parametrize("after", [0, 64, 100])
def test_cancel_keeps_what_was_done(after: int) -> None:
    experiment = small_experiment(plasticity={"rule": "oja"})
    reached = [0]
    whole = run(experiment)
    partial = run(
        experiment,
        progress=lambda done, total: reached.append(done),
        cancelled=lambda: reached[-1] >= after,
    )

    assert partial.outcome == Cancelled(partial.steps)
    assert reached[-1] == partial.steps
    assert after <= partial.steps < 200
    assert partial.rates.shape == (4, partial.steps, 44)
    assert partial.post.shape == partial.pre.shape == partial.rates.shape
    np.testing.assert_array_equal(partial.rates, whole.rates[:, : partial.steps])
    np.testing.assert_allclose(
        partial.final_weights[2], whole.weights_at(2, partial.steps), rtol=0, atol=1e-12
    )


def test_cancel_at_once_takes_no_step() -> None:
    trajectory = run(small_experiment(), cancelled=lambda: True)

    assert trajectory.outcome == Cancelled(0)
    assert trajectory.rates.shape == (4, 0, 44)
    np.testing.assert_array_equal(trajectory.weights_at(0, 0), trajectory.circuit.weights)


def test_cancel_is_heard_within_a_fifth_of_a_second() -> None:
    experiment = Experiment.model_validate(
        {"plasticity": {"rule": "oja", "onset_step": 0}, "dynamics": {"duration_tau": 500.0}}
    )
    circuit = Circuit.sample(experiment)
    simulate(circuit, experiment, cancelled=Patience(0.0))  # a first call may have to compile
    patience = Patience(0.15)
    trajectory = simulate(circuit, experiment, cancelled=patience)
    late = time.process_time() - patience.end

    assert isinstance(trajectory.outcome, Cancelled)
    assert 0 < trajectory.steps == trajectory.outcome.step < 5000
    assert late < 0.2


class Patience:
    """Stops after some seconds of processor time, counted from the first call; other processes do not matter."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.end = float("inf")

    def __call__(self) -> bool:
        self.end = min(self.end, time.process_time() + self.seconds)
        return time.process_time() > self.end


def test_a_run_that_ends_is_completed() -> None:
    trajectory = run(small_experiment(), cancelled=lambda: False)

    assert trajectory.outcome == Completed()
    assert str(trajectory.outcome) == "completed"


def test_diverging_weights_are_reported_with_step_population_and_neuron() -> None:
    trajectory = run(small_experiment(plasticity={"rule": "oja", "tau_learn": 1e-3}))
    outcome = trajectory.outcome

    assert isinstance(outcome, Diverged)
    assert outcome.step == trajectory.steps + 1
    assert 60 < outcome.step < 200
    assert outcome.population == np.repeat(POPULATIONS, (9, 22, 7, 6))[outcome.neuron]
    assert outcome.direction in trajectory.directions
    assert np.isfinite(trajectory.rates).all()
    assert np.isfinite(trajectory.final_weights).all()
    for part in (outcome.quantity, outcome.population, f"neuron {outcome.neuron}", f"step {outcome.step}"):
        assert part in str(outcome)


def test_rates_before_a_divergence_are_those_of_a_shorter_run() -> None:
    experiment = small_experiment(plasticity={"rule": "oja", "tau_learn": 1e-3})
    circuit = Circuit.sample(experiment)
    diverged = simulate(circuit, experiment)
    reached = [0]
    cancelled = simulate(
        circuit,
        experiment,
        progress=lambda done, total: reached.append(done),
        cancelled=lambda: reached[-1] >= diverged.steps // 64 * 64,
    )
    common = min(diverged.steps, cancelled.steps)

    assert common >= 60
    np.testing.assert_array_equal(diverged.rates[:, :common], cancelled.rates[:, :common])


def test_progress_of_a_run_that_diverges_ends_at_its_last_step() -> None:
    calls: list[int] = []
    trajectory = run(
        small_experiment(plasticity={"rule": "oja", "tau_learn": 1e-3}),
        progress=lambda done, total: calls.append(done),
    )

    assert calls[0] == 0
    assert calls[-1] == trajectory.steps
    assert calls == sorted(calls)


def test_a_window_longer_than_the_run_needs_no_room() -> None:
    for rule in ("bcm", "sliding_bcm", "covariance"):
        endless = run(small_experiment(plasticity={"rule": rule, "tau_threshold": 1e12}))
        assert endless.outcome == Completed()


def late_divergence() -> Experiment:
    """Weights that run away after 4,000 steps without learning."""
    plasticity = {"rule": "oja", "tau_learn": 1e-3, "onset_step": 4000}
    return small_experiment(plasticity=plasticity, dynamics={"duration_tau": 500.0})


def advance_in_chunks(engine: CompiledEngine, stop: Callable[[], bool] = lambda: False) -> None:
    """Advance until the engine stops, 64 steps at a time, and drop the rates."""
    while engine.step < 5000 and engine.advance(64, stop).rates.shape[1] == 64:
        pass


def test_a_divergence_is_replayed_in_bounded_memory() -> None:
    """The rates and factors of 4,000 steps would take 17 MB."""
    experiment = late_divergence()
    circuit = Circuit.sample(experiment)
    engine = CompiledEngine(circuit, experiment, experiment.stimulus.directions, keep_factors=False)
    engine.advance(64)
    tracemalloc.start()
    try:
        advance_in_chunks(engine)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert engine.diverged is not None
    assert engine.step > 4000
    assert peak < 4e6
    reference = ReferenceEngine(circuit, experiment, experiment.stimulus.directions)
    reference.advance(engine.step)
    np.testing.assert_allclose(engine.weights(0), reference.weights(0), rtol=1e-6)


def test_the_replay_of_a_divergence_can_be_cancelled() -> None:
    experiment = late_divergence()
    engine = CompiledEngine(
        Circuit.sample(experiment), experiment, experiment.stimulus.directions, keep_factors=False
    )
    replays = 0

    def stop() -> bool:
        """Stop in the replay, in which the engine starts again from step 0."""
        nonlocal replays
        replays += engine._is_replaying
        return replays == 3

    advance_in_chunks(engine, stop)
    assert replays == 3
    assert engine.diverged is None
    assert isinstance(outcome_of(engine, experiment.steps), Cancelled)
    assert engine.step > 4000
    assert np.isnan(engine.weights(0)).all()
    assert engine.advance(5).rates.shape[1] == 0
