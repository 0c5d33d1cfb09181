"""The spread of block weights is right to many digits where all weights of a block are nearly equal."""

from __future__ import annotations

import numpy as np
import pytest

from l5tui.config import Experiment
from l5tui.config.toml_text import parse_toml
from l5tui.config.validation import validate
from l5tui.model.circuit import Circuit
from l5tui.model.compiled.engine import CompiledEngine
from l5tui.model.layout import Layout
from l5tui.model.moments import block_moments, loses_digits, moments_of_sums

EQUAL = """
[network]
sizes = [6, 9, 5, 4]
connection_probability = [[0.5, 1, 1, 1], [1, 0.5, 1, 1], [1, 1, 0.5, 1], [1, 1, 1, 0.5]]
target_weights = [[300, 300, 300, 300], [300, 300, 300, 300], [-300, -300, -300, -300], [-1, -1, -1, -1]]
initial_weight_cv = 0
weight_noise = 1e-6

[dynamics]
duration_tau = 3

[plasticity]
onset_step = 5
tau_learn = 1e9
"""


def experiment(rule: str, synapses: str) -> Experiment:
    return validate(parse_toml(f'{EQUAL}rule = "{rule}"\nsynapses = "{synapses}"\n'))


def long_moments(weights: np.ndarray, layout: Layout) -> np.ndarray:
    """Standard deviation of each block in two passes of extended precision."""
    found = np.empty((4, 4))
    for post in range(4):
        for pre in range(4):
            block = weights[layout.slice_of(post), layout.slice_of(pre)].astype(np.longdouble)
            found[post, pre] = np.sqrt(((block - block.mean()) ** 2).mean())
    return found


@pytest.mark.parametrize("synapses", ["all_pairs", "existing"])
@pytest.mark.parametrize("rule", ["none", "bcm", "sliding_bcm", "oja", "covariance"])
def test_the_spread_of_nearly_equal_weights_is_that_of_two_passes(rule: str, synapses: str) -> None:
    chosen = experiment(rule, synapses)
    layout = Layout(chosen.network.sizes.in_order())
    engine = CompiledEngine(Circuit.sample(chosen, 0), chosen, chosen.stimulus.directions)
    # Self-connections do not exist; blocks between two populations are full and nearly equal.
    between = ~np.eye(4, dtype=bool)
    for steps in (0, 3, 100):
        engine.advance(steps)
        weights = engine.weights(1)
        expected = long_moments(weights, layout)
        mean, std = engine.block_moments(1)
        assert (expected / np.abs(mean))[between].min() < 1e-7
        np.testing.assert_allclose(std, expected, rtol=1e-6)


def test_sums_of_squares_alone_lose_the_spread() -> None:
    layout = Layout((6, 9, 5, 4))
    weights = 300 + 1e-7 * np.random.default_rng(1).standard_normal((24, 24))
    sums = np.stack([layout.block_sums(weights), layout.block_sums(weights**2)])
    assert loses_digits(sums, sums, layout)
    right = block_moments(weights, layout)[1]
    np.testing.assert_allclose(right, long_moments(weights, layout), rtol=1e-6)
    assert np.abs(moments_of_sums(sums, layout)[1] / right - 1).max() > 0.1


def test_ordinary_blocks_are_not_summed_twice() -> None:
    circuit = Circuit.sample(Experiment(), 0)
    layout = Layout(Experiment().network.sizes.in_order())
    sums = np.stack([layout.block_sums(circuit.weights), layout.block_sums(circuit.weights**2)])
    assert not loses_digits(sums, sums, layout)
