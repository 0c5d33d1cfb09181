"""Confidence intervals, effect sizes and tests of means over circuits.

The circuit (realization) is the unit of replication. The neurons of one circuit share its weights and its stimulus,
so they are no independent samples. ``make bench-intervals`` measures how often intervals cover the truth.

Sources: Student 1908, Biometrika 6:1; Holm 1979, Scand. J. Stat. 6:65; Cohen 1988, Statistical Power Analysis for the
Behavioral Sciences, chapter 2 (d_z).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from l5tui.model.arrays import FloatArray

LEVEL: Final = 0.95
FEWEST: Final = 3
"""Circuits below which there is no interval and no test."""
CONSTANT: Final = 1e-12
"""Standard deviation, relative to the mean, up to which values count as equal: rounding errors alone."""


@dataclass(frozen=True)
class MeanEstimate:
    """A mean over circuits with its interval.

    Parameters
    ----------
    mean : float
        NaN if no circuit has a value.
    low, high : float
        Bounds of the Student t interval at `LEVEL`; NaN for fewer than `FEWEST` circuits.
    n : int
        Circuits with a value.
    """

    mean: float
    low: float
    high: float
    n: int


def estimate_mean(values: FloatArray) -> MeanEstimate:
    """Return the mean over circuits, its Student t interval and the number of circuits.

    Parameters
    ----------
    values : ndarray, shape (realization,)
        One value a circuit; for paired data the difference within each circuit. NaN is left out.

    Returns
    -------
    MeanEstimate
        Mean, bounds of the interval and number of circuits with a value.

    Examples
    --------
    >>> estimate_mean(np.array([4.0, 4.0, np.nan]))
    MeanEstimate(mean=4.0, low=nan, high=nan, n=2)
    """
    low, high = t_interval(values)
    defined = values[~np.isnan(values)]
    mean = float(defined.mean()) if len(defined) else math.nan
    return MeanEstimate(mean, float(low), float(high), len(defined))


def t_interval(values: FloatArray, axis: int = -1, level: float = LEVEL) -> tuple[FloatArray, FloatArray]:
    """Return the Student t interval of a mean over circuits.

    Parameters
    ----------
    values : ndarray
        NaN is left out.
    axis : int, optional
        Axis of the circuits.
    level : float, optional
        Nominal coverage.

    Returns
    -------
    low, high : ndarray
        Shape of `values` without the axis; NaN for fewer than `FEWEST` circuits.

    Examples
    --------
    >>> low, high = t_interval(np.array([1.0, 2.0, 3.0]))
    >>> round(float(low), 2), round(float(high), 2)
    (-0.48, 4.48)
    """
    from scipy.special import stdtrit

    mean, spread, count = _moments(values, axis)
    enough = count >= FEWEST
    freedom = np.where(enough, count - 1, 1)
    half = stdtrit(freedom, (1 + level) / 2) * spread / np.sqrt(freedom + 1)
    half = np.where(enough, half, np.nan)
    return mean - half, mean + half


def effect_size(differences: FloatArray) -> float:
    """Return Cohen's d_z: the mean paired difference in units of the differences' standard deviation.

    Parameters
    ----------
    differences : ndarray, shape (realization,)
        NaN is left out.

    Returns
    -------
    float
        NaN for fewer than `FEWEST` circuits, or if the differences do not vary.

    Examples
    --------
    >>> effect_size(np.array([1.0, 2.0, 3.0]))
    2.0
    """
    size, _ = _standardized(differences)
    return size


def t_test(differences: FloatArray) -> float:
    """Return the two-sided p-value of the paired t test against a mean difference of zero.

    Parameters
    ----------
    differences : ndarray, shape (realization,)
        One paired difference a circuit; NaN is left out.

    Returns
    -------
    float
        NaN for fewer than `FEWEST` circuits, or if the differences do not vary.

    Examples
    --------
    >>> round(t_test(np.array([1.0, 2.0, 3.0])), 3)
    0.074
    """
    from scipy.special import stdtr

    size, count = _standardized(differences)
    return math.nan if math.isnan(size) else float(2 * stdtr(count - 1, -abs(size) * math.sqrt(count)))


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjust p-values of several tests by Holm's step-down method, which bounds the family-wise error.

    Parameters
    ----------
    p_values : sequence of float
        Of one family of tests; NaN is no test and stays NaN.

    Returns
    -------
    list of float
        In the given order.

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    tests = sorted((p, place) for place, p in enumerate(p_values) if not math.isnan(p))
    adjusted = [math.nan] * len(p_values)
    largest = 0.0
    for rank, (p, place) in enumerate(tests):
        largest = max(largest, min(1.0, (len(tests) - rank) * p))
        adjusted[place] = largest
    return adjusted


def _standardized(differences: FloatArray) -> tuple[float, int]:
    """Mean in units of the standard deviation, and the number of values."""
    mean, spread, count = (each.item() for each in _moments(differences, -1))
    return (mean / spread if count >= FEWEST and spread > CONSTANT * abs(mean) else math.nan), int(count)


def _moments(values: FloatArray, axis: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Mean, sample standard deviation (divisor n − 1) and count of the values that are not NaN."""
    defined = ~np.isnan(values)
    count = defined.sum(axis=axis, keepdims=True)
    total = np.where(defined, values, 0.0).sum(axis=axis, keepdims=True)
    mean = np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0)
    squares = np.where(defined, values - mean, 0.0) ** 2
    variance = squares.sum(axis=axis, keepdims=True) / np.maximum(count - 1, 1)
    spread = np.where(count > 1, np.sqrt(variance), np.nan)
    return mean.squeeze(axis), spread.squeeze(axis), count.squeeze(axis)
