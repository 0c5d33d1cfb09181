"""Means and standard deviations of the values that are defined, without warnings."""

from __future__ import annotations

import numpy as np

from l5tui.config import measure_names
from l5tui.model.arrays import FloatArray
from l5tui.model.layout import Layout

STATISTICS = measure_names.STATISTICS
"""Mean over realizations, standard deviation of their means, and mean of their standard deviations."""


def ddof_of(variant: str) -> int:
    """Return the ddof of standard deviations, whose divisor is n − ddof: 1, in the original variant 0.

    The research code divides by n, which makes the spread of a few realizations too small: of two by 29 %.

    Parameters
    ----------
    variant : str
        ``original`` or ``corrected``.

    Returns
    -------
    int

    Examples
    --------
    >>> ddof_of("original"), ddof_of("corrected")
    (0, 1)
    """
    return 0 if variant == "original" else 1


def defined_mean(values: FloatArray, axis: int | tuple[int, ...]) -> FloatArray:
    """Return the mean over an axis of the values that are not NaN.

    Parameters
    ----------
    values : ndarray
    axis : int or tuple of int
        Axis to average over.

    Returns
    -------
    ndarray
        Shape of `values` without the axis; NaN if all values are NaN.

    Examples
    --------
    >>> defined_mean(np.array([[1.0, np.nan], [3.0, np.nan]]), 0).tolist()
    [2.0, nan]
    """
    defined = ~np.isnan(values)
    count = defined.sum(axis=axis)
    total = np.where(defined, values, 0.0).sum(axis=axis)
    mean: FloatArray = np.divide(total, count, out=np.full(np.shape(total), np.nan), where=count > 0)
    return mean


def defined_std(values: FloatArray, axis: int | tuple[int, ...], ddof: int = 1) -> FloatArray:
    """Return the standard deviation over an axis of the values that are not NaN.

    Parameters
    ----------
    values : ndarray
    axis : int or tuple of int
        Axis of the n values.
    ddof : int, optional
        The divisor is n − ddof.

    Returns
    -------
    ndarray
        Shape of `values` without the axis; NaN if n ≤ ddof.

    Examples
    --------
    >>> defined_std(np.array([1.0, 3.0, np.nan]), 0, ddof=0).item()
    1.0
    """
    count = (~np.isnan(values)).sum(axis=axis)
    mean = np.expand_dims(defined_mean(values, axis), axis)
    squares = np.nansum((values - mean) ** 2, axis=axis)
    variance = np.divide(squares, count - ddof, out=np.full(np.shape(squares), np.nan), where=count > ddof)
    deviation: FloatArray = np.sqrt(variance)
    return deviation


def sample_std(deviation: FloatArray, counts: FloatArray, ddof: int) -> FloatArray:
    """Convert standard deviations with the divisor n to ones with the divisor n − ddof.

    Parameters
    ----------
    deviation : ndarray, shape (…)
        Standard deviations with the divisor n.
    counts : ndarray
        The n of each, NaN where there is nothing; broadcast against `deviation`.
    ddof : int
        The new divisor is n − ddof.

    Returns
    -------
    ndarray, shape (…)
        NaN if n ≤ ddof.

    Examples
    --------
    >>> sample_std(np.array([1.0]), np.array([2.0]), ddof=1).round(3).tolist()
    [1.414]
    """
    left = np.where(counts > ddof, counts - ddof, np.nan)
    scaled: FloatArray = deviation * np.sqrt(counts / left)
    return scaled


def over_realizations(means: FloatArray, stds: FloatArray, ddof: int = 1) -> FloatArray:
    """Return the three statistics of a table over realizations.

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

    Examples
    --------
    >>> over_realizations(np.array([1.0, 3.0]), np.array([0.5, 0.7])).round(3).tolist()
    [2.0, 1.414, 0.6]
    """
    return np.stack([defined_mean(means, 0), defined_std(means, 0, ddof), defined_mean(stds, 0)])


def by_population(values: FloatArray, layout: Layout, ddof: int = 1) -> tuple[FloatArray, FloatArray]:
    """Return the mean and the standard deviation over the neurons of each population that have a value.

    Parameters
    ----------
    values : ndarray, shape (…, N)
        One value a neuron; NaN is left out.
    layout : Layout
        Sizes of the populations CS, CC, PV and SST, in the order of the neurons.
    ddof : int, optional
        Of the standard deviation.

    Returns
    -------
    means, stds : ndarray, shape (…, 4)
        NaN where nothing is left; one neuron has a mean, but no standard deviation.

    Examples
    --------
    >>> means, stds = by_population(np.array([1.0, 3.0, 5.0, 7.0]), Layout((2, 1, 1, 0)))
    >>> means.tolist()
    [2.0, 5.0, 7.0, nan]
    >>> stds.round(3).tolist()
    [1.414, nan, nan, nan]
    """
    slices = [layout.slice_of(index) for index in range(len(layout.sizes))]
    means = [defined_mean(values[..., neurons], -1) for neurons in slices]
    stds = [defined_std(values[..., neurons], -1, ddof) for neurons in slices]
    return np.stack(means, axis=-1), np.stack(stds, axis=-1)
