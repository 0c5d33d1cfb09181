"""Effect of each learning rule on selectivity, relative to the same circuits without learning.

All rules get the same realizations and the same stimuli, so that they are compared in pairs: the change of a
realization under a rule less the change of the same realization under the control. What the circuits differ in drops
out, and so does all that happens without learning.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from l5tui.analysis.intervals import effect_size, estimate_mean, holm, t_test
from l5tui.analysis.statistics import defined_mean, defined_std
from l5tui.config import POPULATIONS
from l5tui.config.measure_names import CONDITIONS
from l5tui.config.rules import CONTROL
from l5tui.model.arrays import FloatArray

if TYPE_CHECKING:
    import xarray as xr

COMPARED = ("OS", "DS", "OS_p")
"""Measures by which rules are compared."""


@dataclass(frozen=True)
class RuleEffect:
    """Effect of one rule on one measure of one population.

    Parameters
    ----------
    rule, measure, population : str
        Names of the learning rule, the measure (`COMPARED`) and the population.
    before, after : float
        Mean over realizations.
    before_std, after_std : float
        Standard deviation of the realizations' means.
    change : float
        Mean over realizations of after − before.
    effect : float
        Mean over realizations of the change less that of the control in the same realization.
    low, high : float
        Paired Student t interval of the effect, 95 %; NaN for fewer than three realizations.
    realizations : int
        How many are defined in both.
    effect_size : float
        Cohen's d_z of the effect; NaN for fewer than three realizations.
    p, p_holm : float
        Of the paired t test against no effect, and adjusted by Holm's method for all tests of the comparison; NaN
        for fewer than three realizations and for the control.
    """

    rule: str
    measure: str
    population: str
    before: float
    after: float
    before_std: float
    after_std: float
    change: float
    effect: float
    low: float
    high: float
    realizations: int
    effect_size: float = np.nan
    p: float = np.nan
    p_holm: float = np.nan


def realization_measures(dataset: xr.Dataset) -> FloatArray:
    """Return the compared measures of every realization of a run, from its dataset.

    Parameters
    ----------
    dataset : xarray.Dataset
        A run, with the variable ``selectivity_by_realization`` (condition, measure, realization, population).

    Returns
    -------
    ndarray, shape (2, 3, realization, 4)
        Condition, measure, realization, population.
    """
    table = dataset["selectivity_by_realization"].sel(
        condition=list(CONDITIONS), measure=list(COMPARED), population=list(POPULATIONS)
    )
    return np.asarray(table.transpose("condition", "measure", "realization", "population"), dtype=np.float64)


def rule_effects(by_rule: Mapping[str, FloatArray]) -> list[RuleEffect]:
    """Return the effect of every rule on every measure and population.

    Parameters
    ----------
    by_rule : mapping of str to ndarray, shape (2, 3, realization, 4)
        As `realization_measures` gives them, the control's among them; realizations are the same in all.

    Returns
    -------
    list of RuleEffect
        By measure, population and rule, in the order of `by_rule`.

    Notes
    -----
    The realization (circuit) is the unit: differences are paired within realizations, intervals and p-values
    are Student's, adjusted by Holm's method over all rules, measures and populations.

    Examples
    --------
    >>> control = np.zeros((2, 3, 3, 4))
    >>> oja = control.copy()
    >>> oja[1] = np.array([0.1, 0.2, 0.3])[:, None]
    >>> effect = rule_effects({"none": control, "oja": oja})[1]
    >>> effect.rule, effect.measure, effect.population, round(effect.effect, 3), effect.realizations
    ('oja', 'OS', 'CS', 0.2, 3)
    """
    changes = {rule: values[1] - values[0] for rule, values in by_rule.items()}
    effects = [
        _effect(rule, row, column, values, changes)
        for row in range(len(COMPARED))
        for column in range(len(POPULATIONS))
        for rule, values in by_rule.items()
    ]
    adjusted = holm([effect.p for effect in effects])
    return [replace(effect, p_holm=p) for effect, p in zip(effects, adjusted, strict=True)]


def _effect(
    rule: str, row: int, column: int, values: FloatArray, changes: Mapping[str, FloatArray]
) -> RuleEffect:
    own = values[:, row, :, column]
    against = changes[rule][row, :, column] - changes[CONTROL][row, :, column]
    before, after = (float(each) for each in defined_mean(own, 1))
    before_std, after_std = (float(each) for each in defined_std(own, 1))
    estimate = estimate_mean(against)
    return RuleEffect(
        rule=rule,
        measure=COMPARED[row],
        population=POPULATIONS[column],
        before=before,
        after=after,
        before_std=before_std,
        after_std=after_std,
        change=float(defined_mean(own[1] - own[0], 0)),
        effect=estimate.mean,
        low=estimate.low,
        high=estimate.high,
        realizations=estimate.n,
        effect_size=effect_size(against),
        p=t_test(against),
    )
