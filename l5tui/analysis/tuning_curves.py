"""Direction tuning: curves aligned to each neuron's preferred direction, and preferred directions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from l5tui.analysis.selectivity import ACTIVE_RATE
from l5tui.analysis.statistics import by_population
from l5tui.model.arrays import FloatArray, IntArray
from l5tui.model.layout import Layout

UNDEFINED = -1


def preferred_directions(rates: FloatArray) -> IntArray:
    """Return the index of the direction with each neuron's largest rate.

    Parameters
    ----------
    rates : ndarray, shape (…, direction, N)
        In a.u.

    Returns
    -------
    ndarray of int, shape (…, N)
        `UNDEFINED` for a neuron that is active in no direction, or whose rates are not known.

    Examples
    --------
    >>> preferred_directions(np.array([[0.1, 0.0], [0.8, 0.0], [0.1, 0.0], [0.4, 0.0]])).tolist()
    [1, -1]
    """
    defined = np.isfinite(rates).all(axis=-2) & (rates >= ACTIVE_RATE).any(axis=-2)
    preferred: IntArray = np.where(defined, np.argmax(rates, axis=-2), UNDEFINED)
    return preferred


def aligned_tuning(
    rates: FloatArray, directions: Sequence[float], layout: Layout
) -> tuple[FloatArray, FloatArray]:
    """Return the mean rate of each population by the angle from each neuron's own preferred direction.

    Parameters
    ----------
    rates : ndarray, shape (realization, direction, N)
        In a.u.
    directions : sequence of float
        In degrees.
    layout : Layout
        Sizes of the populations CS, CC, PV and SST, in the order of the neurons.

    Returns
    -------
    angles : ndarray, shape (n,)
        In degrees, ascending, from −180 on and below 180; as many as there are directions where these are
        evenly spaced.
    means : ndarray, shape (realization, n, 4)
        Over active neurons; NaN where there are none.
    """
    degrees = np.asarray(directions, dtype=float)
    relative = np.round((degrees[:, None] - degrees[None, :] + 180) % 360 - 180, 6)
    angles, place = np.unique(relative, return_inverse=True)
    place = place.reshape(relative.shape)
    realizations, _, neurons = rates.shape
    aligned = np.full((realizations, len(angles), neurons), np.nan)
    preferred = preferred_directions(rates)
    for index in range(len(degrees)):
        realization, neuron = np.nonzero(preferred == index)
        aligned[realization[:, None], place[:, index], neuron[:, None]] = rates[realization, :, neuron]
    return angles, by_population(aligned, layout)[0]


def preference_fractions(rates: FloatArray, layout: Layout) -> FloatArray:
    """Return the part of each population's active neurons that prefers each direction.

    Parameters
    ----------
    rates : ndarray, shape (realization, direction, N)
        In a.u.
    layout : Layout
        Sizes of the populations CS, CC, PV and SST, in the order of the neurons.

    Returns
    -------
    ndarray, shape (realization, direction, 4)
        Adds up to 1 over directions; NaN where no neuron is active.
    """
    preferred = preferred_directions(rates)[:, None, :]
    chosen = np.where(preferred == UNDEFINED, np.nan, preferred == np.arange(rates.shape[1])[:, None])
    return by_population(chosen, layout)[0]
