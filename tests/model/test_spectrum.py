"""The spectral abscissa and scaling by it."""

from __future__ import annotations

import numpy as np
import pytest

from l5tui.model.spectrum import scale_to_unit_abscissa, spectral_abscissa


def test_abscissa_is_the_largest_real_part() -> None:
    """Eigenvalues 0.5 ± 3i and −4: the largest magnitude is not the largest real part."""
    weights = np.array([[0.5, 3.0, 0.0], [-3.0, 0.5, 0.0], [0.0, 0.0, -4.0]])

    assert spectral_abscissa(weights) == pytest.approx(0.5)


def test_scaled_weights_have_abscissa_one() -> None:
    weights = np.random.default_rng(0).standard_normal((30, 30))
    scaled, divisor = scale_to_unit_abscissa(weights)

    assert spectral_abscissa(scaled) == pytest.approx(1)
    np.testing.assert_array_equal(scaled * divisor, weights / divisor * divisor)
    assert divisor == pytest.approx(spectral_abscissa(weights))


@pytest.mark.parametrize("weights", [np.zeros((4, 4)), np.triu(np.ones((20, 20)), 1)], ids=["empty", "chain"])
def test_a_network_without_loops_stays_as_it_is(weights: np.ndarray) -> None:
    scaled, divisor = scale_to_unit_abscissa(weights)

    assert divisor == 1
    np.testing.assert_array_equal(scaled, weights)
    assert scaled is not weights
