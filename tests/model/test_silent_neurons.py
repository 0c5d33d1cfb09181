"""Both engines agree where neurons fall silent, as closely as the experiment is conditioned."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import simpson

from l5tui.config import Experiment
from l5tui.model.circuit import Circuit
from l5tui.model.compiled.engine import CompiledEngine
from l5tui.model.compiled.window import new_window, observe, recall
from l5tui.model.layout import Layout
from l5tui.model.reference_engine import ReferenceEngine
from tests.model.conditioning import largest_excess, rates_of

QUICKSTART = [9, 55, 9, 7]


def falling_silent(rule: str, gamma: float) -> Experiment:
    """Neurons that fire at hundreds, and then fall to rates below 1e-40."""
    return Experiment.model_validate(
        {
            "seed": 24,
            "network": {"sizes": QUICKSTART, "gamma": gamma},
            "stimulus": {"temporal_frequency": 0.2},
            "plasticity": {"rule": rule},
        }
    )


@pytest.mark.slow
@pytest.mark.parametrize(("rule", "gamma"), [("bcm", 1.5), ("bcm", 1.2), ("sliding_bcm", 1.5)])
def test_neurons_that_fell_silent(rule: str, gamma: float) -> None:
    assert largest_excess(falling_silent(rule, gamma)) <= 1


def test_mean_rates_of_neurons_that_fell_silent() -> None:
    """9.987, 25.238, 57.037 and 11.862, to which the sensitivity of the experiment itself is 5e-5."""
    experiment = falling_silent("bcm", 1.5)
    layout = Layout(experiment.network.sizes.in_order())
    engine = CompiledEngine(Circuit.sample(experiment), experiment, experiment.stimulus.directions)
    after = rates_of(engine, experiment.steps)[:, -497:].mean(axis=(0, 1))
    means = layout.population_sums(after) / layout.counts
    assert means == pytest.approx([9.9869, 25.2384, 57.0367, 11.8616], rel=5e-4)


@pytest.mark.parametrize("rule", ["bcm", "sliding_bcm", "covariance"])
@pytest.mark.parametrize("length", [2, 3, 4, 5, 6, 7, 13, 14])
def test_a_window_forgets_what_left_it(rule: str, length: int) -> None:
    """To 13 digits, though rates change by 40 orders of magnitude."""
    tau = (length + 0.5) * 0.01 / np.log(10)
    experiment = Experiment.model_validate(
        {
            "network": {"sizes": [1, 1, 1, 1], "connection_probability": [[0] * 4] * 4},
            "plasticity": {"rule": rule, "tau_threshold": tau},
        }
    )
    rates = np.exp(np.random.default_rng(length).normal(0, 20, (5 * length, 4, 4)))
    window = new_window(experiment, rates[0])
    out = np.empty((4, 4))
    for step in range(len(rates)):
        if step:
            observe(window, rates[step])
        recall(window, out)
        inside = rates[max(0, step - length + 1) : step + 1]
        decay = np.exp(-np.arange(len(inside))[::-1] * 0.01 / tau)[:, None, None]
        if rule == "sliding_bcm":
            expected = simpson(inside**2 * decay, dx=0.01, axis=0) / tau
        else:
            expected = (inside**2 if rule == "bcm" else inside).mean(axis=0)
        np.testing.assert_allclose(out, expected, rtol=1e-13)


@pytest.mark.parametrize("threshold", [1e-3, 1e3, 2.8e9])
def test_the_exponential_kernel_keeps_its_digits_however_slowly_it_slides(threshold: float) -> None:
    experiment = falling_silent("sliding_bcm", 1.0)
    changes: dict[str, Any] = {"threshold_kernel": "exponential", "tau_threshold": threshold}
    plasticity = experiment.plasticity.model_copy(update=changes)
    experiment = experiment.model_copy(update={"plasticity": plasticity})
    window = new_window(experiment, np.zeros((1, 4)))
    observe(window, np.full((1, 4), 3.0))
    expected = -9 * np.expm1(-0.01 / threshold)
    np.testing.assert_allclose(window.first, expected, rtol=1e-14)


def test_a_floor_bounds_the_threshold_in_both_engines() -> None:
    """With a floor above every r², the factor of a BCM rule is r (r − floor)/floor."""
    base = falling_silent("bcm", 1.5).model_dump()
    base["dynamics"]["duration_tau"] = 60.0
    base["plasticity"].update(threshold_floor=1e6, onset_step=10)
    experiment = Experiment.model_validate(base)
    circuit = Circuit.sample(experiment)
    for engine in (
        ReferenceEngine(circuit, experiment, [0.0]),
        CompiledEngine(circuit, experiment, [0.0]),
    ):
        chunk = engine.advance(50)
        rates, post = chunk.rates[:, 10:], chunk.post[:, 10:]
        expected = 0.01 / experiment.plasticity.tau_learn * rates * (rates - 1e6) / 1e6
        np.testing.assert_allclose(post, expected, rtol=1e-12)
    base["plasticity"].update(threshold_floor=0.0)
    without = ReferenceEngine(circuit, Experiment.model_validate(base), [0.0]).advance(50)
    assert not np.allclose(without.post[:, 10:], post, rtol=0.1)


EXPERIMENTS = st.fixed_dictionaries(
    {
        "seed": st.integers(0, 999),
        "network": st.fixed_dictionaries(
            {
                "sizes": st.sampled_from([[9, 22, 7, 6], [5, 12, 4, 0], [3, 30, 5, 4]]),
                "gamma": st.one_of(st.floats(0.5, 3.0), st.sampled_from([1.0, 1.2, 1.5, 2.0])),
                "transfer": st.sampled_from(["supralinear", "supralinear", "supralinear", "tanh", "sigmoid"]),
            }
        ),
        "stimulus": st.fixed_dictionaries({"temporal_frequency": st.sampled_from([0.05, 0.2, 0.5, 50.0])}),
        "plasticity": st.fixed_dictionaries(
            {
                "rule": st.sampled_from(["bcm", "sliding_bcm", "covariance"]),
                "tau_threshold": st.sampled_from([0.05, 0.3, 1.0, 2.8]),
                "tau_learn": st.sampled_from([40.0, 400.0, 2000.0]),
                "onset_step": st.sampled_from([0, 50, 200]),
                "threshold_kernel": st.sampled_from(["truncated", "truncated", "exponential"]),
                "threshold_floor": st.sampled_from([0.0, 0.0, 1e-6, 1e-2]),
                "presynaptic_term": st.sampled_from(["stimulus", "rate"]),
            }
        ),
    }
)


def agrees(values: dict[str, Any], duration: float) -> None:
    """Check that both engines agree."""
    experiment = Experiment.model_validate({**values, "dynamics": {"duration_tau": duration}})
    assert largest_excess(experiment, perturbations=2) <= 1


@settings(max_examples=4, deadline=None)
@given(EXPERIMENTS)
def test_engines_agree_as_closely_as_the_experiment_is_conditioned(values: dict[str, Any]) -> None:
    agrees(values, 30.0)


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(EXPERIMENTS, st.sampled_from([100.0, 300.0, 600.0]))
def test_engines_agree_in_long_runs(values: dict[str, Any], duration: float) -> None:
    agrees(values, duration)
