"""Means and standard deviations over populations and over blocks of weights."""

from __future__ import annotations

import numpy as np

from l5tui.model.arrays import FloatArray
from l5tui.model.layout import Layout

LEAST_SHARE = 1e-4
"""Variance, as a share of the mean square, below which the difference of squares has lost four digits and more."""

TOO_LARGE_TO_SQUARE = np.errstate(over="ignore", invalid="ignore")
"""For statistics of weights that run away: their spread is infinite, which is no reason to warn."""


def population_moments(values: FloatArray, layout: Layout) -> tuple[FloatArray, FloatArray]:
    """Mean and standard deviation over the neurons of each population.

    Parameters
    ----------
    values : ndarray, shape (…, N)
    layout : Layout

    Returns
    -------
    mean, std : ndarray, shape (…, 4)
        NaN where a population is empty.
    """
    mean = layout.population_sums(values) / layout.counts
    deviation = values - mean[..., layout.population]
    return mean, np.sqrt(layout.population_sums(deviation**2) / layout.counts)


@TOO_LARGE_TO_SQUARE
def block_moments(weights: FloatArray, layout: Layout) -> tuple[FloatArray, FloatArray]:
    """Mean and standard deviation over all pairs of each block.

    Parameters
    ----------
    weights : ndarray, shape (N, N)
        ``[post, pre]``.
    layout : Layout

    Returns
    -------
    mean, std : ndarray, shape (4, 4)
        ``[post, pre]``; NaN where a population is empty.
    """
    mean = layout.block_sums(weights) / layout.pairs
    deviation = weights - mean[np.ix_(layout.population, layout.population)]
    return mean, np.sqrt(layout.block_sums(deviation**2) / layout.pairs)


@TOO_LARGE_TO_SQUARE
def moments_of_sums(sums: FloatArray, layout: Layout) -> tuple[FloatArray, FloatArray]:
    """Mean and standard deviation over all pairs of each block, from sums and sums of squares.

    Parameters
    ----------
    sums : ndarray, shape (2, 4, 4)
    layout : Layout

    Returns
    -------
    mean, std : ndarray, shape (4, 4)
        ``[post, pre]``; NaN where a population is empty.
    """
    mean, square = sums / layout.pairs
    # Rounding can make the variance of equal weights a little negative; see `loses_digits`.
    return mean, np.sqrt(np.where(np.isnan(mean), np.nan, np.maximum(square - mean**2, 0.0)))


@TOO_LARGE_TO_SQUARE
def loses_digits(sums: FloatArray, start: FloatArray, layout: Layout) -> bool:
    """Whether a variance cannot be had from sums of squares, as the mean's square is nearly all of them.

    Parameters
    ----------
    sums : ndarray, shape (2, 4, 4)
        Sums and sums of squares over blocks of W.
    start : ndarray, shape (2, 4, 4)
        Those of W(0): where changes cancel it, the terms of the sums are as large as its squares.
    layout : Layout

    Returns
    -------
    bool
    """
    mean, square = sums / layout.pairs
    scale = np.maximum(square, start[1] / layout.pairs)
    # A block of one pair has no spread at all, and one of zeros nothing to lose.
    return bool(((square - mean**2 < LEAST_SHARE * scale) & (scale > 0) & (layout.pairs > 1)).any())
