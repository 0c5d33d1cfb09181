"""Selectivity of neurons and populations, against values worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from l5tui.analysis import selectivity
from l5tui.analysis.selectivity import (
    MEASURES,
    neuron_measures,
    populations_off,
    rate_spread,
    realization_means,
    selectivity_intervals,
    selectivity_table,
    turned,
)
from l5tui.errors import ConfigError
from l5tui.model.arrays import FloatArray
from l5tui.model.layout import Layout

FOUR = (0.0, 90.0, 180.0, 270.0)
EIGHT = tuple(45.0 * index for index in range(8))
LAYOUT = Layout((2, 3, 1, 1))


def measures(rates: list[float], directions: tuple[float, ...] = FOUR) -> dict[str, float]:
    """Every measure of one neuron with these rates."""
    values = neuron_measures(np.array(rates, dtype=float)[:, None], directions)[:, 0]
    return dict(zip(MEASURES, values.tolist(), strict=True))


@pytest.mark.parametrize(
    ("rates", "expected"),
    [  # rate, OS, DS, OS_p, OS_vector, DS_vector
        ([5, 0, 0, 0], [1.25, 1, 1, 1, 1, 1]),
        ([5, 0, 5, 0], [2.5, 1, 0, 1, 1, 0]),
        ([2, 2, 2, 2], [2, 0, 0, 0, 0, 0]),
        ([4, 1, 2, 1], [2, 1 / 2, 1 / 3, 3 / 5, 1 / 2, 1 / 4]),
        ([0, 3, 4, 1], [2, 0, 1, 1 / 3, 0, 20**0.5 / 8]),
        ([1, 6, 3, 2], [3, 1 / 3, 1 / 2, 1 / 2, 1 / 3, 20**0.5 / 12]),
    ],
)
def test_by_hand(rates: list[float], expected: list[float]) -> None:
    assert list(measures(rates).values()) == pytest.approx(expected, abs=1e-15)


@pytest.mark.parametrize("rates", [[0.0, 0.0, 0.0, 0.0], [9e-5, 0.0, 9e-5, 0.0]])
def test_a_silent_neuron_has_a_rate_but_no_selectivity(rates: list[float]) -> None:
    found = measures(rates)

    assert found.pop("rate") == np.mean(rates)
    assert np.isnan(list(found.values())).all()


def test_the_public_function_names_each_measure() -> None:
    rates = np.array([[5.0, 4.0], [0.0, 1.0], [0.0, 2.0], [0.0, 1.0]])

    found = selectivity(rates, FOUR)

    assert list(found) == list(MEASURES)
    assert found["DS"].tolist() == pytest.approx([1, 1 / 3])
    assert np.array_equal(np.stack([*found.values()]), neuron_measures(rates, FOUR))


@pytest.mark.parametrize(
    ("directions", "message"),
    [
        (
            (0.0, 90.0, 180.0),
            "stimulus.directions: got a set that lacks 270, allowed every direction with its",
        ),
        (
            (0.0, 90.0, 180.0, 180.0),
            "stimulus.directions: got a direction twice, allowed each direction once",
        ),
    ],
)
def test_the_public_function_refuses_the_directions_that_an_experiment_refuses(
    directions: tuple[float, ...], message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        selectivity(np.ones((len(directions), 1)), directions)
    with pytest.raises(
        ValueError, match=r"rates: shape \(5, 2\), expected \(…, direction, N\) with 4 directions"
    ):
        selectivity(np.ones((5, 2)), FOUR)


def test_active_in_one_direction_is_active() -> None:
    assert measures([0, 1e-4, 0, 0])["OS"] == 1


def test_rates_that_are_not_known_have_no_measures() -> None:
    assert np.isnan(list(measures([np.nan] * 4).values())).all()


def test_eight_directions() -> None:
    """Preferred 90 with 8, opposite 4, orthogonals 1 and 3; the others count for the rate and the vectors."""
    rates = [1.0, 5.0, 8.0, 5.0, 3.0, 0.0, 4.0, 2.0]
    found = measures(rates, EIGHT)
    angles = np.deg2rad(EIGHT)

    assert found["rate"] == 3.5
    assert found["OS"] == pytest.approx((6 - 2) / (6 + 2))
    assert found["DS"] == pytest.approx((8 - 4) / (8 + 4))
    assert found["OS_p"] == pytest.approx((8 - 2) / (8 + 2))
    assert found["OS_vector"] == pytest.approx(abs(np.dot(rates, np.exp(2j * angles))) / 28)
    assert found["DS_vector"] == pytest.approx(abs(np.dot(rates, np.exp(1j * angles))) / 28)


@given(st.permutations(range(8)), st.lists(st.floats(0.01, 100), min_size=8, max_size=8, unique=True))
def test_order_of_directions_does_not_matter(order: list[int], rates: list[float]) -> None:
    shuffled = measures([rates[index] for index in order], tuple(EIGHT[index] for index in order))

    assert shuffled == pytest.approx(measures(rates, EIGHT), abs=1e-12)


@given(st.lists(st.floats(0, 500), min_size=4, max_size=4))
def test_measures_of_rates_lie_between_their_bounds(rates: list[float]) -> None:
    found = {name: value for name, value in measures(rates).items() if not np.isnan(value)}

    assert all(0 <= found.get(name, 0) <= 1 for name in ("DS", "OS_vector", "DS_vector"))
    assert all(-1 <= found.get(name, 0) <= 1 for name in ("OS", "OS_p"))


@given(st.lists(st.floats(0, 359.99), min_size=1, max_size=1))
def test_turned_finds_directions_across_zero(start: list[float]) -> None:
    directions = [(start[0] + turn) % 360 for turn in (0, 90, 180, 270)]

    np.testing.assert_array_equal(turned(directions, 0), [0, 1, 2, 3])
    np.testing.assert_array_equal(turned(directions, 90), [1, 2, 3, 0])
    np.testing.assert_array_equal(turned(directions, 180), [2, 3, 0, 1])
    np.testing.assert_array_equal(turned(directions, 270), [3, 0, 1, 2])


def random_rates(realizations: int, seed: int = 0, layout: Layout = LAYOUT) -> FloatArray:
    return np.random.default_rng(seed).uniform(0.1, 10, (realizations, 4, layout.neurons))


def test_table_against_single_neurons() -> None:
    rates = random_rates(3)
    table = selectivity_table(*realization_means(rates, FOUR, LAYOUT, drop_whole=False))
    singles = neuron_measures(rates, FOUR)

    assert table.shape == (6, 3, 4)
    for population, neurons in enumerate((slice(0, 2), slice(2, 5), slice(5, 6), slice(6, 7))):
        for index, name in enumerate(MEASURES):
            means = singles[index, :, neurons].mean(axis=1)
            stds = (
                rates[:, :, neurons].std(axis=(1, 2), ddof=1)
                if name == "rate"
                else singles[index, :, neurons].std(axis=1, ddof=1)
                if neurons.stop - neurons.start > 1
                else np.full(3, np.nan)
            )
            np.testing.assert_allclose(
                table[index, :, population], [means.mean(), means.std(ddof=1), stds.mean()], atol=1e-14
            )


def test_spread_of_rates_is_over_neurons_and_directions() -> None:
    rates = np.zeros((1, 4, 7))
    rates[0, :, :2] = [[1, 3], [1, 3], [5, 7], [5, 7]]

    np.testing.assert_allclose(rate_spread(rates, LAYOUT), [[(40 / 7) ** 0.5, 0, 0, 0]])
    np.testing.assert_allclose(rate_spread(rates, LAYOUT, ddof=0), [[5**0.5, 0, 0, 0]])


def rates_with_cc_off() -> FloatArray:
    """Three realizations; in the second, no CC neuron is active."""
    rates = random_rates(3)
    rates[1, :, 2:5] = 5e-5
    return rates


def test_off_is_reported_by_realization_and_population() -> None:
    np.testing.assert_array_equal(
        populations_off(rates_with_cc_off(), LAYOUT), [[0] * 4, [0, 1, 0, 0], [0] * 4]
    )


def test_one_active_neuron_is_not_off() -> None:
    rates = rates_with_cc_off()
    rates[1, 3, 4] = 1e-4

    assert not populations_off(rates, LAYOUT).any()


def test_empty_and_unknown_populations_are_not_off() -> None:
    unknown = np.full((1, 4, 6), np.nan)

    assert not populations_off(unknown, Layout((2, 3, 1, 0))).any()
    assert not populations_off(np.ones((1, 4, 6)), Layout((2, 3, 1, 0))).any()


def test_slip_11_corrected_leaves_out_only_the_population_that_is_off() -> None:
    rates = rates_with_cc_off()
    means, _ = realization_means(rates, FOUR, LAYOUT, drop_whole=False)

    assert np.isnan(means[1:, 1, 1]).all()
    assert means[0, 1, 1] == pytest.approx(5e-5)
    assert np.isfinite(np.delete(means, 1, axis=2)).all()
    assert np.isfinite(means[:, [0, 2]]).all()


def test_slip_11_original_drops_the_whole_realization() -> None:
    rates = rates_with_cc_off()
    means, stds = realization_means(rates, FOUR, LAYOUT, drop_whole=True)
    others = realization_means(rates[[0, 2]], FOUR, LAYOUT, drop_whole=True)

    assert np.isnan(means[:, 1]).all()
    assert np.isnan(stds[:, 1]).all()
    np.testing.assert_array_equal(selectivity_table(means, stds), selectivity_table(*others))


def test_a_population_that_is_always_off_has_no_selectivity() -> None:
    rates = random_rates(2)
    rates[:, :, 5] = 0
    table = selectivity_table(*realization_means(rates, FOUR, LAYOUT, drop_whole=False))

    assert np.isnan(table[1:, :, 2]).all()
    np.testing.assert_array_equal(table[0, :, 2], [0, 0, 0])
    assert np.isfinite(table[..., [0, 1]]).all()
    assert np.isfinite(table[:, :2, 3]).all()


def test_intervals_are_student_s_over_circuits() -> None:
    layout = Layout((40, 60, 30, 20))
    means, _ = realization_means(random_rates(5, layout=layout), FOUR, layout, drop_whole=False)
    intervals = selectivity_intervals(means)

    assert intervals.shape == (2, 2, 4)
    for row in (0, 1):
        of_circuits = means[row - 2]
        expected = scipy.stats.t.interval(0.95, 4, of_circuits.mean(axis=0), scipy.stats.sem(of_circuits))
        np.testing.assert_allclose(intervals[row], expected, rtol=1e-12)


def test_intervals_do_not_narrow_with_the_number_of_neurons_where_circuits_differ() -> None:
    """The neurons of one circuit share what sets it apart, however many they are."""
    widths = []
    for neurons in (10, 1000):
        layout = Layout((neurons, 0, 0, 0))
        rates = random_rates(6, layout=layout)
        # Every circuit has its own bias toward one direction.
        rates[:, 0] += np.linspace(0, 20, 6)[:, None]
        means, _ = realization_means(rates, FOUR, layout, drop_whole=False)
        low, high = selectivity_intervals(means)[1, :, 0]
        widths.append(high - low)
    assert widths[1] > widths[0] / 2


def test_no_interval_for_two_circuits() -> None:
    for count, defined in ((1, False), (2, False), (3, True)):
        means, _ = realization_means(random_rates(count), FOUR, LAYOUT, drop_whole=False)
        assert np.isfinite(selectivity_intervals(means)).all() == defined


def test_no_interval_where_nothing_is_defined() -> None:
    rates = random_rates(4)
    rates[:, :, 5] = 0
    rates[0] = np.nan
    layout = Layout((2, 3, 1, 1))
    intervals = selectivity_intervals(realization_means(rates, FOUR, layout, drop_whole=False)[0])

    assert np.isnan(intervals[:, :, 2]).all()
    assert np.isfinite(intervals[:, :, [0, 1, 3]]).all()


@given(st.lists(st.floats(-1, 1), min_size=4, max_size=4))
def test_indices_of_any_rates_lie_within_their_bounds_or_are_not_defined(rates: list[float]) -> None:
    found = measures(rates)
    del found["rate"]

    if min(rates) < 0 or max(rates) < 1e-4:
        assert np.isnan(list(found.values())).all()
    else:
        assert all(0 <= found[name] <= 1 + 1e-12 for name in ("DS", "OS_vector", "DS_vector"))
        assert all(-1 <= found[name] <= 1 for name in ("OS", "OS_p"))


def test_a_population_with_a_negative_response_has_no_selectivity() -> None:
    """A mean over the other neurons would be one over a selection, by which a search could win."""
    rates = random_rates(2)
    rates[0, 3, 2] = -1e-9
    means, stds = realization_means(rates, FOUR, LAYOUT, drop_whole=False)

    assert np.isnan(means[1:, 0, 1]).all()
    assert np.isnan(stds[1:, 0, 1]).all()
    assert np.isfinite(means[0]).all()
    assert np.isfinite(means[:, 1]).all()
    assert np.isfinite(np.delete(means, 1, axis=2)).all()


def test_off_is_relative_to_the_floor_of_the_transfer_function() -> None:
    """All CC neurons at a floor of 0.01: off, without selectivity; with one that responds the others count as 0."""
    rates = random_rates(1)
    rates[:, :, 2:5] = 0.01 + 5e-5
    off = realization_means(rates, FOUR, LAYOUT, drop_whole=False, floor=0.01)[0][:, 0, 1]
    rates[:, 0, 4] = 5.0
    one = realization_means(rates, FOUR, LAYOUT, drop_whole=False, floor=0.01)[0][:, 0, 1]

    assert not populations_off(rates, LAYOUT, 0.01).any()
    assert np.isnan(off[1:]).all()
    assert off[0] == pytest.approx(0.01 + 5e-5)
    assert one[MEASURES.index("DS")] == pytest.approx((5 - 0.01005) / (5 + 0.01005) / 3)
