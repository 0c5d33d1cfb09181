"""Every rule, mask, schedule and option against the plain loop over the model's equations."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from l5tui.config import Experiment
from l5tui.model.circuit import Circuit
from l5tui.model.outcome import Completed
from l5tui.model.simulation import simulate
from tests.experiments import small_experiment
from tests.model.plain_loop import PlainLoop

pytestmark = pytest.mark.usefixtures("engine")

RULES = ("none", "bcm", "sliding_bcm", "oja", "covariance")
DENSE = ((0.5, 1, 1, 1), (1, 0.5, 1, 1), (1, 1, 0.5, 1), (1, 1, 1, 0.5))


DIRECTIONS = (0.0, 90.0)


def plain_loops(experiment: Experiment) -> list[PlainLoop]:
    """The plain loop's run of each direction."""
    circuit = Circuit.sample(experiment)
    return [PlainLoop(experiment, circuit, direction).run() for direction in DIRECTIONS]


def assert_as_in(loops: list[PlainLoop]) -> None:
    """The engine's rates and weights at every step are those of the plain loops."""
    circuit, experiment = loops[0].circuit, loops[0].experiment
    trajectory = simulate(circuit, experiment, DIRECTIONS)
    assert trajectory.outcome == Completed()
    for index, plain in enumerate(loops):
        tolerance = 1e-9 * max(1.0, np.abs(plain.rates).max(), np.abs(plain.weights[-1]).max())
        np.testing.assert_allclose(trajectory.rates[index], plain.rates[1:], rtol=0, atol=tolerance)
        for step, weights in enumerate(plain.weights):
            np.testing.assert_allclose(trajectory.weights_at(index, step), weights, rtol=0, atol=tolerance)


def few_neurons(rule: str, **plasticity: Any) -> dict[str, Any]:
    """Eleven neurons, 70 steps, the window of recent rates (23) full long before the end."""
    return {
        "network": {"sizes": [2, 4, 3, 2], "connection_probability": DENSE},
        "dynamics": {"duration_tau": 7.0},
        "plasticity": {
            "rule": rule,
            "onset_step": 9,
            "phase_steps": 4,
            "tau_learn": 20.0,
            "tau_threshold": 0.1,
            **plasticity,
        },
    }


@pytest.mark.parametrize("variant", ["corrected", "original"])
@pytest.mark.parametrize("rule", RULES)
def test_rule(rule: str, variant: str) -> None:
    loops = plain_loops(small_experiment(variant=variant, **few_neurons(rule)))

    assert_as_in(loops)
    moved = np.abs(loops[0].weights[-1] - loops[0].weights[0]).max()
    assert moved == 0 if rule == "none" else moved > 1e-3


@pytest.mark.parametrize(
    "option",
    [
        {"threshold_kernel": "exponential"},
        {"presynaptic_term": "rate"},
        {"synapses": "existing"},
        {"dale": True},
        {"synapses": "existing", "dale": True},
        {"neurons": "inhibitory", "schedule": "alternate_all"},
        {"neurons": "excitatory", "schedule": "alternate_excitatory"},
    ],
    ids=lambda option: "-".join(f"{key}={value}" for key, value in option.items()),
)
@pytest.mark.parametrize("rule", RULES[1:])
def test_option(rule: str, option: dict[str, Any]) -> None:
    assert_as_in(plain_loops(small_experiment(**few_neurons(rule, **option))))


@settings(max_examples=60, suppress_health_check=[HealthCheck.filter_too_much])
@given(st.data())
def test_any_experiment(data: st.DataObject) -> None:
    loops = plain_loops(Experiment.model_validate(data.draw(any_experiment())))
    # Where weights run away, rounding is all that is left to compare.
    assume(all(np.abs(plain.weights[-1]).max() < 1e3 for plain in loops))

    assert_as_in(loops)


def any_experiment() -> st.SearchStrategy[dict[str, Any]]:
    """Experiments of up to 12 neurons and 40 steps with every option."""
    sizes = st.lists(st.integers(0, 3), min_size=4, max_size=4).filter(lambda sizes: sum(sizes) >= 2)
    return st.fixed_dictionaries(
        {
            "seed": st.integers(0, 1000),
            "variant": st.sampled_from(["original", "corrected"]),
            "network": st.fixed_dictionaries(
                {
                    "sizes": sizes,
                    "connection_probability": st.just(DENSE),
                    "transfer": st.sampled_from(["supralinear", "sigmoid", "tanh"]),
                    "gamma": st.sampled_from([1.0, 0.5, 1.5]),
                }
            ),
            "dynamics": st.fixed_dictionaries(
                {"duration_tau": st.just(4.0), "integrator": st.sampled_from(["euler", "rk4"])}
            ),
            "plasticity": st.fixed_dictionaries(
                {
                    "rule": st.sampled_from(RULES),
                    "tau_learn": st.sampled_from([5.0, 50.0]),
                    "tau_threshold": st.sampled_from([0.01, 0.04, 0.1, 1.0]),
                    "onset_step": st.integers(0, 20),
                    "neurons": st.sampled_from(["all", "excitatory", "inhibitory"]),
                    "schedule": st.sampled_from(["continuous", "alternate_excitatory", "alternate_all"]),
                    "phase_steps": st.integers(1, 9),
                    "synapses": st.sampled_from(["all_pairs", "existing"]),
                    "dale": st.booleans(),
                    "threshold_kernel": st.sampled_from(["truncated", "exponential"]),
                    "presynaptic_term": st.sampled_from(["stimulus", "rate"]),
                }
            ),
            "stimulus": st.fixed_dictionaries(
                {
                    "kind": st.sampled_from(["signed", "offset"]),
                    "steady": st.lists(st.booleans(), min_size=4, max_size=4),
                }
            ),
        }
    )
