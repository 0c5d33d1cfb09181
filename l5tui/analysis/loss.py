"""The loss: small where weights stay at their targets while direction selectivity grows.

signed form = 10·(rmse + |ΔOS|) − ΔDS + 0.1·(S_between + S_within); the absolute form is its absolute value.
"""

from __future__ import annotations

import numpy as np

from l5tui.analysis.block_weights import QUANTITIES
from l5tui.analysis.caveats import left_out
from l5tui.analysis.selectivity import MEASURES
from l5tui.analysis.statistics import STATISTICS, defined_mean
from l5tui.config import measure_names
from l5tui.model.arrays import FloatArray
from l5tui.model.layout import Layout

LOSS_TERMS = measure_names.LOSS_TERMS
"""rmse of the final block means against their targets; change of OS and of DS from before to after, summed
over populations; std of the realizations' means of OS, DS and OS_p, and mean of their stds of rate, OS, DS
and OS_p, each averaged over the populations that have one and added up, after learning."""


def loss_terms(
    before: FloatArray, after: FloatArray, weights: FloatArray, layout: Layout
) -> dict[str, float]:
    """Return every term of the loss before it is weighted.

    Parameters
    ----------
    before, after : ndarray, shape (6, 3, 4)
        Selectivity tables: measure, statistic, population.
    weights : ndarray, shape (4, 3, 4, 4)
        Weight table: quantity, statistic, post, pre.
    layout : Layout
        Empty populations are left out of every term.

    Returns
    -------
    dict of str to float
        In the order of `LOSS_TERMS`; NaN for a term that is not defined.

    Notes
    -----
    A spread is averaged over the populations that have one. One realization has no spread between realizations, and
    one neuron none within.
    """
    present = np.asarray(layout.sizes) > 0

    def spread(statistic: str, *measures: str) -> float:
        return float(sum(defined_mean(cell(after, name, statistic), 0) for name in measures))

    def cell(table: FloatArray, measure: str, statistic: str) -> FloatArray:
        found: FloatArray = table[MEASURES.index(measure), STATISTICS.index(statistic)][present]
        return found

    def change(measure: str) -> float:
        return float((cell(after, measure, "mean") - cell(before, measure, "mean")).sum())

    mean = STATISTICS.index("mean")
    final, target = (
        weights[QUANTITIES.index(name), mean][~np.isnan(layout.pairs)] for name in ("final", "target")
    )
    # Weights of a run that diverges are finite until their squares are not.
    with np.errstate(over="ignore"):
        rmse = float(np.sqrt(np.mean((final - target) ** 2)))
    return {
        "rmse": rmse,
        "delta_OS": change("OS"),
        "delta_DS": change("DS"),
        "spread_between": spread("std_of_means", "OS", "DS", "OS_p"),
        "spread_within": spread("mean_of_stds", "rate", "OS", "DS", "OS_p"),
    }


def loss_contributions(terms: dict[str, float]) -> dict[str, float]:
    """Return the weighted contribution of each term to the signed loss.

    Parameters
    ----------
    terms : dict of str to float
        As `loss_terms` returns them.

    Returns
    -------
    dict of str to float
        In the order of `LOSS_TERMS`; NaN for a term that is not defined.

    Examples
    --------
    >>> terms = {"rmse": 0.1, "delta_OS": -0.2, "delta_DS": 0.5, "spread_between": 1.0, "spread_within": 2.0}
    >>> loss_contributions(terms)
    {'rmse': 1.0, 'delta_OS': 2.0, 'delta_DS': -0.5, 'spread_between': 0.1, 'spread_within': 0.2}
    """
    return {
        "rmse": 10 * terms["rmse"],
        "delta_OS": 10 * abs(terms["delta_OS"]),
        "delta_DS": -terms["delta_DS"],
        "spread_between": 0.1 * terms["spread_between"],
        "spread_within": 0.1 * terms["spread_within"],
    }


def loss_of(terms: dict[str, float], form: str) -> float:
    """Return the loss in one of its forms.

    A spread that is not defined is left out, see `l5tui.analysis.caveats.left_out`; any other term that is not
    defined makes the loss NaN.

    Parameters
    ----------
    terms : dict of str to float
        As `loss_terms` returns them; the form ``targets`` needs the term ``targets``.
    form : str
        ``signed``, ``absolute`` or ``targets``.

    Returns
    -------
    float
        NaN if a term other than a spread is not defined.

    Examples
    --------
    >>> terms = {"rmse": 0.0, "delta_OS": 0.0, "delta_DS": 0.5, "spread_between": 1.0, "spread_within": 2.0}
    >>> round(loss_of(terms, "signed"), 3), round(loss_of(terms, "absolute"), 3)
    (-0.2, 0.2)
    """
    if form == "targets":
        return terms["targets"]
    missing = left_out(terms)
    signed = sum(value for name, value in loss_contributions(terms).items() if name not in missing)
    return abs(signed) if form == "absolute" else signed
