"""Means and standard deviations that leave out what is not defined."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from l5tui.analysis.statistics import (
    by_population,
    ddof_of,
    defined_mean,
    defined_std,
    over_realizations,
    sample_std,
)
from l5tui.model.layout import Layout

NUMBERS = st.one_of(st.just(np.nan), st.floats(-100, 100))


@given(arrays(float, (5, 4), elements=NUMBERS))
def test_as_of_the_defined_values_alone(values: np.ndarray) -> None:
    mean, std = defined_mean(values, 0), defined_std(values, 0)
    for column in range(4):
        defined = values[~np.isnan(values[:, column]), column]
        expected = (
            defined.mean() if defined.size else np.nan,
            defined.std(ddof=1) if defined.size > 1 else np.nan,
        )
        np.testing.assert_allclose([mean[column], std[column]], expected, atol=1e-12)


def test_over_several_axes() -> None:
    values = np.array([[[1.0, np.nan], [3.0, np.nan]], [[np.nan, 2.0], [np.nan, 4.0]]])

    np.testing.assert_array_equal(defined_mean(values, (1, 2)), [2, 3])
    np.testing.assert_allclose(defined_std(values, (-2, -1)), [2**0.5, 2**0.5])
    np.testing.assert_array_equal(defined_std(values, (-2, -1), ddof=0), [1, 1])


def test_three_statistics_over_realizations() -> None:
    """Two realizations with means 1 and 3 and stds 0.5 and 0.7; a third is not defined."""
    statistics = over_realizations(np.array([1.0, 3.0, np.nan]), np.array([0.5, 0.7, np.nan]))

    np.testing.assert_allclose(statistics, [2.0, 2**0.5, 0.6])


def test_one_realization_has_no_spread_between_realizations() -> None:
    one = np.array([np.nan, 3.0]), np.array([np.nan, 0.7])

    np.testing.assert_array_equal(over_realizations(*one), [3.0, np.nan, 0.7])
    np.testing.assert_array_equal(over_realizations(*one, ddof=0), [3.0, 0.0, 0.7])


def test_sample_std_divides_by_one_less() -> None:
    values = np.random.default_rng(2).normal(size=(7, 3))
    counts = np.array([7.0, 1.0, np.nan])
    found = sample_std(values.std(axis=0), counts, 1)

    np.testing.assert_allclose(found, [values[:, 0].std(ddof=1), np.nan, np.nan])
    np.testing.assert_array_equal(sample_std(values.std(axis=0), counts, 0)[:2], values.std(axis=0)[:2])


def test_the_original_variant_divides_by_n() -> None:
    assert (ddof_of("original"), ddof_of("corrected")) == (0, 1)


def test_by_population() -> None:
    values = np.array([[1.0, 3.0, 5.0, np.nan, np.nan, 2.0]])
    means, stds = by_population(values, Layout((2, 2, 1, 1)))
    empty, _ = by_population(values, Layout((2, 4, 0, 0)))

    np.testing.assert_array_equal(means, [[2, 5, np.nan, 2]])
    np.testing.assert_allclose(stds, [[2**0.5, np.nan, np.nan, np.nan]])
    np.testing.assert_array_equal(np.isnan(empty), [[False, False, True, True]])
