"""The window of recent rates."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from l5tui.model.plasticity.recent_rates import RecentRates, longest_window
from tests.experiments import small_experiment


@given(st.integers(1, 9), st.lists(st.floats(0, 500), max_size=60))
def test_window_is_the_end_of_a_plain_list(length: int, added: list[float]) -> None:
    recent = RecentRates(np.full((2, 3), 0.5), length)
    everything = [0.5]
    np.testing.assert_array_equal(recent.window[:, 1, 2], everything)
    for rate in added:
        recent.add(np.full((2, 3), rate))
        everything.append(rate)
        np.testing.assert_array_equal(recent.window, np.tile(everything[-length:], (3, 2, 1)).T)


def test_rates_are_copied() -> None:
    rates = np.ones((1, 2))
    recent = RecentRates(rates, 3)
    rates[:] = 7

    np.testing.assert_array_equal(recent.window, [[[1, 1]]])


@pytest.mark.parametrize(
    ("tau_threshold", "rates"),
    [(0.1, 23), (0.3, 69), (0.87, 200), (2.7922382927606537, 201), (1e12, 201)],
)
def test_window_holds_n_w_rates_or_the_whole_run(tau_threshold: float, rates: int) -> None:
    """n_w = int(−ln(0.1)·τ_θ/Δt), at most all of r(0) … r(200)."""
    assert longest_window(small_experiment(plasticity={"tau_threshold": tau_threshold})) == rates


def test_the_newest_rates_are_always_in_the_window() -> None:
    experiment = small_experiment(plasticity={"rule": "none", "tau_threshold": 1e-4})
    assert longest_window(experiment) == 1
