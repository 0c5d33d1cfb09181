"""Intervals, effect sizes and tests over circuits."""

from __future__ import annotations

import math

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from l5tui.analysis.intervals import effect_size, estimate_mean, holm, t_interval, t_test

SAMPLES = 20_000


@pytest.mark.parametrize("circuits", [3, 5, 10, 40])
def test_the_t_interval_covers_the_truth_in_95_percent(circuits: int) -> None:
    """Within three standard errors of a binomial share."""
    samples = np.random.default_rng(circuits).normal(0.3, 2.0, (SAMPLES, circuits))
    low, high = t_interval(samples)
    covered = np.mean((low <= 0.3) & (high >= 0.3))
    assert abs(covered - 0.95) < 3 * math.sqrt(0.95 * 0.05 / SAMPLES)


def test_values_are_scipy_s() -> None:
    values = np.random.default_rng(1).normal(size=(7, 3))
    expected = scipy.stats.t.interval(0.95, 6, values.mean(axis=0), scipy.stats.sem(values))
    np.testing.assert_allclose(t_interval(values, axis=0), expected, rtol=1e-12)
    of_one = values[:, 0]
    assert t_test(of_one) == pytest.approx(scipy.stats.ttest_1samp(of_one, 0).pvalue, rel=1e-12)
    assert effect_size(of_one) == pytest.approx(of_one.mean() / of_one.std(ddof=1))


def test_what_is_not_defined_is_left_out() -> None:
    values = np.array([1.0, math.nan, 2.0, 4.0])
    kept = np.array([1.0, 2.0, 4.0])
    assert estimate_mean(values) == estimate_mean(kept)
    assert estimate_mean(values).n == 3
    assert (t_test(values), effect_size(values)) == (t_test(kept), effect_size(kept))
    table = np.stack([values, np.full(4, math.nan)])
    low, high = t_interval(table)
    assert (low[0], high[0]) == tuple(map(float, t_interval(kept)))
    assert np.isnan([low[1], high[1]]).all()


@pytest.mark.parametrize("few", [[], [1.0], [1.0, 3.0], [1.0, math.nan, 3.0]])
def test_no_interval_and_no_test_for_fewer_than_three(few: list[float]) -> None:
    values = np.array(few, dtype=float)
    estimate = estimate_mean(values)
    assert np.isnan([estimate.low, estimate.high, t_test(values), effect_size(values)]).all()
    assert estimate.n == np.isfinite(values).sum()
    assert math.isnan(estimate.mean) == (estimate.n == 0)


@given(st.floats(-1e6, 1e6), st.integers(3, 9))
def test_a_constant_has_no_width_and_no_effect_size(difference: float, circuits: int) -> None:
    values = np.full(circuits, difference)
    estimate = estimate_mean(values)
    assert [estimate.mean, estimate.low, estimate.high] == pytest.approx([difference] * 3, rel=1e-12)
    assert estimate.n == circuits
    assert np.isnan([t_test(values), effect_size(values)]).all()


@given(st.lists(st.floats(0, 1), max_size=12))
def test_holm_rejects_what_the_step_down_method_rejects(p_values: list[float]) -> None:
    adjusted = holm(p_values)
    for level in (0.01, 0.05, 0.2):
        order = np.argsort(p_values, kind="stable")
        rejected = set()
        for rank, place in enumerate(order):
            if (len(p_values) - rank) * p_values[place] > level:
                break
            rejected.add(int(place))
        assert {place for place, p in enumerate(adjusted) if p <= level} == rejected


def test_holm_counts_only_tests() -> None:
    assert holm([0.02, math.nan, 0.01])[::2] == [0.02, 0.02]
    assert math.isnan(holm([0.02, math.nan])[1])
