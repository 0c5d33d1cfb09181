"""Sampling a realization as a whole, and what a circuit accepts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from l5tui.config import Experiment
from l5tui.model.circuit import Circuit
from l5tui.model.layout import Layout
from l5tui.model.moments import block_moments
from l5tui.model.simulation import simulate
from l5tui.model.spectrum import spectral_abscissa
from tests.experiments import small_experiment

PARTS = ("weights", "positions", "initial_rates", "synapses")


def parts(circuit: Circuit) -> dict[str, bytes]:
    """Each part of a circuit, to the last bit."""
    return {name: getattr(circuit, name).tobytes() for name in PARTS}


def test_same_seed_and_realization_give_the_same_bits() -> None:
    first, second = (Circuit.sample(small_experiment(seed=7), realization=3) for _ in range(2))

    assert parts(first) == parts(second)
    assert first.target_weights.tobytes() == second.target_weights.tobytes()


@pytest.mark.parametrize("other", [{"seed": 8, "realization": 3}, {"seed": 7, "realization": 4}])
def test_another_seed_or_realization_changes_every_part(other: dict[str, int]) -> None:
    first = parts(Circuit.sample(small_experiment(seed=7), realization=3))
    second = parts(Circuit.sample(small_experiment(seed=other["seed"]), realization=other["realization"]))

    assert all(first[name] != second[name] for name in PARTS)


def test_seed_and_realization_do_not_alias() -> None:
    """Realization 1 of seed 7 is not realization 0 of seed 8."""
    assert parts(Circuit.sample(small_experiment(seed=7), 1)) != parts(
        Circuit.sample(small_experiment(seed=8), 0)
    )


@pytest.mark.parametrize(
    "network", [{"weight_noise": 0.1}, {"initial_weight_cv": 0.5}, {"transfer": "tanh"}], ids=str
)
def test_parts_have_random_numbers_of_their_own(network: dict[str, Any]) -> None:
    before = parts(Circuit.sample(small_experiment()))
    after = parts(Circuit.sample(small_experiment(network={"sizes": [9, 22, 7, 6], **network})))

    for name in ("positions", "initial_rates", "synapses"):
        assert before[name] == after[name]


def test_probability_changes_neither_positions_nor_rates() -> None:
    denser = {"sizes": [9, 22, 7, 6], "connection_probability": [[0.3] * 4] * 4}
    before, after = (
        parts(Circuit.sample(small_experiment())),
        parts(Circuit.sample(small_experiment(network=denser))),
    )

    assert before["synapses"] != after["synapses"]
    assert before["positions"] == after["positions"]
    assert before["initial_rates"] == after["initial_rates"]


def test_positions_fill_the_unit_disc_evenly() -> None:
    circuits = [Circuit.sample(small_experiment(), realization) for realization in range(40)]
    a, b = np.concatenate([circuit.positions for circuit in circuits]).T
    radius = np.hypot(a, b)

    assert radius.max() < 1
    assert np.mean(radius < np.sqrt(0.5)) == pytest.approx(0.5, abs=0.04)
    assert np.mean(np.arctan2(b, a) > 0) == pytest.approx(0.5, abs=0.04)


def test_initial_rates_are_uniform_below_one() -> None:
    circuits = [Circuit.sample(small_experiment(), realization) for realization in range(40)]
    rates = np.concatenate([circuit.initial_rates for circuit in circuits])

    assert rates.min() >= 0
    assert rates.max() < 1
    assert rates.mean() == pytest.approx(0.5, abs=0.03)


def test_abscissa_is_one_and_targets_are_scaled_with_the_weights() -> None:
    """Without spread or noise, a block's mean is exactly its target: the in-degree's rounding is in both."""
    table = {"initial_weight_cv": 0.0, "weight_noise": 0.0, "connection_probability": [[0.23] * 4] * 4}
    experiment = small_experiment(network={"sizes": [8, 20, 12, 4], **table})
    circuit = Circuit.sample(experiment)
    mean, _ = block_moments(circuit.weights, Layout((8, 20, 12, 4)))

    assert spectral_abscissa(circuit.weights) == pytest.approx(1)
    np.testing.assert_allclose(circuit.target_weights, mean, rtol=1e-12)
    turned = np.array(experiment.network.target_weights).T
    assert circuit.target_weights[0, 1] / circuit.target_weights[1, 1] == pytest.approx(
        turned[0, 1] / turned[1, 1]
    )


def test_targets_are_post_by_pre() -> None:
    """The table's row CS, column PV is CS to PV: row PV, column CS of a matrix."""
    circuit = Circuit.sample(Experiment())

    assert circuit.target_weights[2, 0] / circuit.target_weights[0, 0] == pytest.approx(
        (1.01 * round(0.18 * 45)) / (0.27 * round(0.16 * 45))
    )
    assert circuit.target_weights[1, 0] == 0
    assert circuit.target_weights[0, 1] > 0


