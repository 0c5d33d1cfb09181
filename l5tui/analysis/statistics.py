"""Means and standard deviations that leave out what is not defined, without a warning."""

from __future__ import annotations

import numpy as np

from l5tui.config import measure_names
from l5tui.model.arrays import FloatArray
from l5tui.model.layout import Layout

STATISTICS = measure_names.STATISTICS
"""Mean over realizations, standard deviation of their means, and mean of their standard deviations."""


def defined_mean(values: FloatArray, axis: int | tuple[int, ...]) -> FloatArray:
    """Mean over an axis of what is not NaN; NaN where nothing is left."""
    defined = ~np.isnan(values)
    count = defined.sum(axis=axis)
    total = np.where(defined, values, 0.0).sum(axis=axis)
    mean: FloatArray = np.divide(total, count, out=np.full(np.shape(total), np.nan), where=count > 0)
    return mean


def defined_std(values: FloatArray, axis: int | tuple[int, ...]) -> FloatArray:
    """Standard deviation over an axis of what is not NaN; NaN where nothing is left."""
    mean = np.expand_dims(defined_mean(values, axis), axis)
    return np.sqrt(defined_mean((values - mean) ** 2, axis))


def over_realizations(means: FloatArray, stds: FloatArray) -> FloatArray:
    """The three statistics of a table.

    Parameters
    ----------
    means, stds : ndarray, shape (realization, …)
        Mean and standard deviation within each realization.

    Returns
    -------
    ndarray, shape (3, …)
        In the order of `STATISTICS`.
    """
    return np.stack([defined_mean(means, 0), defined_std(means, 0), defined_mean(stds, 0)])


def by_population(values: FloatArray, layout: Layout) -> tuple[FloatArray, FloatArray]:
    """Mean and standard deviation over the neurons of each population that have a value.

    Parameters
    ----------
    values : ndarray, shape (…, N)
    layout : Layout

    Returns
    -------
    means, stds : ndarray, shape (…, 4)
    """
    slices = [layout.slice_of(index) for index in range(len(layout.sizes))]
    means = [defined_mean(values[..., neurons], -1) for neurons in slices]
    stds = [defined_std(values[..., neurons], -1) for neurons in slices]
    return np.stack(means, axis=-1), np.stack(stds, axis=-1)
