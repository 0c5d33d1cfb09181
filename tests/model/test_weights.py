"""Weights over time: when they move, what holds them, and how they are given back."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from l5tui.config import Experiment
from l5tui.model.arrays import FloatArray
from l5tui.model.circuit import Circuit
from l5tui.model.simulation import simulate
from l5tui.model.trajectory import Trajectory
from tests.experiments import small_experiment

pytestmark = pytest.mark.usefixtures("engine")

RULES = ("bcm", "sliding_bcm", "oja", "covariance")
OPTIONS: dict[str, dict[str, Any]] = {
    "all pairs": {},
    "existing synapses": {"synapses": "existing"},
    "Dale's law": {"dale": True},
    "both": {"synapses": "existing", "dale": True},
}


def run(rule: str, faster: float = 1.0, **plasticity: Any) -> tuple[Circuit, Trajectory]:
    """A small run in two directions that learns as fast as it can without running away."""
    tau_learn = (40.0 if rule == "oja" else 4.0) / faster
    experiment = small_experiment(plasticity={"rule": rule, "tau_learn": tau_learn, **plasticity})
    circuit = Circuit.sample(experiment)
    return circuit, simulate(circuit, experiment, [0.0, 90.0])


@pytest.mark.parametrize("rule", RULES)
def test_weights_first_move_at_the_onset(rule: str) -> None:
    circuit, trajectory = run(rule)

    for direction in (0, 1):
        for step in (0, 1, 59, 60):
            np.testing.assert_array_equal(trajectory.weights_at(direction, step), circuit.weights)
        assert (trajectory.weights_at(direction, 61) != circuit.weights).any()


@pytest.mark.parametrize("options", [*OPTIONS.values(), {"neurons": "inhibitory"}], ids=str)
@pytest.mark.parametrize("integrator", ["euler", "rk4"])
def test_without_a_rule_weights_never_move(integrator: str, options: dict[str, Any]) -> None:
    experiment = small_experiment(
        dynamics={"integrator": integrator}, plasticity={"rule": "none", "onset_step": 0, **options}
    )
    circuit = Circuit.sample(experiment)
    trajectory = simulate(circuit, experiment)

    for direction in range(4):
        for step in (0, 1, 100, 200):
            np.testing.assert_array_equal(trajectory.weights_at(direction, step), circuit.weights)


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
@pytest.mark.parametrize("rule", RULES)
def test_weights_at_every_step_are_a_replay_of_the_changes(rule: str, options: dict[str, Any]) -> None:
    circuit, trajectory = run(rule, **options)
    replayed = circuit.weights.copy()
    for step in range(131):
        found = trajectory.weights_at(1, step)
        np.testing.assert_allclose(found, replayed, rtol=0, atol=1e-12 * np.abs(replayed).max())
        replayed = changed(replayed, trajectory, step, options)
    for step in range(131, 200):
        replayed = changed(replayed, trajectory, step, options)
    found = trajectory.weights_at(1, 200)
    np.testing.assert_allclose(found, replayed, rtol=0, atol=1e-12 * np.abs(replayed).max())


def changed(weights: FloatArray, trajectory: Trajectory, step: int, options: dict[str, Any]) -> FloatArray:
    """Weights after one more step of the second direction, by the recorded factors."""
    circuit = trajectory.circuit
    change = np.outer(trajectory.post[1, step], trajectory.pre[1, step])
    if "synapses" in options:
        change = np.where(circuit.weights != 0, change, 0)
    weights = weights + change
    if "dale" in options:
        weights[:, :31] = np.maximum(weights[:, :31], 0)
        weights[:, 31:] = np.minimum(weights[:, 31:], 0)
    return weights


def test_weights_at_gives_a_copy() -> None:
    circuit, trajectory = run("oja")
    for step in (0, 100, 200):
        trajectory.weights_at(0, step)[:] = 7

    np.testing.assert_array_equal(trajectory.weights_at(0, 0), circuit.weights)
    assert (trajectory.weights_at(0, 200) != 7).all()


@pytest.mark.parametrize("step", [-1, 201, 10_000])
def test_a_step_that_was_not_taken_is_refused(step: int) -> None:
    with pytest.raises(IndexError, match=f"step: got {step}, allowed 0 to 200"):
        run("oja")[1].weights_at(0, step)


def test_a_direction_that_was_not_shown_is_refused() -> None:
    _, trajectory = run("oja")
    for step in (0, 100, 200):
        with pytest.raises(IndexError):
            trajectory.weights_at(2, step)


@pytest.mark.parametrize("rule", RULES)
def test_existing_synapses_only_never_makes_a_new_one(rule: str) -> None:
    circuit, trajectory = run(rule, synapses="existing")

    for step in (61, 130, 200):
        weights = trajectory.weights_at(1, step)
        assert (weights[~circuit.synapses] == 0).all()
        assert (weights[circuit.synapses] != circuit.weights[circuit.synapses]).any()
    assert (run(rule)[1].weights_at(1, 200)[~circuit.synapses] != 0).any()


def test_a_synapse_of_weight_zero_learns() -> None:
    """A circuit may say which pairs are connected; a weight of zero does not undo it."""
    experiment = small_experiment(
        network={"sizes": [2, 0, 0, 0]}, plasticity={"rule": "covariance", "synapses": "existing"}
    )
    circuit = Circuit(
        weights=np.zeros((2, 2)),
        positions=[[0.1, 0.2], [-0.3, 0.1]],
        initial_rates=[0.2, 0.4],
        synapses=[[False, True], [False, False]],
    )
    weights = simulate(circuit, experiment, [0.0]).weights_at(0, 200)

    np.testing.assert_array_equal(weights != 0, circuit.synapses)


@pytest.mark.parametrize("rule", RULES)
def test_dales_law_keeps_every_sign(rule: str) -> None:
    _, free = run(rule, faster=2)
    _, held = run(rule, faster=2, dale=True)

    sign = np.repeat([1, -1], [31, 13])
    steps = range(60, 201, 7)
    assert min((free.weights_at(1, step) * sign).min() for step in steps) < 0
    assert min((held.weights_at(1, step) * sign).min() for step in steps) == 0


def test_a_weight_that_stopped_at_zero_can_grow_again() -> None:
    _, trajectory = run("covariance", faster=8, dale=True)
    course = np.array([trajectory.weights_at(0, step) for step in range(60, 201)])[:, :, :31]
    reached_zero = (course[1:] == 0) & (course[:-1] > 0)
    leaves_zero = (course[1:] > 0) & (course[:-1] == 0)

    assert (reached_zero.argmax(axis=0) < leaves_zero[::-1].argmax(axis=0)).any()


def test_each_direction_learns_from_the_same_start() -> None:
    circuit, trajectory = run("sliding_bcm")

    np.testing.assert_array_equal(trajectory.weights_at(0, 0), trajectory.weights_at(1, 0))
    assert np.abs(trajectory.weights_at(0, 200) - trajectory.weights_at(1, 200)).max() > 1e-3
    assert circuit.weights.flags.writeable is False


def test_trajectory_says_what_was_run() -> None:
    experiment: Experiment = small_experiment()
    circuit = Circuit.sample(experiment)
    trajectory = simulate(circuit, experiment)

    assert trajectory.directions == (0.0, 90.0, 180.0, 270.0)
    assert trajectory.rates.shape == (4, 200, 44)
    assert trajectory.steps == 200
    assert trajectory.circuit is circuit
