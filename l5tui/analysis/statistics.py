"""Means and standard deviations that leave out what is not defined, without a warning."""

from __future__ import annotations

import numpy as np

from l5tui.config import measure_names
from l5tui.model.arrays import FloatArray
from l5tui.model.layout import Layout

STATISTICS = measure_names.STATISTICS
"""Mean over realizations, standard deviation of their means, and mean of their standard deviations."""


def ddof_of(variant: str) -> int:
    """Return what standard deviations subtract from the number of values: 1, in the original variant 0.

    The research code divides by n, which makes the spread of a few realizations too small: of two by 29 %.
    """
    return 0 if variant == "original" else 1


def defined_mean(values: FloatArray, axis: int | tuple[int, ...]) -> FloatArray:
    """Mean over an axis of what is not NaN; NaN where nothing is left."""
    defined = ~np.isnan(values)
    count = defined.sum(axis=axis)
    total = np.where(defined, values, 0.0).sum(axis=axis)
    mean: FloatArray = np.divide(total, count, out=np.full(np.shape(total), np.nan), where=count > 0)
    return mean


def defined_std(values: FloatArray, axis: int | tuple[int, ...], ddof: int = 1) -> FloatArray:
    """Standard deviation over an axis of what is not NaN, with the divisor n − ddof; NaN where n ≤ ddof."""
    count = (~np.isnan(values)).sum(axis=axis)
    mean = np.expand_dims(defined_mean(values, axis), axis)
    squares = np.nansum((values - mean) ** 2, axis=axis)
    variance = np.divide(squares, count - ddof, out=np.full(np.shape(squares), np.nan), where=count > ddof)
    deviation: FloatArray = np.sqrt(variance)
    return deviation


def sample_std(deviation: FloatArray, counts: FloatArray, ddof: int) -> FloatArray:
    """Turn standard deviations that divide by n into ones that divide by n − ddof; NaN where n ≤ ddof.

    Parameters
    ----------
    deviation : ndarray, shape (…)
    counts : ndarray
        The n of each, NaN where there is nothing; broadcast against `deviation`.
    ddof : int
    """
    left = np.where(counts > ddof, counts - ddof, np.nan)
    scaled: FloatArray = deviation * np.sqrt(counts / left)
    return scaled


def over_realizations(means: FloatArray, stds: FloatArray, ddof: int = 1) -> FloatArray:
    """The three statistics of a table.

    Parameters
    ----------
    means, stds : ndarray, shape (realization, …)
        Mean and standard deviation within each realization.
    ddof : int, optional
        Of the standard deviation of the means; of one realization there is none.

    Returns
    -------
    ndarray, shape (3, …)
        In the order of `STATISTICS`.
    """
    return np.stack([defined_mean(means, 0), defined_std(means, 0, ddof), defined_mean(stds, 0)])


def by_population(values: FloatArray, layout: Layout, ddof: int = 1) -> tuple[FloatArray, FloatArray]:
    """Mean and standard deviation over the neurons of each population that have a value.

    Parameters
    ----------
    values : ndarray, shape (…, N)
    layout : Layout
    ddof : int, optional
        Of the standard deviation.

    Returns
    -------
    means, stds : ndarray, shape (…, 4)
        NaN where nothing is left; one neuron has a mean, but no standard deviation.
    """
    slices = [layout.slice_of(index) for index in range(len(layout.sizes))]
    means = [defined_mean(values[..., neurons], -1) for neurons in slices]
    stds = [defined_std(values[..., neurons], -1, ddof) for neurons in slices]
    return np.stack(means, axis=-1), np.stack(stds, axis=-1)
