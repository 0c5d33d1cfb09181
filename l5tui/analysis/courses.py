"""Time courses of a run, averaged over realizations."""

from __future__ import annotations

import numpy as np

from l5tui.analysis.statistics import defined_mean, defined_std
from l5tui.model.arrays import FloatArray
from l5tui.model.moments import TOO_LARGE_TO_SQUARE


@TOO_LARGE_TO_SQUARE
def mean_and_spread(values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the mean over realizations and the standard deviation between them, with the divisor n − 1.

    Parameters
    ----------
    values : ndarray, shape (realization, …)
        What is not finite is left out.

    Returns
    -------
    mean, spread : ndarray, shape (…)
        NaN where nothing is left, the spread also where that is a single realization.

    Examples
    --------
    >>> mean, spread = mean_and_spread(np.array([[1.0, 2.0], [3.0, np.nan]]))
    >>> mean.tolist()
    [2.0, 2.0]
    >>> spread.round(3).tolist()
    [1.414, nan]
    """
    finite = np.isfinite(values)
    kept = np.where(finite, values, np.nan)
    return defined_mean(kept, 0), defined_std(kept, 0)
