"""Values as normal scores: what a heavy tail cannot pull about."""

from __future__ import annotations

import numpy as np

from l5tui.model.arrays import FloatArray


def gaussian_ranks(values: FloatArray) -> FloatArray:
    """Values as the normal quantiles of their ranks, equal ones alike.

    A loss has a heavy tail where rates run into their cap or a population dies: what is fitted to it would spend
    itself on that (Salinas et al. 2020, Proc. ICML 119:8488).

    Parameters
    ----------
    values : ndarray, shape (value,)
        Finite.
    """
    from scipy.special import ndtri
    from scipy.stats import rankdata

    ranks = rankdata(values, method="average")
    quantiles: FloatArray = ndtri((ranks - 0.5) / len(values))
    return quantiles


def from_gaussian_ranks(scores: FloatArray, values: FloatArray) -> FloatArray:
    """Normal scores as the values that they stand for.

    Order is kept, so that a quantile stays the same quantile; scores beyond all seen give the nearest value.

    Parameters
    ----------
    scores : ndarray
    values : ndarray, shape (value,)
        Those that were ranked.
    """
    known, first = np.unique(gaussian_ranks(values), return_index=True)
    places: FloatArray = np.interp(scores, known, values[first])
    return places
