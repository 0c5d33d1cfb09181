"""Who is connected to whom, and how strongly."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from l5tui.config import Experiment
from l5tui.config.checks import in_degree
from l5tui.model.arrays import FloatArray
from l5tui.model.circuit import Circuit
from l5tui.model.connectivity import (
    connected_shares,
    sample_block_means,
    sample_synapses,
    sample_weights,
)
from l5tui.model.layout import Layout

TARGET = np.array(Experiment().network.target_weights).T
EVERYTHING = np.ones((4, 4), dtype=bool)


@st.composite
def networks(draw: st.DrawFn) -> tuple[Layout, FloatArray]:
    """A layout and connection probabilities [post, pre] that it can have."""
    sizes = draw(st.lists(st.integers(0, 12), min_size=4, max_size=4))
    probability = np.array(draw(st.lists(st.floats(0, 1), min_size=16, max_size=16))).reshape(4, 4)
    for population, size in enumerate(sizes):
        most = max(size - 1, 0) / size if size else 0.0
        probability[population, population] *= most
    return Layout(tuple(sizes)), probability


@settings(max_examples=200)
@given(networks(), st.integers(0, 2**32))
def test_every_row_of_a_block_has_its_exact_in_degree(network: tuple[Layout, FloatArray], seed: int) -> None:
    layout, probability = network
    synapses = sample_synapses(probability, layout, np.random.default_rng(seed))

    assert not synapses.diagonal().any()
    for post in range(4):
        for pre in range(4):
            block = synapses[layout.slice_of(post), layout.slice_of(pre)]
            assert (block.sum(axis=1) == in_degree(probability[post, pre], layout.sizes[pre])).all()


def test_probabilities_of_one_and_zero() -> None:
    layout = Layout((3, 4, 2, 1))
    probability = np.ones((4, 4)) - np.eye(4)
    synapses = sample_synapses(probability, layout, np.random.default_rng(0))
    other_population = layout.population[:, None] != layout.population

    np.testing.assert_array_equal(synapses, other_population)
    assert not sample_synapses(np.zeros((4, 4)), layout, np.random.default_rng(0)).any()


def test_every_pair_but_the_own_is_drawn_equally_often() -> None:
    layout = Layout((6, 0, 0, 0))
    random = np.random.default_rng(1)
    often = np.mean([sample_synapses(np.full((4, 4), 1 / 3), layout, random) for _ in range(3000)], axis=0)

    np.testing.assert_allclose(often, 0.4 * (1 - np.eye(6)), atol=0.035)


def test_block_means_are_spread_around_their_target() -> None:
    random = np.random.default_rng(2)
    draws = np.array([sample_block_means(TARGET, 0.25, EVERYTHING, random) for _ in range(4000)])

    np.testing.assert_allclose(draws.mean(axis=0), TARGET, atol=0.02 * np.abs(TARGET).max())
    np.testing.assert_allclose(draws.std(axis=0), 0.25 * np.abs(TARGET), atol=0.012)
    assert (np.sign(draws) == np.sign(TARGET)).all()


def test_a_wide_spread_is_folded_to_the_targets_sign() -> None:
    """With a standard deviation of twice the mean, a third of the draws would have the wrong sign."""
    random = np.random.default_rng(3)
    draws = np.array([sample_block_means(TARGET, 2.0, EVERYTHING, random) for _ in range(500)])

    assert (np.sign(draws) == np.sign(TARGET)).all()


def test_blocks_that_do_not_learn_start_at_their_target() -> None:
    trained = np.zeros((4, 4), dtype=bool)
    trained[:2, :2] = True
    means = sample_block_means(TARGET, 0.25, trained, np.random.default_rng(4))

    np.testing.assert_array_equal(means[~trained], TARGET[~trained])
    assert (means[trained] != TARGET[trained]).sum() == 3  # CS to CC is 0 and stays


@pytest.mark.parametrize(
    ("neurons", "spread"), [("all", {0, 1, 2, 3}), ("excitatory", {0, 1}), ("inhibitory", {2, 3})]
)
def test_only_blocks_between_trained_populations_are_spread(neurons: str, spread: set[int]) -> None:
    """Weights without synaptic noise, back in mV, are at the target where their block does not learn."""
    experiment = Experiment.model_validate(
        {"network": {"weight_noise": 0.0, "sizes": [10, 40, 10, 10]}, "plasticity": {"neurons": neurons}}
    )
    circuit, layout = Circuit.sample(experiment), Layout((10, 40, 10, 10))
    probability = np.array(experiment.network.connection_probability).T
    scale = circuit.target_weights[2, 0] / (TARGET * connected_shares(probability, layout))[2, 0]
    for post in range(4):
        for pre in range(4):
            block = circuit.weights[layout.slice_of(post), layout.slice_of(pre)]
            at_target = np.allclose(block[block != 0], TARGET[post, pre] * scale)
            assert at_target != ({post, pre} <= spread and bool(TARGET[post, pre]))


def test_weights_are_spread_around_their_blocks_mean() -> None:
    layout = Layout((40, 40, 40, 40))
    synapses = np.ones((160, 160), dtype=bool)
    weights = sample_weights(TARGET, 0.03, synapses, layout, np.random.default_rng(5))
    cs_to_pv = weights[layout.slice_of(2), layout.slice_of(0)]

    assert cs_to_pv.mean() == pytest.approx(1.01, abs=0.003)
    assert cs_to_pv.std() == pytest.approx(0.03, abs=0.003)


@given(st.floats(0, 10), st.integers(0, 2**32))
def test_weights_have_the_sign_of_their_presynaptic_population(noise: float, seed: int) -> None:
    layout = Layout((3, 5, 2, 4))
    random = np.random.default_rng(seed)
    synapses = random.random((14, 14)) < 0.5
    weights = sample_weights(TARGET, noise, synapses, layout, random)

    assert (weights[:, :8] >= 0).all()
    assert (weights[:, 8:] <= 0).all()
    assert (weights[~synapses] == 0).all()


@pytest.mark.parametrize("variant", ["original", "corrected"])
def test_synapses_of_target_weight_zero_have_the_weight_zero(variant: str) -> None:
    """Folded noise would give them 0.024 mV, 11 % of the block CS to CC with its default weight."""
    table = [[0.27, 0, 1.01, 0.05], [0, 0.24, 0, 0.09], [-0.32, 0, -0.47, 0], [-0.19, -0.11, -0.18, -0.19]]
    experiment = Experiment.model_validate(
        {
            "variant": variant,
            "network": {
                "sizes": [9, 22, 7, 6],
                "target_weights": table,
                "connection_probability": [[0.3] * 4] * 4,
            },
        }
    )
    circuit = Circuit.sample(experiment)
    layout = Layout(experiment.network.sizes.in_order())
    strength = layout.block_sums(np.abs(circuit.weights)).T
    assert ((strength == 0) == (np.array(table) == 0)).all()
    assert (layout.block_sums(circuit.synapses.astype(float)) > 0).all()
