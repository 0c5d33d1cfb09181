"""Means and spreads over realizations, some of which ended early."""

from __future__ import annotations

import numpy as np

from l5tui.analysis.courses import mean_and_spread


def test_what_is_not_finite_is_left_out() -> None:
    values = np.array([[1.0, 2.0, np.nan, np.inf], [3.0, np.inf, np.nan, 5.0], [8.0, 4.0, np.nan, -np.inf]])
    mean, spread = mean_and_spread(values)
    np.testing.assert_array_equal(mean, [4.0, 3.0, np.nan, 5.0])
    np.testing.assert_allclose(spread, np.array([np.std([1, 3, 8], ddof=1), 2**0.5, np.nan, np.nan]))


def test_weights_that_run_away_have_no_finite_spread_and_raise_no_warning() -> None:
    mean, spread = mean_and_spread(np.array([[1e300], [-1e300]]))
    np.testing.assert_array_equal(mean, [0.0])
    np.testing.assert_array_equal(spread, [np.inf])
