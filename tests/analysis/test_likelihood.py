"""The likelihood of targets, worked out by hand and held against repeated draws."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy.stats import norm

from l5tui.analysis.likelihood import FAR, LEAST_NOISE, log_likelihood
from l5tui.config.validation import validate


def targets(**wanted: Any) -> Any:
    """Targets of the rate of CC."""
    return validate({"targets": {"after/rate.CC": {"source": "a", **wanted}}}).targets


def test_the_likelihood_is_gaussian_and_not_biased_by_the_scatter() -> None:
    wanted = targets(value=1.0, uncertainty=0.5)
    circuits = [{"after/rate.CC": value} for value in (1.5, 2.5)]
    found = log_likelihood(circuits, wanted)
    # The mean is 2 standard deviations off; its square is too large by the variance of the mean, 1.
    assert found.value == pytest.approx(-math.log(0.5 * math.sqrt(2 * math.pi)) - 0.5 * (4 - 1))
    assert found.defined

    random = np.random.default_rng(1)
    values = [
        log_likelihood([{"after/rate.CC": 1.6 + each} for each in row], wanted)
        for row in 0.4 * random.standard_normal((4000, 4))
    ]
    exact = -math.log(0.5 * math.sqrt(2 * math.pi)) - 0.5 * 1.2**2
    spread = np.std([each.value for each in values])
    assert np.mean([each.value for each in values]) == pytest.approx(exact, abs=0.03)
    assert np.sqrt(np.mean([each.noise**2 for each in values])) == pytest.approx(spread, rel=0.1)


@pytest.mark.parametrize("scatter", [1.0, 3.0])
@pytest.mark.parametrize("distance", [0.0, 1.0, 2.0, 3.0])
def test_the_kernel_of_three_circuits_is_the_synthetic_likelihood_on_average(
    distance: float, scatter: float
) -> None:
    wanted = targets(value=1.0, uncertainty=0.5)
    # Three normal draws: a mean, here one from each of 300 equally likely parts, and deviations independent of it.
    means = norm.ppf((np.arange(300) + 0.5) / 300) / math.sqrt(3)
    drawn = np.random.default_rng(3).standard_normal((300, 3))
    drawn += (means - drawn.mean(axis=1))[:, None]
    rates = 1.0 + 0.5 * distance + 0.5 * scatter * drawn
    kernels = [log_likelihood([{"after/rate.CC": each} for each in row], wanted).kernel for row in rates]
    variance = 0.5**2 * (1 + scatter**2 / 3)
    exact = -0.5 * math.log(2 * math.pi * variance) - 0.5 * (0.5 * distance) ** 2 / variance
    assert math.log(np.mean(np.exp(kernels))) == pytest.approx(exact, abs=0.02)


def test_circuits_that_scatter_wildly_never_look_good() -> None:
    wanted = targets(value=3.0, uncertainty=0.5)
    random = np.random.default_rng(8)
    best = log_likelihood([{"after/rate.CC": 3.0}] * 2, wanted).value
    for width in (10.0, 100.0, 1e4):
        drawn = random.normal(3.0, width, (400, 3))
        values = [log_likelihood([{"after/rate.CC": each} for each in row], wanted).value for row in drawn]
        assert max(values) < best + 2.0
        assert np.mean(values) < best - 1.0
        kernels = [log_likelihood([{"after/rate.CC": each} for each in row], wanted).kernel for row in drawn]
        assert max(kernels) <= best


@pytest.mark.parametrize("width", [0.5, 2.0, 8.0])
def test_the_noise_of_a_likelihood_is_the_spread_of_its_estimates(width: float) -> None:
    wanted = targets(value=3.0, uncertainty=0.5)
    drawn = np.random.default_rng(9).normal(3.2, width, (3000, 12))
    found = [log_likelihood([{"after/rate.CC": each} for each in row], wanted) for row in drawn]
    spread = np.std([each.value for each in found])
    # Rather too large than too small, most of all where the target has been widened.
    assert 0.8 * spread < np.sqrt(np.mean([each.noise**2 for each in found])) < 1.5 * spread


def test_signs_cost_nothing_on_the_right_side() -> None:
    wanted = targets(sign="positive", uncertainty=0.5)
    assert log_likelihood([{"after/rate.CC": 3.0}, {"after/rate.CC": 4.0}], wanted).value == 0
    assert log_likelihood([{"after/rate.CC": -1.0}, {"after/rate.CC": -1.0}], wanted).value == -2.0


def test_what_is_lost_is_finite_and_less_likely_than_anything_else() -> None:
    wanted = targets(value=0.0, uncertainty=1.0)
    lost = log_likelihood([{"after/rate.CC": math.inf}, {"after/rate.CC": 1.0}], wanted)
    far = log_likelihood([{"after/rate.CC": 500.0}, {"after/rate.CC": 501.0}], wanted)
    assert not lost.defined
    assert math.isfinite(lost.value)
    assert (
        lost.value
        < far.value
        < log_likelihood([{"after/rate.CC": 5.0}, {"after/rate.CC": 5.1}], wanted).value
    )


def test_what_scatters_too_much_widens_its_target_and_weights_multiply() -> None:
    wanted = targets(value=0.0, uncertainty=1.0, weight=2.0)
    found = log_likelihood([{"after/rate.CC": 5.0}, {"after/rate.CC": -1.0}], wanted)
    # The mean is 2, its variance 9, which is 5 above what is modest: the target is 6 times as wide, in squares.
    assert found.value == pytest.approx(-2 * 0.5 * (math.log(2 * math.pi) + (4 - 9) / 6 + math.log(6)))
    # The variance of the square of the mean, and of its correction.
    assert found.noise == pytest.approx(math.sqrt(0.5 * (2 * 9 / 6) ** 2 + 0.5 * (2 * 5 / 36 * 9) ** 2))


def test_signs_are_judged_by_the_mean_alone_and_only_on_the_wrong_side() -> None:
    for sign, factor in (("positive", 1.0), ("negative", -1.0)):
        wanted = targets(sign=sign, uncertainty=0.5)
        right = [{"after/rate.CC": factor * each} for each in (0.1, 0.3)]
        assert log_likelihood(right, wanted).value == 0
        wrong = [{"after/rate.CC": -factor * each} for each in (0.1, 0.3)]
        assert log_likelihood(wrong, wanted).value == pytest.approx(-0.5 * 0.4**2)


def test_far_away_the_likelihood_falls_slowly() -> None:
    wanted = targets(value=0.0, uncertainty=1.0)
    found = log_likelihood([{"after/rate.CC": 12.0}] * 2, wanted)
    ceiling = -0.5 * math.log(2 * math.pi)
    assert found.value == pytest.approx(ceiling - FAR * (1 + math.log(72 / FAR)))
    assert found.noise == LEAST_NOISE
    assert found.defined


def test_one_circuit_says_nothing_of_the_scatter() -> None:
    wanted = targets(value=2.0, uncertainty=1.0)
    assert not log_likelihood([{"after/rate.CC": 2.0}], wanted).defined
    assert log_likelihood([], wanted) == log_likelihood([{"after/rate.CC": 2.0}], wanted)
