"""Which neuron belongs to which population."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from l5tui.config import POPULATIONS
from l5tui.model.layout import Layout
from l5tui.model.moments import block_moments, population_moments

LAYOUTS = st.lists(st.integers(0, 6), min_size=4, max_size=4).map(lambda sizes: Layout(tuple(sizes)))


@given(LAYOUTS)
def test_neurons_come_population_after_population(layout: Layout) -> None:
    assert layout.neurons == sum(layout.sizes)
    for index, name in enumerate(POPULATIONS):
        neurons = np.arange(layout.neurons)[layout.slice_of(index)]
        assert len(neurons) == layout.sizes[index]
        np.testing.assert_array_equal(np.flatnonzero(layout.population == index), neurons)
        np.testing.assert_array_equal(np.flatnonzero(layout.members((name,))), neurons)
        assert (layout.signs[neurons] == (1 if name in ("CS", "CC") else -1)).all()
        assert (layout.expand([1, 2, 3, 4])[neurons] == index + 1).all()


@given(LAYOUTS, st.integers(0, 2**32))
def test_moments_are_those_of_each_slice(layout: Layout, seed: int) -> None:
    random = np.random.default_rng(seed)
    rates = random.random((3, layout.neurons))
    weights = random.standard_normal((layout.neurons, layout.neurons))
    rate_mean, rate_std = population_moments(rates, layout)
    weight_mean, weight_std = block_moments(weights, layout)

    for post in range(4):
        members = rates[:, layout.slice_of(post)]
        expected = (members.mean(axis=1), members.std(axis=1)) if members.size else (np.full(3, np.nan),) * 2
        np.testing.assert_allclose(rate_mean[:, post], expected[0], atol=1e-14)
        np.testing.assert_allclose(rate_std[:, post], expected[1], atol=1e-14)
        for pre in range(4):
            block = weights[layout.slice_of(post), layout.slice_of(pre)]
            mean, std = (block.mean(), block.std()) if block.size else (np.nan, np.nan)
            np.testing.assert_allclose(weight_mean[post, pre], mean, atol=1e-14)
            np.testing.assert_allclose(weight_std[post, pre], std, atol=1e-14)
