"""What the equations of each rule promise, derived by hand."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import simpson

from l5tui.config import Experiment
from l5tui.config.rules import BUILT_IN, rule_class
from l5tui.model.arrays import FloatArray
from l5tui.model.circuit import Circuit
from l5tui.model.plasticity import Activity, Rule
from l5tui.model.plasticity.bcm import Bcm, bcm_factor
from l5tui.model.plasticity.covariance import Covariance
from l5tui.model.plasticity.oja import Oja
from l5tui.model.plasticity.sliding_bcm import SlidingBcm, simpson_weights
from l5tui.model.simulation import simulate
from tests.experiments import small_experiment

RATES = np.array([[0.01, 0.5, 3.0, 499.0]])
RATE = st.floats(1e-3, 500)


def long_run(**plasticity: Any) -> Experiment:
    """2,000 steps, so that a window of 460 rates is full."""
    return small_experiment(dynamics={"duration_tau": 200.0}, plasticity={"tau_threshold": 2.0, **plasticity})


def after_constant_rates(rule: type[Bcm], experiment: Experiment, initial: FloatArray, steps: int) -> Bcm:
    """A rule that has seen the same rates for some steps."""
    found = rule(experiment, initial)
    for _ in range(steps):
        found.observe(RATES)
    return found


def test_every_rule_is_found_by_its_name() -> None:
    found = {name: rule_class(name) for name in BUILT_IN}

    assert found["sliding_bcm"] is SlidingBcm
    assert all(issubclass(each, Rule) for each in found.values())
    assert len(set(found.values())) == len(found)


@given(RATE, RATE)
def test_bcm_changes_sign_at_the_threshold(rate: float, threshold: float) -> None:
    at_threshold, at_zero, between = bcm_factor(np.array([threshold, 0.0, rate]), np.full(3, threshold))

    assert at_threshold == 0
    assert at_zero == 0
    assert np.sign(between) == np.sign(rate - threshold)


def test_bcm_learns_nothing_where_nothing_was_ever_felt() -> None:
    np.testing.assert_array_equal(bcm_factor(np.array([0.0, 2.0]), np.array([0.0, 1.0])), [0, 2])


def test_bcm_threshold_of_a_constant_rate_is_its_square() -> None:
    for steps in (0, 1, 100, 460, 1500):
        rule = after_constant_rates(Bcm, long_run(), RATES, steps)
        np.testing.assert_allclose(rule.threshold(), RATES**2, rtol=1e-12)


def test_bcm_threshold_forgets_what_is_older_than_the_window() -> None:
    rule = after_constant_rates(Bcm, long_run(), 3 * RATES, 459)
    np.testing.assert_allclose(rule.threshold(), (1 + 8 / 460) * RATES**2, rtol=1e-12)
    rule.observe(RATES)
    np.testing.assert_allclose(rule.threshold(), RATES**2, rtol=1e-12)


def test_truncated_threshold_of_a_constant_rate_is_nine_tenths_of_its_square() -> None:
    rule = after_constant_rates(SlidingBcm, long_run(), RATES, 460)

    np.testing.assert_allclose(rule.threshold(), 0.9 * RATES**2, rtol=0.01)


def test_exponential_threshold_of_a_constant_rate_becomes_its_square() -> None:
    rule = after_constant_rates(SlidingBcm, long_run(threshold_kernel="exponential"), 5 * RATES, 6000)

    np.testing.assert_allclose(rule.threshold(), RATES**2, rtol=1e-10)


def test_exponential_threshold_relaxes_with_its_time_constant() -> None:
    """One τ_θ, 200 steps, after a rate fell from 5 to 1: 24/e of the way is left."""
    rule = after_constant_rates(SlidingBcm, long_run(threshold_kernel="exponential"), 5 * RATES, 200)

    np.testing.assert_allclose(rule.threshold(), (1 + 24 / math.e) * RATES**2, rtol=1e-12)


@pytest.mark.parametrize("steps", [1, 2, 3, 57, 58, 459, 460, 461, 900])
def test_truncated_threshold_is_scipys_integral(steps: int) -> None:
    random = np.random.default_rng(steps)
    history = random.uniform(0, 20, (steps + 1, 1, 4))
    rule = SlidingBcm(long_run(), history[0])
    for rates in history[1:]:
        rule.observe(rates)
    recent = history[-460:]
    since = -0.01 * np.arange(len(recent) - 1, -1, -1)[:, None, None]
    integral = simpson(np.exp(since / 2.0) * recent**2, dx=0.01, axis=0) / 2.0

    np.testing.assert_allclose(rule.threshold(), integral, rtol=1e-12)


@pytest.mark.parametrize("samples", range(1, 61))
def test_simpson_weights_are_scipys(samples: int) -> None:
    each_sample_alone = np.eye(samples)

    np.testing.assert_allclose(
        simpson_weights(samples), simpson(each_sample_alone, dx=1.0, axis=1), atol=1e-15
    )


def test_covariance_learns_nothing_at_the_mean() -> None:
    rule = Covariance(long_run(), RATES)
    for _ in range(700):
        rule.observe(RATES)
    post, pre = rule.factors(Activity(RATES, RATES, lambda: RATES))

    np.testing.assert_allclose(post, 0, atol=1e-11)
    np.testing.assert_allclose(pre, 0, atol=1e-11)


def test_covariance_is_positive_for_rates_that_rise_together() -> None:
    rule = Covariance(long_run(), RATES)
    rule.observe(2 * RATES)
    post, pre = rule.factors(Activity(2 * RATES, RATES, lambda: RATES))

    np.testing.assert_allclose(post, RATES / 2)
    assert (np.outer(post, pre) > 0).all()


def test_oja_learns_nothing_where_the_recurrent_input_explains_all() -> None:
    stimulus = np.array([[-3.0, 0.0, 2.0, 1.0]])
    activity = Activity(RATES, stimulus, lambda: RATES + stimulus)
    post, pre = Oja(long_run(), RATES).factors(activity)

    np.testing.assert_array_equal(post, RATES)
    np.testing.assert_array_equal(pre, np.zeros((1, 4)))


def change_of_one_step(rule: str, variant: str) -> FloatArray:
    """ΔW of the only step that learns, the last; all before it is the same in both variants."""
    experiment = small_experiment(variant=variant, plasticity={"rule": rule, "onset_step": 199})
    circuit = Circuit.sample(small_experiment())
    return np.asarray(simulate(circuit, experiment, [90.0]).weights_at(0, 200) - circuit.weights)


@pytest.mark.usefixtures("engine")
def test_slip_1_bcm_kept_the_sign_of_inhibitory_columns() -> None:
    original, corrected = change_of_one_step("bcm", "original"), change_of_one_step("bcm", "corrected")

    assert np.abs(corrected[:, 31:]).max() > 1e-6
    np.testing.assert_allclose(original[:, :31], corrected[:, :31], atol=1e-15)
    np.testing.assert_allclose(original[:, 31:], -corrected[:, 31:], atol=1e-15)


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("rule", ["sliding_bcm", "oja", "covariance"])
def test_slip_1_is_in_no_other_rule(rule: str) -> None:
    np.testing.assert_array_equal(change_of_one_step(rule, "original"), change_of_one_step(rule, "corrected"))


@pytest.mark.usefixtures("engine")
def test_inhibitory_columns_are_multiplied_by_minus_one() -> None:
    """r (r − θ)/θ ⊗ I from the rates themselves, at the first step that learns."""
    experiment = small_experiment(plasticity={"rule": "bcm", "onset_step": 199, "presynaptic_term": "rate"})
    circuit = Circuit.sample(experiment)
    trajectory = simulate(circuit, experiment, [90.0])
    r = trajectory.rates[0, -1]
    theta = np.mean(trajectory.rates[0, -69:] ** 2, axis=0)
    sign = np.repeat([1, -1], [31, 13])
    expected = 0.01 / 40.0 * np.outer(r * (r - theta) / theta, sign * r)

    np.testing.assert_allclose(trajectory.weights_at(0, 200) - circuit.weights, expected, atol=1e-12)
