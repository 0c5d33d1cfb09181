"""Densities against SciPy's, and silence counted by hand."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import gaussian_kde

from l5tui.analysis.rate_density import NARROWEST, log_rate_density, log_rate_range, silent_fraction
from l5tui.model.layout import Layout


def test_the_density_is_scipy_s() -> None:
    rates = 10 ** np.random.default_rng(1).normal(-0.5, 0.4, 300)
    at = np.linspace(-2, 1, 50)
    expected = gaussian_kde(np.log10(rates))(at)
    np.testing.assert_allclose(log_rate_density(rates, at), expected, rtol=0, atol=2e-3)


@pytest.mark.parametrize("spike", [1, 300])
def test_the_integral_is_one_whatever_is_silent_or_equal(spike: int) -> None:
    rates = np.concatenate([np.full(spike, 0.01), [0.0, 1e-5, np.nan]])
    at = np.linspace(-4, 0, 2001)
    density = log_rate_density(rates, at)
    assert np.trapezoid(density, at) == pytest.approx(1, abs=1e-6)
    assert density.max() == pytest.approx(1 / (NARROWEST * np.sqrt(2 * np.pi)), rel=0.01)
    assert at[density.argmax()] == pytest.approx(-2, abs=0.002)


def test_nothing_active_has_no_density_and_no_range() -> None:
    silent = np.array([0.0, 5e-5, np.nan])
    assert np.isnan(log_rate_density(silent, np.zeros(3))).all()
    assert log_rate_range(silent) is None
    assert log_rate_range(np.array([0.01, 0.0, 10.0])) == pytest.approx((-2.5, 1.5))


def test_silent_fractions_by_population() -> None:
    rates = np.array([[0.0, 1.0, 1e-4, 0.0], [np.nan, 0.0, 0.0, np.nan]])
    fractions = silent_fraction(rates, Layout((2, 1, 0, 1)))
    np.testing.assert_array_equal(fractions, [[0.5, 0.0, np.nan, 1.0], [1.0, 1.0, np.nan, np.nan]])
