"""Transfer functions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from l5tui.config.network import Network
from l5tui.model.transfer import Transfer, transfer_function

EVERY_KIND: dict[str, dict[str, Any]] = {
    "linear": {},
    "square root": {"gamma": 0.5},
    "square": {"gamma": 2.0},
    "sigmoid": {"transfer": "sigmoid"},
    "tanh": {"transfer": "tanh"},
}
X = np.array([-1e6, -3.0, -0.5, 0.0, 0.005, 0.5, 3.0, 499.0, 501.0, 1e6])


def transfer(**network: Any) -> Transfer:
    return transfer_function(Network(**network))


def test_linear_is_clipped_on_both_sides() -> None:
    np.testing.assert_array_equal(
        transfer()(X), [0.01, 0.01, 0.01, 0.01, 0.01, 0.5, 3.0, 499.0, 500.0, 500.0]
    )


def test_a_power_starts_at_zero_for_every_neuron() -> None:
    """Slip 12 of the research code: it raised eight neurons at most."""
    many = np.tile(X, (4, 100))

    np.testing.assert_allclose(
        transfer(gamma=2.0)(many)[3, -10:], [0, 0, 0, 0, 0.005**2, 0.25, 9, 500, 500, 500]
    )
    np.testing.assert_allclose(transfer(gamma=0.5)(many), np.tile(np.sqrt(np.clip(X, 0, 250_000)), (4, 100)))


def test_sigmoid_and_tanh_work() -> None:
    """Slip 12 of the research code: both crashed."""
    moderate = np.linspace(-30, 30, 121)

    np.testing.assert_allclose(
        transfer(transfer="sigmoid")(moderate), 1 / (1 + np.exp(-moderate)), atol=1e-15
    )
    np.testing.assert_array_equal(transfer(transfer="tanh")(moderate), np.tanh(moderate))


@pytest.mark.parametrize("network", EVERY_KIND.values(), ids=EVERY_KIND)
def test_extreme_input_gives_a_bounded_rate_without_a_warning(network: dict[str, Any]) -> None:
    extreme = np.array([-1e308, -1e4, 1e4, 1e308, -np.inf, np.inf])
    with np.errstate(over="ignore"):  # a power may overflow before it is capped
        rates = transfer(**network)(extreme)

    assert np.isfinite(rates).all()
    assert (np.abs(rates) <= 500).all()


def test_sigmoid_does_not_overflow() -> None:
    with np.errstate(all="raise"):
        rates = transfer(transfer="sigmoid")(np.array([-1e308, -800.0, 800.0, 1e308]))

    np.testing.assert_array_equal(rates, [0, 0, 1, 1])


@pytest.mark.parametrize("network", EVERY_KIND.values(), ids=EVERY_KIND)
def test_nan_stays_nan(network: dict[str, Any]) -> None:
    rates = transfer(**network)(np.array([np.nan, 1.0]))

    assert np.isnan(rates[0])
    assert np.isfinite(rates[1])


@given(st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=30), st.sampled_from(sorted(EVERY_KIND)))
def test_more_input_never_means_a_lower_rate(inputs: list[float], kind: str) -> None:
    rates = transfer(**EVERY_KIND[kind])(np.sort(inputs))

    assert (np.diff(rates) >= 0).all()
