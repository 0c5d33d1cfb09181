"""Orientation and direction selectivity of single neurons.

=======  ==============================================================================
measure  definition
=======  ==============================================================================
OS       (o − q)/(o + q), o the mean of the preferred and the opposite direction's rate,
         q the mean of both orthogonal ones
DS       (p − n)/(p + n), p the preferred and n the opposite direction's rate
OS_p     (p − q)/(p + q)
OS_vector, DS_vector
         length of the mean vector over doubled and single angles (Mazurek, Kager &
         Van Hooser 2014, Front. Neural Circuits 8:92)
=======  ==============================================================================

OS_vector is 1 − circular variance (Ringach, Shapley & Hawken 2002, J. Neurosci. 22:5639).
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from types import ModuleType
from typing import TYPE_CHECKING

import numpy as np

from l5tui.analysis.intervals import t_interval
from l5tui.analysis.statistics import by_population, defined_std, over_realizations
from l5tui.config import measure_names
from l5tui.config.directions import direction_faults
from l5tui.errors import ConfigError
from l5tui.model.arrays import BoolArray, FloatArray, IntArray
from l5tui.model.layout import Layout

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

MEASURES = measure_names.MEASURES
ACTIVE_RATE = 1e-4
"""Distance of a mean rate from the floor of the transfer function from which a neuron responds, in a.u."""

LOWEST = {"OS": -1.0, "OS_p": -1.0, "DS": 0.0, "OS_vector": 0.0, "DS_vector": 0.0}
"""Smallest value of each index; the largest is 1."""

ROUNDING = 1e-9


def selectivity(rates: ArrayLike, directions: Sequence[float]) -> dict[str, FloatArray]:
    """Return the mean rate and the selectivity of every neuron.

    Parameters
    ----------
    rates : array_like, shape (…, direction, N)
        Mean rates, in the model's own unit.
    directions : sequence of float
        Directions of motion in degrees; each with its opposite and both orthogonal ones.

    Returns
    -------
    dict of str to ndarray, shape (…, N)
        ``rate`` in the unit of `rates`, and the indices ``OS``, ``DS``, ``OS_p``, ``OS_vector`` and ``DS_vector``, at
        most 1. Indices are NaN where a neuron is silent in all directions, or its response in one is negative.

    Raises
    ------
    ConfigError
        If a direction is repeated or lacks its opposite or an orthogonal one.
    ValueError
        If `rates` does not have one row for each direction.

    Examples
    --------
    One neuron that responds most to 90°, and half as much to 270°:

    >>> from l5tui.analysis import selectivity
    >>> found = selectivity([[0.1], [0.8], [0.1], [0.4]], directions=[0, 90, 180, 270])
    >>> round(float(found["DS"][0]), 3)
    0.333
    >>> round(float(found["OS"][0]), 3)
    0.714
    """
    values = np.asarray(rates, dtype=float)
    if values.ndim < 2 or values.shape[-2] != len(directions):
        raise ValueError(
            f"rates: shape {values.shape}, expected (…, direction, N) with {len(directions)} directions"
        )
    if faults := direction_faults(directions):
        raise ConfigError(faults)
    return dict(zip(MEASURES, neuron_measures(values, directions), strict=True))


def turned(directions: Sequence[float], degrees: float) -> IntArray:
    """Return, for each direction, the index of the direction that is some degrees further.

    Parameters
    ----------
    directions : sequence of float
        Directions of motion, in degrees.
    degrees : float
        Angle to add, in degrees.

    Returns
    -------
    ndarray of int, shape (direction,)
        Index of the nearest direction.

    Examples
    --------
    >>> turned([0, 90, 180, 270], 90).tolist()
    [1, 2, 3, 0]
    """
    angles = np.asarray(directions, dtype=float)
    distance = np.abs((angles[None, :] - angles[:, None] - degrees + 180) % 360 - 180)
    nearest: IntArray = np.argmin(distance, axis=1)
    return nearest


def neuron_measures(rates: FloatArray, directions: Sequence[float]) -> FloatArray:
    """Return every measure of every neuron.

    Parameters
    ----------
    rates : ndarray, shape (…, direction, N)
        Mean rates, in a.u.; NaN for directions that were not simulated to the end.
    directions : sequence of float
        In degrees; each with its opposite and both orthogonals.

    Returns
    -------
    ndarray, shape (6, …, N)
        In the order of `MEASURES`. A neuron that is active in no direction, or whose response in one is negative, has
        a rate, but no selectivity.

    Notes
    -----
    Of responses that are not negative and one of which is at least `ACTIVE_RATE`, every sum in a denominator is at
    least half of `ACTIVE_RATE`. The indices then lie within their bounds, which is asserted.

    References
    ----------
    Ringach, Shapley & Hawken 2002, J. Neurosci. 22:5639 (OS_vector is 1 − circular variance); Mazurek, Kager
    & Van Hooser 2014, Front. Neural Circuits 8:92 (vector measures).

    Examples
    --------
    >>> rates = np.array([[0.1], [0.8], [0.1], [0.4]])
    >>> dict(zip(MEASURES, neuron_measures(rates, [0, 90, 180, 270])[:, 0].round(3).tolist(), strict=True))
    {'rate': 0.35, 'OS': 0.714, 'DS': 0.333, 'OS_p': 0.778, 'OS_vector': 0.714, 'DS_vector': 0.286}
    """
    preferred = np.argmax(rates, axis=-2)

    def response(degrees: float) -> FloatArray:
        index = turned(directions, degrees)[preferred]
        return np.take_along_axis(rates, index[..., None, :], axis=-2)[..., 0, :]

    p, n, q = response(0), response(180), (response(90) + response(270)) / 2
    o = (p + n) / 2
    angles = np.deg2rad(np.asarray(directions, dtype=float))[:, None]
    total = rates.sum(axis=-2)
    vectors = [np.abs((rates * np.exp(1j * turns * angles)).sum(axis=-2)) for turns in (2, 1)]
    pairs = [(o - q, o + q), (p - n, p + n), (p - q, p + q), *((length, total) for length in vectors)]
    active = (rates >= ACTIVE_RATE).any(axis=-2) & (rates >= 0).all(axis=-2)
    selective = [
        np.divide(above, below, out=np.full_like(above, np.nan), where=active) for above, below in pairs
    ]
    for name, values in zip(MEASURES[1:], selective, strict=True):
        lowest = LOWEST.get(name, -np.inf)
        assert not ((values < lowest - ROUNDING) | (values > 1 + ROUNDING)).any(), f"{name} is out of range"
    return np.stack([rates.mean(axis=-2), *selective])


def realization_means(
    rates: FloatArray,
    directions: Sequence[float],
    layout: Layout,
    drop_whole: bool,
    ddof: int = 1,
    floor: float = 0.0,
) -> tuple[FloatArray, FloatArray]:
    """Return every measure's mean and standard deviation within each realization.

    Parameters
    ----------
    rates : ndarray, shape (realization, …, direction, N)
        Mean rates, in a.u.
    directions : sequence of float
        Directions of motion, in degrees.
    layout : Layout
        Sizes of the populations CS, CC, PV and SST, in the order of the neurons.
    drop_whole : bool
        Drop a whole realization where one of its populations is off, as the research code did, instead of
        that population only.
    ddof : int, optional
        Of the standard deviations.
    floor : float, optional
        Of the transfer function.

    Returns
    -------
    means, stds : ndarray, shape (6, realization, …, 4)
        NaN for the indices of a population that is off, or in which the response of a neuron is negative: a mean over
        the neurons that are left would be one over a selection.

    Notes
    -----
    The realization is the unit of replication: neurons of a realization share weights and stimulus.
    """
    means, stds = by_population(neuron_measures(rates, directions), layout, ddof)
    # A rate is spread over directions as well as over neurons; selectivity is a neuron's own.
    stds[0] = rate_spread(rates, layout, ddof)
    negative = layout.population_sums((rates < 0).any(axis=-2).astype(float)) > 0
    undefined = negative | (~np.bool_(drop_whole) & populations_off(rates, layout, floor))
    means[1:, undefined], stds[1:, undefined] = np.nan, np.nan
    if drop_whole:
        off = populations_off(rates, layout).any(axis=-1)
        means[:, off], stds[:, off] = np.nan, np.nan
    return means, stds


def rate_spread(rates: FloatArray, layout: Layout, ddof: int = 1) -> FloatArray:
    """Return the standard deviation of rates over the neurons of each population and all directions.

    Parameters
    ----------
    rates : ndarray, shape (…, direction, N)
        In a.u.
    layout : Layout
        Sizes of the populations CS, CC, PV and SST, in the order of the neurons.
    ddof : int, optional
        The divisor is n − ddof.

    Returns
    -------
    ndarray, shape (…, 4)
        In a.u.; NaN for a population with too few values.
    """
    slices = [layout.slice_of(index) for index in range(len(layout.sizes))]
    return np.stack([defined_std(rates[..., neurons], (-2, -1), ddof) for neurons in slices], axis=-1)


def populations_off(rates: FloatArray, layout: Layout, floor: float = 0.0) -> BoolArray:
    """Return the populations of each realization in which no neuron responds.

    A neuron responds where its mean rate is `ACTIVE_RATE` above the floor of the transfer function in some direction.
    An empty population is not off, nor is one whose rates are not known. The research code compares with `ACTIVE_RATE`
    itself, whatever the floor.

    Parameters
    ----------
    rates : ndarray, shape (realization, …, direction, N)
        In a.u.
    layout : Layout
        Sizes of the populations CS, CC, PV and SST, in the order of the neurons.
    floor : float, optional
        Floor of the transfer function, in a.u.

    Returns
    -------
    ndarray of bool, shape (realization, …, 4)

    Examples
    --------
    >>> populations_off(np.array([[[0.0, 0.5, 0.0]]]), Layout((1, 1, 1, 0))).tolist()
    [[True, False, True, False]]
    """
    responding = (rates >= floor + ACTIVE_RATE).any(axis=-2)
    active = layout.population_sums(responding.astype(float)) > 0
    known = np.isfinite(rates.sum(axis=(-2, -1)))[..., None]
    off: BoolArray = ~active & known & (np.asarray(layout.sizes) > 0)
    return off


def selectivity_table(means: FloatArray, stds: FloatArray, ddof: int = 1) -> FloatArray:
    """Return the three statistics of every measure.

    Parameters
    ----------
    means, stds : ndarray, shape (6, realization, …, 4)
        As `realization_means` returns them.
    ddof : int, optional
        The standard deviation of the means divides by n − ddof, n the number of realizations.

    Returns
    -------
    ndarray, shape (6, 3, …, 4)
        Measure, statistic, population; statistics in the order of `STATISTICS`.
    """
    return np.stack([over_realizations(mean, std, ddof) for mean, std in zip(means, stds, strict=True)])


def selectivity_intervals(means: FloatArray) -> FloatArray:
    """Return 95 % Student t intervals over circuits of the vector measures' means.

    Parameters
    ----------
    means : ndarray, shape (6, realization, 4)
        As `realization_means` returns them.

    Returns
    -------
    ndarray, shape (2, 2, 4)
        Measure (OS_vector, DS_vector), bound (low, high), population; NaN for fewer than three circuits.
    """
    return np.stack(t_interval(means[-2:], axis=1), axis=1)


class _CallableModule(ModuleType):
    """A module that is called as its function, which has the same name in `l5tui.analysis`."""

    def __call__(self, rates: ArrayLike, directions: Sequence[float]) -> dict[str, FloatArray]:
        return selectivity(rates, directions)


sys.modules[__name__].__class__ = _CallableModule
