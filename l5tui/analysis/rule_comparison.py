"""What each learning rule does to selectivity, against the same circuits without learning.

All rules get the same realizations and the same stimuli, so that they are compared in pairs: the change of a
realization under a rule less the change of the same realization under the control. What the circuits differ in drops
out, and so does all that happens without learning.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from l5tui.analysis.measures import CONDITIONS
from l5tui.analysis.statistics import defined_mean, defined_std
from l5tui.config import POPULATIONS
from l5tui.config.rules import CONTROL
from l5tui.model.arrays import FloatArray

if TYPE_CHECKING:
    import xarray as xr

COMPARED = ("OS", "DS", "OS_p")
"""Measures by which rules are compared."""

RESAMPLES = 10_000
LEVEL = 0.95


@dataclass(frozen=True)
class RuleEffect:
    """What one rule did to one measure of one population.

    Parameters
    ----------
    rule, measure, population : str
    before, after : float
        Mean over realizations.
    before_std, after_std : float
        Standard deviation of the realizations' means.
    change : float
        Mean over realizations of after − before.
    effect : float
        Mean over realizations of the change less that of the control in the same realization.
    low, high : float
        Paired bootstrap interval of the effect; NaN where fewer than two realizations are defined in both.
    realizations : int
        How many are defined in both.
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


def realization_measures(dataset: xr.Dataset) -> FloatArray:
    """The compared measures of every realization of a run, from its dataset.

    Returns
    -------
    ndarray, shape (2, 3, realization, 4)
        Condition, measure, realization, population.
    """
    table = dataset["selectivity_by_realization"].sel(
        condition=list(CONDITIONS), measure=list(COMPARED), population=list(POPULATIONS)
    )
    return np.asarray(table.transpose("condition", "measure", "realization", "population"), dtype=np.float64)


def rule_effects(by_rule: Mapping[str, FloatArray], seed: int) -> list[RuleEffect]:
    """Every rule's effect on every measure and population.

    Parameters
    ----------
    by_rule : mapping of str to ndarray, shape (2, 3, realization, 4)
        As `realization_measures` gives them, the control's among them; realizations are the same in all.
    seed : int
        Of the resampling, so that the same runs give the same intervals.

    Returns
    -------
    list of RuleEffect
        By measure, population and rule, in the order of `by_rule`.
    """
    changes = {rule: values[1] - values[0] for rule, values in by_rule.items()}
    effects = []
    for row, measure in enumerate(COMPARED):
        for column, population in enumerate(POPULATIONS):
            for rule, values in by_rule.items():
                own = values[:, row, :, column]
                against = changes[rule][row, :, column] - changes[CONTROL][row, :, column]
                low, high = paired_interval(against, seed)
                before, after = (float(each) for each in defined_mean(own, 1))
                before_std, after_std = (float(each) for each in defined_std(own, 1))
                effects.append(
                    RuleEffect(
                        rule=rule,
                        measure=measure,
                        population=population,
                        before=before,
                        after=after,
                        before_std=before_std,
                        after_std=after_std,
                        change=float(defined_mean(own[1] - own[0], 0)),
                        effect=float(defined_mean(against, 0)),
                        low=low,
                        high=high,
                        realizations=int(np.isfinite(against).sum()),
                    )
                )
    return effects


def paired_interval(differences: FloatArray, seed: int, resamples: int = RESAMPLES) -> tuple[float, float]:
    """95 % percentile bootstrap interval of a mean difference over realizations.

    Realizations are drawn with replacement, each with its partner, as many as there are. With few of them the interval
    is too narrow: of five, its bounds are nearly the smallest and the largest mean that they allow.

    Parameters
    ----------
    differences : ndarray, shape (realization,)
        Between the two values of each pair; NaN where one of them is not defined, which leaves the pair out.
    seed : int
    resamples : int

    Returns
    -------
    low, high : float
        NaN for fewer than two pairs.
    """
    defined = differences[~np.isnan(differences)]
    if len(defined) < 2:
        return np.nan, np.nan
    drawn = np.random.default_rng(seed).integers(len(defined), size=(resamples, len(defined)))
    low, high = np.quantile(defined[drawn].mean(axis=1), ((1 - LEVEL) / 2, (1 + LEVEL) / 2))
    return float(low), float(high)
