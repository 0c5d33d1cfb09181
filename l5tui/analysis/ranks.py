"""Normal scores of values, which are robust against a heavy tail."""

from __future__ import annotations

import numpy as np

from l5tui.model.arrays import FloatArray


def gaussian_ranks(values: FloatArray) -> FloatArray:
    """Return the normal quantiles of the ranks of values; equal values have the same quantile.

    The scores limit the influence of a heavy tail, which a loss has where rates reach their cap or a
    population falls silent (Salinas et al. 2020, Proc. ICML 119:8488).

    Parameters
    ----------
    values : ndarray, shape (value,)
        Finite.

    Returns
    -------
    ndarray, shape (value,)
        Normal scores, in the order of `values`.

    Examples
    --------
    >>> gaussian_ranks(np.array([3.0, 1.0, 1e6])).round(3).tolist()
    [0.0, -0.967, 0.967]
    """
    from scipy.special import ndtri
    from scipy.stats import rankdata

    ranks = rankdata(values, method="average")
    quantiles: FloatArray = ndtri((ranks - 0.5) / len(values))
    return quantiles


def from_gaussian_ranks(scores: FloatArray, values: FloatArray) -> FloatArray:
    """Return the values that normal scores correspond to, by linear interpolation.

    The mapping is monotonic, so a quantile stays the same quantile. Scores beyond those of all values give
    the nearest value.

    Parameters
    ----------
    scores : ndarray
        Normal scores.
    values : ndarray, shape (value,)
        The values that were ranked.

    Returns
    -------
    ndarray
        Of the shape of `scores`.

    Examples
    --------
    >>> values = np.array([3.0, 1.0, 5.0])
    >>> from_gaussian_ranks(np.array([0.0, 9.0]), values).tolist()
    [3.0, 5.0]
    """
    known, first = np.unique(gaussian_ranks(values), return_index=True)
    places: FloatArray = np.interp(scores, known, values[first])
    return places
