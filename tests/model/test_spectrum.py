"""The spectral abscissa and scaling by it."""

from __future__ import annotations

import numpy as np
import pytest

from l5tui.config import Experiment
from l5tui.model.cancellation import StoppedError
from l5tui.model.circuit import Circuit
from l5tui.model.spectrum import rightmost_real_part, scale_to_unit_abscissa, spectral_abscissa


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


@pytest.mark.parametrize("sparse", [True, False])
def test_arnoldi_iteration_agrees_with_all_eigenvalues(sparse: bool) -> None:
    random = np.random.default_rng(5)
    for size in (45, 120, 400):
        weights = random.standard_normal((size, size))
        if sparse:
            weights *= random.random((size, size)) < 0.2
        every = np.linalg.eigvals(weights).real.max()

        assert rightmost_real_part(weights) == pytest.approx(every, rel=1e-11)


def test_weights_that_are_not_finite_have_no_abscissa() -> None:
    assert np.isnan(rightmost_real_part(np.full((50, 50), np.inf)))


def test_weights_near_the_largest_number_have_an_abscissa() -> None:
    """Products of such weights overflow, which is no reason for a warning or an infinite result."""
    weights = np.random.default_rng(3).standard_normal((50, 50))
    assert rightmost_real_part(1e300 * weights) / 1e300 == pytest.approx(
        rightmost_real_part(weights), rel=1e-12
    )


def large_circuit(neurons: int = 1500) -> np.ndarray:
    """Weights of the default network with more neurons, before they are scaled."""
    sizes = [neurons * share // 400 for share in (45, 275, 46)]
    circuit = Circuit.sample(
        Experiment.model_validate({"network": {"sizes": [*sizes, neurons - sum(sizes)]}})
    )
    return np.asarray(circuit.weights * circuit.divisor)


@pytest.mark.parametrize("neurons", [501, pytest.param(1500, marks=pytest.mark.slow)])
def test_the_abscissa_of_a_large_network_is_that_of_all_eigenvalues(neurons: int) -> None:
    """In the circuit of 501 neurons the iteration with 20 vectors ends at another eigenvalue, 8 % too small."""
    weights = large_circuit(neurons)
    assert spectral_abscissa(weights) == pytest.approx(np.linalg.eigvals(weights).real.max(), rel=1e-12)
    assert spectral_abscissa(weights) == spectral_abscissa(weights.copy())


def test_the_abscissa_of_a_large_network_can_be_cancelled() -> None:
    weights, answers = large_circuit(800), iter([False] * 3 + [True])
    with pytest.raises(StoppedError):
        spectral_abscissa(weights, lambda: next(answers))
