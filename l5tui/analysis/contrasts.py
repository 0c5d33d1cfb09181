"""Two contrasts between CS and CC cells: of the means over circuits, and the mean over circuits of each one's contrast.

They differ, as a quotient of means is not the mean of quotients. ``contrast_DS`` is the first, ``mean_contrast_DS`` the
second, which has an interval over circuits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from l5tui.analysis.intervals import estimate_mean
from l5tui.config import POPULATIONS, measure_names
from l5tui.model.arrays import FloatArray

CONTRASTS = measure_names.CONTRASTS
COMPARED = ("CS", "CC")
SMALLEST_SUM = 1e-3
"""Sum of two indices below which their contrast is not defined, as it would be a quotient of rounding errors."""


def contrast(cs: FloatArray, cc: FloatArray) -> FloatArray:
    """Return (x_CS − x_CC)/(x_CS + x_CC), from −1 to 1.

    Parameters
    ----------
    cs, cc : ndarray
        Selectivity of CS and of CC cells.

    Returns
    -------
    ndarray
        NaN where a value is negative or not defined, or their sum is below `SMALLEST_SUM`.

    Notes
    -----
    Values of single circuits give one contrast a circuit, the unit of replication.

    Examples
    --------
    >>> contrast(np.array([0.6, 0.0]), np.array([0.2, 0.0])).tolist()
    [0.49999999999999994, nan]
    """
    total = cs + cc
    defined = (cs >= 0) & (cc >= 0) & (total >= SMALLEST_SUM)
    quotient: FloatArray = np.divide(cs - cc, total, out=np.full(np.shape(total), np.nan), where=defined)
    return quotient


def summary_contrasts(means: FloatArray, circuits: FloatArray) -> dict[str, float]:
    """Return the contrasts after learning for a run's summary.

    Parameters
    ----------
    means : ndarray, shape (6, 4)
        Means over circuits: measure, population.
    circuits : ndarray, shape (6, realization, 4)
        Means of each circuit.

    Returns
    -------
    dict of str to float
        ``contrast_<measure>``, the contrast of the means, and ``mean_contrast_<measure>``, the mean of the circuits'
        contrasts, with the bounds ``_low`` and ``_high`` of its interval and the number ``_n`` of circuits.
    """
    cs, cc = (POPULATIONS.index(name) for name in COMPARED)
    rows = {name: measure_names.MEASURES.index(name) for name in CONTRASTS}
    summary = {
        f"contrast_{name}": float(contrast(means[row, cs], means[row, cc])) for name, row in rows.items()
    }
    for name, row in rows.items():
        estimate = estimate_mean(contrast(circuits[row, :, cs], circuits[row, :, cc]))
        summary[f"mean_contrast_{name}"] = estimate.mean
        summary[f"mean_contrast_{name}_low"] = estimate.low
        summary[f"mean_contrast_{name}_high"] = estimate.high
        summary[f"mean_contrast_{name}_n"] = estimate.n
    return summary


def with_contrasts_of_means(circuits: Sequence[Mapping[str, float]]) -> list[dict[str, float]]:
    """Replace each circuit's ``summary/contrast_…`` by its linear part in the contrast of the means over circuits.

    The mean over circuits of what is returned is exactly the contrast of the means, and its standard error is that of
    the delta method, so that a likelihood of means over circuits holds for this contrast too.

    Parameters
    ----------
    circuits : sequence of mapping of str to float
        Measures of single circuits by their names.

    Returns
    -------
    list of dict of str to float
        The measures of each circuit, with the replaced contrasts.
    """
    replaced = [dict(each) for each in circuits]
    for name in CONTRASTS:
        key = f"summary/contrast_{name}"
        x, y = (
            np.array([each.get(f"after/{name}.{population}", np.nan) for each in circuits])
            for population in COMPARED
        )
        if not len(x):
            continue
        a, b = x.mean(), y.mean()
        middle = float(contrast(a, b))
        # The gradient of (a − b)/(a + b) is 2 (b, −a)/(a + b)²; at the means themselves it contributes nothing.
        slopes = 2 * (b * x - a * y) / (a + b) ** 2 if np.isfinite(middle) else np.full(len(x), np.nan)
        for each, slope in zip(replaced, slopes, strict=True):
            if key in each:
                each[key] = middle + float(slope)
    return replaced