@pytest.mark.parametrize("sizes", [[0, 22, 7, 6], [9, 0, 0, 6], [9, 22, 0, 0], [0, 0, 0, 5]])
def test_populations_can_be_empty(sizes: list[int]) -> None:
    experiment = small_experiment(network={"sizes": sizes}, dynamics={"duration_tau": 7.0})
    circuit = Circuit.sample(experiment)

    assert circuit.neurons == sum(sizes)
    assert np.isfinite(simulate(circuit, experiment).rates).all()


def test_a_network_without_synapses_is_not_scaled() -> None:
    circuit = Circuit.sample(
        small_experiment(network={"sizes": [9, 22, 7, 6], "connection_probability": [[0] * 4] * 4})
    )

    assert not circuit.weights.any()
    assert not circuit.synapses.any()
    assert not circuit.target_weights.any()


def test_a_network_without_loops_is_not_scaled() -> None:
    """CS to CC only: no eigenvalue but 0, and 0.5 mV stays 0.5 mV."""
    probability = [[0.0, 0.5, 0.0, 0.0]] + [[0.0] * 4] * 3
    table = {"connection_probability": probability, "initial_weight_cv": 0.0, "weight_noise": 0.0}
    weights = [[0.0, 0.5, 0.0, 0.0]] + [[0.0] * 4] * 3
    circuit = Circuit.sample(
        small_experiment(network={"sizes": [8, 20, 6, 6], "target_weights": weights, **table})
    )

    assert set(np.unique(circuit.weights)) == {0.0, 0.5}
    assert circuit.target_weights[1, 0] == 0.25


def test_arrays_are_copies_that_cannot_be_changed() -> None:
    weights = np.zeros((3, 3))
    circuit = Circuit(weights=weights, positions=np.zeros((3, 2)), initial_rates=np.ones(3))
    weights[0, 1] = 5

    assert circuit.weights[0, 1] == 0
    arrays = [getattr(circuit, name) for name in (*PARTS, "target_weights")]
    for array in arrays:
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1


def test_synapses_default_to_what_is_not_zero() -> None:
    circuit = Circuit(weights=[[0.0, 2.0], [0.0, 0.0]], positions=np.zeros((2, 2)), initial_rates=[0, 1])

    np.testing.assert_array_equal(circuit.synapses, [[False, True], [False, False]])
    assert np.isnan(circuit.target_weights).all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"weights": np.zeros((3, 2))}, r"weights: got shape \(3, 2\), allowed \(3, 3\)"),
        ({"weights": np.zeros((4, 4))}, r"weights: got shape \(4, 4\), allowed \(3, 3\)"),
        ({"positions": np.zeros((2, 3))}, r"positions: got shape \(2, 3\), allowed \(3, 2\)"),
        ({"initial_rates": np.zeros((3, 1))}, r"initial_rates: got shape \(3, 1\), allowed \(3,\)"),
        ({"weights": np.full((3, 3), np.nan)}, "weights: got a number that is not finite"),
        ({"positions": np.full((3, 2), np.inf)}, "positions: got a number that is not finite"),
        ({"initial_rates": [0, 1, -np.inf]}, "initial_rates: got a number that is not finite"),
        ({"synapses": True}, r"synapses: got shape \(\), allowed \(3, 3\)"),
        ({"synapses": np.ones((2, 2), dtype=bool)}, r"synapses: got shape \(2, 2\), allowed \(3, 3\)"),
        ({"target_weights": np.zeros((3, 3))}, r"target_weights: got shape \(3, 3\), allowed \(4, 4\)"),
    ],
)
def test_wrong_parts_are_refused(change: dict[str, Any], message: str) -> None:
    parts = {"weights": np.zeros((3, 3)), "positions": np.zeros((3, 2)), "initial_rates": np.zeros(3)}
    with pytest.raises(ValueError, match=message):
        Circuit(**{**parts, **change})


def test_a_circuit_of_another_size_is_refused() -> None:
    circuit = Circuit(weights=np.zeros((3, 3)), positions=np.zeros((3, 2)), initial_rates=np.zeros(3))
    with pytest.raises(ValueError, match=r"got 3 neurons, allowed 44 \(network.sizes\)"):
        simulate(circuit, small_experiment())
