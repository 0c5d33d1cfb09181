"""The objective along each parameter through the best point."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from l5tui.analysis.ranks import from_gaussian_ranks, gaussian_ranks
from l5tui.analysis.slices import MOST, slices
from l5tui.model.arrays import FloatArray
from tests.studies import AMPLITUDES, MIXED, SIX, made_table, some_without_value


@given(arrays(np.float64, st.integers(1, 40), elements=st.floats(-1e6, 1e6)))
def test_values_come_back_from_their_ranks(values: FloatArray) -> None:
    assert from_gaussian_ranks(gaussian_ranks(values), values).tolist() == values.tolist()


def test_a_slice_shows_where_the_objective_is_low() -> None:
    found = slices(made_table(120, SIX, statuses=some_without_value))

    first, flat, last = found.slices[0], found.slices[2], found.slices[5]
    assert first.places[np.argmin(first.median)] == pytest.approx(100 + 0.3 * 3900, abs=250)
    assert last.places[np.argmin(last.median)] == pytest.approx(12, abs=2.5)
    assert np.ptp(flat.mean) < 0.2 * np.ptp(first.mean)
    for each in found.slices:
        assert (each.lower <= each.median).all()
        assert (each.median <= each.upper).all()
        assert (each.std >= 0).all()


def test_all_slices_meet_at_the_best_point() -> None:
    table = made_table(60, AMPLITUDES)
    assert table.best is not None
    expected = [
        np.interp(table.places[table.best, column], each.places, each.mean)
        for column, each in enumerate(slices(table, 201).slices)
    ]

    assert np.ptp(expected) < 0.02


def test_a_slice_never_leaves_what_was_seen() -> None:
    table = made_table(40, AMPLITUDES, lambda units: float(np.exp(10 * units[0]) - 100))

    for each in slices(table).slices:
        assert each.lower.min() >= table.values.min()
        assert each.upper.max() <= table.values.max()


def test_choices_and_whole_numbers_have_no_places_between() -> None:
    found = {each.axis.path: each.places.tolist() for each in slices(made_table(40, MIXED)).slices}

    assert found["network.transfer"] == [0, 1, 2]
    assert found["plasticity.dale"] == [0, 1]
    assert found["network.sizes.CS"] == [3, 4, 5, 6, 7, 8, 9]


def test_of_very_many_trials_the_best_are_kept() -> None:
    table = made_table(MOST + 100, AMPLITUDES)

    found = slices(table, 11)

    assert found.trials == MOST
    assert found.best == table.best


@pytest.mark.parametrize("count", [0, 1, 4])
def test_too_few_trials_have_no_slices(count: int) -> None:
    assert slices(made_table(count)).slices == ()


def test_equal_values_have_no_slices() -> None:
    assert slices(made_table(20, value=lambda units: 3.0)).slices == ()


def test_two_different_values_are_enough() -> None:
    found = slices(made_table(20, AMPLITUDES, lambda units: float(units[0] > 0.5)))
    first = found.slices[0]
    assert first.median[0] < 0.5 < first.median[-1]


def test_where_nothing_scatters_the_mean_goes_through_what_was_seen() -> None:
    table = made_table(60, AMPLITUDES, lambda units: float(((units - 0.5) ** 2).sum()))
    for each in slices(table, 201).slices:
        known = each.mean
        # A parabola along each parameter: a process with much noise of its own would flatten it.
        assert each.places[np.argmin(known)] == pytest.approx(each.places.mean(), rel=0.1)
        assert each.median[0] > 0.1
        assert each.median[-1] > 0.1
        assert each.median.min() < 0.05
