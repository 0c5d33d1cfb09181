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
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from l5tui.analysis.intervals import t_interval
from l5tui.analysis.statistics import by_population, defined_std, over_realizations
from l5tui.config import measure_names
from l5tui.model.arrays import BoolArray, FloatArray, IntArray
from l5tui.model.layout import Layout

MEASURES = measure_names.MEASURES
ACTIVE_RATE = 1e-4
"""Mean rate from which a neuron counts as active, in at least one direction."""


def turned(directions: Sequence[float], degrees: float) -> IntArray:
    """For each direction, the index of the one that is some degrees further, shape (direction,)."""
    angles = np.asarray(directions, dtype=float)
    distance = np.abs((angles[None, :] - angles[:, None] - degrees + 180) % 360 - 180)
    nearest: IntArray = np.argmin(distance, axis=1)
    return nearest


def neuron_measures(rates: FloatArray, directions: Sequence[float]) -> FloatArray:
    """Every measure of every neuron.

    Parameters
    ----------
    rates : ndarray, shape (…, direction, N)
        Mean rates; NaN where a simulation did not get to.
    directions : sequence of float
        In degrees; each with its opposite and both orthogonals.

    Returns
    -------
    ndarray, shape (6, …, N)
        In the order of `MEASURES`; a neuron that is active in no direction has a rate, but no selectivity.
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
    active = (rates >= ACTIVE_RATE).any(axis=-2)
    selective = [
        np.divide(above, below, out=np.full_like(above, np.nan), where=active & (below != 0))
        for above, below in pairs
    ]
    return np.stack([rates.mean(axis=-2), *selective])


def realization_means(
    rates: FloatArray, directions: Sequence[float], layout: Layout, drop_whole: bool, ddof: int = 1
) -> tuple[FloatArray, FloatArray]:
    """Every measure's mean and standard deviation within each realization.

    Parameters
    ----------
    rates : ndarray, shape (realization, …, direction, N)
    directions : sequence of float
    layout : Layout
    drop_whole : bool
        Drop a whole realization where one of its populations is off, as the research code did, instead of
        that population only.
    ddof : int, optional
        Of the standard deviations.

    Returns
    -------
    means, stds : ndarray, shape (6, realization, …, 4)
    """
    means, stds = by_population(neuron_measures(rates, directions), layout, ddof)
    # A rate is spread over directions as well as over neurons; selectivity is a neuron's own.
    stds[0] = rate_spread(rates, layout, ddof)
    if drop_whole:
        off = populations_off(rates, layout).any(axis=-1)
        means[:, off], stds[:, off] = np.nan, np.nan
    return means, stds


def rate_spread(rates: FloatArray, layout: Layout, ddof: int = 1) -> FloatArray:
    """Standard deviation of rates over the neurons of each population and all directions, shape (…, 4)."""
    slices = [layout.slice_of(index) for index in range(len(layout.sizes))]
    return np.stack([defined_std(rates[..., neurons], (-2, -1), ddof) for neurons in slices], axis=-1)


def populations_off(rates: FloatArray, layout: Layout) -> BoolArray:
    """Populations without an active neuron in each realization, shape (realization, …, 4).

    An empty population is not off, nor is one whose rates are not known.
    """
    active = layout.population_sums((rates >= ACTIVE_RATE).any(axis=-2).astype(float)) > 0
    known = np.isfinite(rates.sum(axis=(-2, -1)))[..., None]
    off: BoolArray = ~active & known & (np.asarray(layout.sizes) > 0)
    return off


def selectivity_table(means: FloatArray, stds: FloatArray, ddof: int = 1) -> FloatArray:
    """The three statistics of every measure, shape (6, 3, 4): measure, statistic, population."""
    return np.stack([over_realizations(mean, std, ddof) for mean, std in zip(means, stds, strict=True)])


def selectivity_intervals(means: FloatArray) -> FloatArray:
    """95 % Student t intervals over circuits of the vector measures' means.

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
