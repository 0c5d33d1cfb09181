"""The weight table, against direct means over blocks."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from l5tui.analysis.block_weights import QUANTITIES, weight_table
from l5tui.analysis.statistics import STATISTICS
from l5tui.model.arrays import FloatArray
from l5tui.model.layout import Layout
from l5tui.model.outcome import Diverged
from tests.analysis.made_recordings import made_recording

LAYOUT = Layout((2, 3, 1, 2))
SLICES = (slice(0, 2), slice(2, 5), slice(5, 6), slice(6, 8))


@pytest.fixture
def initial() -> FloatArray:
    return np.random.default_rng(0).standard_normal((3, 8, 8))


@pytest.fixture
def final() -> FloatArray:
    return np.random.default_rng(1).standard_normal((3, 4, 8, 8))


@pytest.fixture
def targets() -> FloatArray:
    return np.random.default_rng(2).standard_normal((3, 4, 4))


def cell(table: FloatArray, quantity: str, statistic: str) -> FloatArray:
    return np.asarray(table[QUANTITIES.index(quantity), STATISTICS.index(statistic)])


def test_every_cell(initial: FloatArray, final: FloatArray, targets: FloatArray) -> None:
    """Mean over realizations of block means; their std; and the mean of the stds over pairs."""
    rows = zip(initial, final, targets, strict=True)
    table = weight_table([made_recording({}, last, first, target) for first, last, target in rows], LAYOUT)

    assert table.shape == (4, 3, 4, 4)
    for post in range(4):
        for pre in range(4):
            block = (..., SLICES[post], SLICES[pre])
            quantities = {"initial": initial[:, None][block], "final": final[block]}
            quantities["change"] = quantities["final"] - quantities["initial"]
            for name, blocks in quantities.items():
                means, pairs = blocks.mean(axis=(1, 2, 3)), blocks.shape[2] * blocks.shape[3]
                stds = blocks.std(axis=(2, 3), ddof=1).mean(axis=1) if pairs > 1 else np.full(3, np.nan)
                expected = [means.mean(), means.std(ddof=1), stds.mean()]
                np.testing.assert_allclose(table[QUANTITIES.index(name), :, post, pre], expected, atol=1e-14)
    np.testing.assert_allclose(cell(table, "target", "mean"), targets.mean(axis=0))
    np.testing.assert_allclose(cell(table, "target", "std_of_means"), targets.std(axis=0, ddof=1))
    assert np.isnan(cell(table, "target", "mean_of_stds")).all()


def test_slip_7_means_are_not_stds() -> None:
    """The research code has both in one array; blocks of one number each distinguish them."""
    by_row = np.broadcast_to(np.repeat(np.arange(4.0), LAYOUT.sizes)[:, None], (4, 8, 8))
    table = weight_table([made_recording({}, by_row)], LAYOUT)

    np.testing.assert_array_equal(cell(table, "final", "mean"), np.tile(np.arange(4.0)[:, None], 4))
    spreads = np.zeros((4, 4))
    spreads[2, 2] = np.nan  # a block of one pair
    np.testing.assert_array_equal(cell(table, "final", "mean_of_stds"), spreads)


def test_diverged_realizations_count_for_their_start_only(
    initial: FloatArray, final: FloatArray, targets: FloatArray
) -> None:
    made = [made_recording({}, final[index], initial[index], targets[index]) for index in range(3)]
    diverged = dataclasses.replace(made[1], outcome=Diverged(70, "CC", 3, 0.0, "rate"))
    table = weight_table([made[0], diverged, made[2]], LAYOUT)
    all_three, without = weight_table(made, LAYOUT), weight_table([made[0], made[2]], LAYOUT)

    for name, expected in (
        ("initial", all_three),
        ("target", all_three),
        ("final", without),
        ("change", without),
    ):
        index = QUANTITIES.index(name)
        np.testing.assert_array_equal(table[index], expected[index])


def test_blocks_of_empty_populations_are_not_defined() -> None:
    table = weight_table([made_recording({}, np.ones((4, 6, 6)))], Layout((2, 3, 1, 0)))

    assert np.isnan(table[:, :, 3]).all()
    assert np.isnan(table[:, :, :, 3]).all()
    np.testing.assert_array_equal(cell(table, "final", "mean")[:3, :3], np.ones((3, 3)))
    np.testing.assert_array_equal(cell(table, "target", "mean")[:3, :3], np.zeros((3, 3)))
