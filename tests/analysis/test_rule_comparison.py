"""Rules against the control, in pairs."""

from __future__ import annotations

import math

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from l5tui.analysis.rule_comparison import (
    COMPARED,
    RuleEffect,
    paired_interval,
    realization_measures,
    rule_effects,
)
from l5tui.config import POPULATIONS


def values(realizations: int = 6, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).uniform(0.2, 0.8, (2, 3, realizations, 4))


def by_cell(effects: list[RuleEffect]) -> dict[tuple[str, str, str], RuleEffect]:
    found = {(effect.rule, effect.measure, effect.population): effect for effect in effects}
    assert len(found) == len(effects)
    return found


def test_two_pairs_have_three_means_whose_probabilities_are_known() -> None:
    # Both the first, one of each, both the second: a quarter, a half, a quarter.
    assert paired_interval(np.array([-1.0, 3.0]), seed=7) == (-1.0, 3.0)


def test_of_many_pairs_it_is_the_normal_interval() -> None:
    pairs = np.random.default_rng(3).normal(0.5, 2.0, 4000)
    low, high = paired_interval(pairs, seed=7)
    half = 1.96 * pairs.std() / math.sqrt(len(pairs))
    assert low == pytest.approx(pairs.mean() - half, abs=0.03 * half)
    assert high == pytest.approx(pairs.mean() + half, abs=0.03 * half)


def test_it_covers_the_truth_as_often_as_it_says() -> None:
    rng = np.random.default_rng(5)
    covered = 0
    for _ in range(400):
        low, high = paired_interval(rng.normal(1.0, 1.0, 40), seed=7, resamples=1000)
        covered += low <= 1.0 <= high
    assert 0.91 <= covered / 400 <= 0.98


@given(st.floats(-1e6, 1e6), st.integers(2, 9))
def test_a_constant_difference_leaves_no_doubt(difference: float, pairs: int) -> None:
    low, high = paired_interval(np.full(pairs, difference), seed=1)
    assert (low, high) == pytest.approx((difference, difference), rel=1e-12)


def test_the_seed_decides() -> None:
    pairs = np.random.default_rng(3).normal(size=11)
    assert paired_interval(pairs, seed=1) == paired_interval(pairs, seed=1)
    assert paired_interval(pairs, seed=1) != paired_interval(pairs, seed=2)


def test_pairs_that_are_not_defined_are_left_out() -> None:
    assert paired_interval(np.array([-1.0, np.nan, 3.0]), seed=7) == (-1.0, 3.0)
    for few in ([], [1.0], [1.0, np.nan], [np.nan]):
        assert all(math.isnan(bound) for bound in paired_interval(np.array(few, dtype=float), seed=7))


def test_what_circuits_differ_in_drops_out() -> None:
    control = values()
    rule = control.copy()
    rule[1] += 0.125
    found = by_cell(rule_effects({"none": control, "oja": rule}, seed=1))
    for measure in range(3):
        for population in range(4):
            cell = found["oja", COMPARED[measure], POPULATIONS[population]]
            before, after = control[0, measure, :, population], rule[1, measure, :, population]
            assert cell.before == pytest.approx(before.mean())
            assert cell.after == pytest.approx(after.mean())
            assert (cell.before_std, cell.after_std) == pytest.approx((before.std(ddof=1), after.std(ddof=1)))
            assert cell.change == pytest.approx((after - before).mean())
            assert (cell.effect, cell.low, cell.high) == pytest.approx((0.125, 0.125, 0.125))
            assert cell.realizations == 6


def test_the_control_does_nothing_against_itself() -> None:
    for effect in rule_effects({"none": values(), "oja": values(seed=2)}, seed=1):
        if effect.rule == "none":
            assert (effect.effect, effect.low, effect.high) == (0, 0, 0)
        else:
            assert effect.low < effect.effect < effect.high


def test_a_realization_that_diverged_is_left_out_of_its_pairs_only() -> None:
    control, rule = values(), values(seed=2)
    rule[:, :, 2] = np.nan
    found = by_cell(rule_effects({"none": control, "oja": rule}, seed=1))
    cell = found["oja", "DS", "PV"]
    kept = [0, 1, 3, 4, 5]
    paired = (rule[1] - rule[0] - control[1] + control[0])[1, kept, 2]
    assert cell.realizations == 5
    assert cell.effect == pytest.approx(paired.mean())
    assert (cell.low, cell.high) == paired_interval(paired, seed=1)
    assert found["none", "DS", "PV"].realizations == 6


def test_measures_are_taken_by_their_names() -> None:
    names = ["SST", "PV", "CC", "CS"]
    table = np.random.default_rng(1).random((4, 2, 3, 6))
    dataset = xr.Dataset(
        {"selectivity_by_realization": (("population", "condition", "realization", "measure"), table)},
        coords={
            "population": names,
            "condition": ["after", "before"],
            "measure": ["OS_p", "DS_vector", "rate", "DS", "OS_vector", "OS"],
        },
    )
    found = realization_measures(dataset)
    assert found.shape == (2, 3, 3, 4)
    assert found[0, 1, 2, 0] == table[3, 1, 2, 3]
    assert found[1, 0, 1, 3] == table[0, 0, 1, 5]
