"""Distribution of rates: density of the rates of active neurons, and fraction of silent neurons."""

from __future__ import annotations

import numpy as np

from l5tui.analysis.selectivity import ACTIVE_RATE
from l5tui.analysis.statistics import by_population
from l5tui.model.arrays import FloatArray
from l5tui.model.layout import Layout

NARROWEST = 0.05
"""Smallest width of a kernel, in decades, as many neurons have exactly the lowest rate."""

BINS = 512
"""Number of bins of the histogram that is smoothed."""

MARGIN = 0.5
"""Room beyond the lowest and the highest rate, in decades."""


def log_rate_density(rates: FloatArray, at: FloatArray) -> FloatArray:
    """Return the Gaussian kernel density of the decimal logarithm of rates, with Scott's width.

    Parameters
    ----------
    rates : ndarray
        Of any shape; rates below `ACTIVE_RATE`, which count as silent, are left out, as are undefined ones.
    at : ndarray, shape (n,)
        Decimal logarithms of rates at which the density is wanted.

    Returns
    -------
    ndarray, shape (n,)
        Per decade; its integral is 1. NaN where there is no rate.

    References
    ----------
    Scott 1992, Multivariate Density Estimation, Wiley (kernel width σ n^(−1/5)).
    """
    values = np.log10(rates[np.isfinite(rates) & (rates >= ACTIVE_RATE)])
    if not values.size:
        return np.full(len(at), np.nan)
    width = max(float(values.std(ddof=1)) * values.size**-0.2 if values.size > 1 else 0.0, NARROWEST)
    # Sorted into cells a fraction of a kernel wide, so that the effort does not grow with the number of neurons.
    cells = max(BINS, int(8 * np.ptp(values) / width) + 1)
    counts, edges = np.histogram(values, cells, (values.min() - width / 16, values.max() + width / 16))
    middles = (edges[1:] + edges[:-1]) / 2
    distance = (at[:, None] - middles[counts > 0]) / width
    kernels = np.exp(-(np.clip(distance, -40.0, 40.0) ** 2) / 2) / (width * np.sqrt(2 * np.pi))
    density: FloatArray = kernels @ counts[counts > 0] / values.size
    return density


def log_rate_range(rates: FloatArray) -> tuple[float, float] | None:
    """Return the range of decimal logarithms in which a density of rates is drawn.

    Parameters
    ----------
    rates : ndarray
        Of any shape, in a.u.

    Returns
    -------
    low, high : float
        Half a decade beyond the lowest and the highest rate; None if every neuron is silent.
    """
    active = rates[np.isfinite(rates) & (rates >= ACTIVE_RATE)]
    if not active.size:
        return None
    low, high = np.log10([active.min(), active.max()])
    return float(low - MARGIN), float(high + MARGIN)


def silent_fraction(rates: FloatArray, layout: Layout) -> FloatArray:
    """Return the part of each population's neurons whose rate is below `ACTIVE_RATE`.

    Parameters
    ----------
    rates : ndarray, shape (…, N)
    layout : Layout
        Sizes of the populations CS, CC, PV and SST, in the order of the neurons.

    Returns
    -------
    ndarray, shape (…, 4)
        NaN where a population is empty or its rates are not known.

    Examples
    --------
    >>> silent_fraction(np.array([0.0, 0.5, 0.5, 0.0]), Layout((2, 1, 1, 0))).tolist()
    [0.5, 0.0, 1.0, nan]
    """
    silent = np.where(np.isfinite(rates), (rates < ACTIVE_RATE).astype(float), np.nan)
    return by_population(silent, layout)[0]
