"""Rules against the control, in pairs."""

from __future__ import annotations

import math

import numpy as np
import pytest
import scipy.stats
import xarray as xr

from l5tui.analysis.intervals import holm, t_interval
from l5tui.analysis.rule_comparison import (
    COMPARED,
    RuleEffect,
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


def test_what_circuits_differ_in_drops_out() -> None:
    control = values()
    rule = control.copy()
    rule[1] += 0.125
    found = by_cell(rule_effects({"none": control, "oja": rule}))
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
    for effect in rule_effects({"none": values(), "oja": values(seed=2)}):
        if effect.rule == "none":
            assert (effect.effect, effect.low, effect.high) == (0, 0, 0)
            assert np.isnan([effect.effect_size, effect.p, effect.p_holm]).all()
        else:
            assert effect.low < effect.effect < effect.high


def test_a_realization_that_diverged_is_left_out_of_its_pairs_only() -> None:
    control, rule = values(), values(seed=2)
    rule[:, :, 2] = np.nan
    found = by_cell(rule_effects({"none": control, "oja": rule}))
    cell = found["oja", "DS", "PV"]
    kept = [0, 1, 3, 4, 5]
    paired = (rule[1] - rule[0] - control[1] + control[0])[1, kept, 2]
    assert cell.realizations == 5
    assert cell.effect == pytest.approx(paired.mean())
    assert (cell.low, cell.high) == tuple(map(float, t_interval(paired)))
    assert found["none", "DS", "PV"].realizations == 6


def test_two_circuits_give_no_interval_and_no_test() -> None:
    for effect in rule_effects({"none": values(2), "oja": values(2, seed=2)}):
        assert math.isfinite(effect.effect)
        assert effect.realizations == 2
        assert np.isnan([effect.low, effect.high, effect.effect_size, effect.p, effect.p_holm]).all()


def test_holm_counts_every_test_of_the_comparison() -> None:
    control = values(40)
    rules = {rule: values(40, seed=seed) for seed, rule in enumerate(("bcm", "oja"), 2)}
    rules["bcm"] = control.copy()
    rules["bcm"][1] += np.random.default_rng(5).normal(0.03, 0.1, control[1].shape)
    found = rule_effects({"none": control, **rules})
    tests = [each for each in found if each.rule != "none"]
    assert [each.p_holm for each in tests] == holm([each.p for each in tests])
    smallest = min(tests, key=lambda each: each.p)
    assert len(tests) == 2 * 3 * 4
    assert smallest.p_holm == pytest.approx(24 * smallest.p)
    cell = by_cell(found)["bcm", "DS", "PV"]
    paired = (rules["bcm"][1] - rules["bcm"][0] - control[1] + control[0])[1, :, 2]
    assert cell.effect_size == pytest.approx(paired.mean() / paired.std(ddof=1))
    assert cell.p == pytest.approx(scipy.stats.ttest_1samp(paired, 0).pvalue)


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
