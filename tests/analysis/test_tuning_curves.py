"""Curves aligned to the preferred direction, worked out by hand and by turning the stimulus."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from l5tui.analysis.selectivity import ACTIVE_RATE
from l5tui.analysis.tuning_curves import (
    UNDEFINED,
    aligned_tuning,
    preference_fractions,
    preferred_directions,
)
from l5tui.model.layout import Layout

DIRECTIONS = (0.0, 90.0, 180.0, 270.0)
LAYOUT = Layout((2, 1, 0, 1))
RATES = np.array(
    [[[1.0, 2.0, 0.0, np.nan], [5.0, 3.0, 0.0, 1.0], [2.0, 9.0, 0.0, 1.0], [4.0, 6.0, 0.0, 1.0]]]
)
"""One realization: neurons that prefer 90° and 180°, one that is silent, one that is not known."""


def test_preferred_directions_are_those_of_the_largest_rate() -> None:
    np.testing.assert_array_equal(preferred_directions(RATES), [[1, 2, UNDEFINED, UNDEFINED]])


def test_a_neuron_counts_from_the_threshold_of_activity_on() -> None:
    below = np.nextafter(ACTIVE_RATE, 0)
    rates = np.array([[ACTIVE_RATE, below], [0.0, 0.0]])
    assert preferred_directions(rates).tolist() == [0, UNDEFINED]


def test_curves_begin_with_the_opposite_direction() -> None:
    angles, means = aligned_tuning(RATES, DIRECTIONS, LAYOUT)
    np.testing.assert_array_equal(angles, [-180, -90, 0, 90])
    np.testing.assert_array_equal(means[0, :, 0], [(4 + 2) / 2, (1 + 3) / 2, (5 + 9) / 2, (2 + 6) / 2])
    assert np.isnan(means[0, :, 1:]).all()


def test_uneven_directions_keep_every_angle() -> None:
    angles, means = aligned_tuning(np.array([[[1.0], [2.0], [8.0]]]), (0.0, 50.0, 90.0), Layout((1, 0, 0, 0)))
    known = {angle: value for angle, value in zip(angles, means[0, :, 0], strict=True) if np.isfinite(value)}
    assert known == {-90.0: 1.0, -40.0: 2.0, 0.0: 8.0}


@given(st.integers(0, 7), st.integers(0, 2**32 - 1))
def test_turning_the_stimulus_turns_no_aligned_curve(turns: int, seed: int) -> None:
    directions = np.arange(0, 360, 45)
    rates = np.random.default_rng(seed).uniform(0, 3, (2, 8, 5))
    layout = Layout((2, 1, 1, 1))
    angles, means = aligned_tuning(rates, list(directions), layout)
    turned = aligned_tuning(np.roll(rates, turns, axis=1), list(directions), layout)
    np.testing.assert_allclose(turned[1], means)
    np.testing.assert_array_equal(turned[0], angles)
    assert angles[means[0, :, 1].argmax()] == 0


def test_fractions_that_prefer_each_direction() -> None:
    fractions = preference_fractions(RATES, LAYOUT)
    np.testing.assert_array_equal(fractions[0, :, 0], [0, 0.5, 0.5, 0])
    assert np.isnan(fractions[0, :, 1:]).all()


def test_fractions_add_up_to_one() -> None:
    rates = np.random.default_rng(0).uniform(0, 1, (3, 4, 40))
    fractions = preference_fractions(rates, Layout((10, 10, 10, 10)))
    assert fractions.sum(axis=1) == pytest.approx(np.ones((3, 4)))
