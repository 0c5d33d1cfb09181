"""Counts of the cells behind a mean: contributing, silent, at the floor or the ceiling of the transfer function."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from l5tui.analysis.selectivity import ACTIVE_RATE, neuron_measures
from l5tui.config.measure_names import CELL_COUNTS, INDICES
from l5tui.model.arrays import FloatArray
from l5tui.model.transfer import MAX_RATE, MIN_RATE

if TYPE_CHECKING:
    from l5tui.config import Experiment
    from l5tui.config.network import Network
    from l5tui.model.layout import Layout

AT_CEILING = 0.99
"""Share of the ceiling of the transfer function from which a mean rate counts as at the ceiling."""


def transfer_range(network: Network) -> tuple[float, float]:
    """Return the smallest and the largest rate that the transfer function of a network gives.

    Parameters
    ----------
    network : Network
        Network of the experiment.

    Returns
    -------
    low, high : float
        In the model's rate unit (a.u.).

    Examples
    --------
    >>> from l5tui.config.network import Network
    >>> transfer_range(Network(transfer="tanh"))
    (-1.0, 1.0)
    """
    if network.transfer == "sigmoid":
        return 0.0, 1.0
    if network.transfer == "tanh":
        return -1.0, 1.0
    return (MIN_RATE if network.gamma == 1 else 0.0), MAX_RATE


def silence_level(network: Network) -> float:
    """Return the rate below which a neuron is silent: `ACTIVE_RATE` above the floor of its transfer function.

    Rates of ``tanh`` rest at 0, not at the floor of −1.

    Parameters
    ----------
    network : Network
        Network of the experiment.

    Returns
    -------
    float
        In the model's rate unit (a.u.).

    Examples
    --------
    >>> from l5tui.config.network import Network
    >>> silence_level(Network(transfer="tanh"))
    0.0001
    """
    return _rest(network) + ACTIVE_RATE


def floor_of(experiment: Experiment) -> float:
    """Return the floor that silence is relative to; 0 in the original variant, whose threshold has none.

    Parameters
    ----------
    experiment : Experiment
        Experiment of the run.

    Returns
    -------
    float
        In the model's rate unit (a.u.).
    """
    return 0.0 if experiment.variant == "original" else _rest(experiment.network)


def _rest(network: Network) -> float:
    return max(transfer_range(network)[0], 0.0)


def cell_counts(
    rates: FloatArray, directions: Sequence[float], layout: Layout, network: Network
) -> FloatArray:
    """Count the cells behind the means of each realization.

    Parameters
    ----------
    rates : ndarray, shape (realization, direction, N)
        Mean rates; NaN where a realization has none.
    directions : sequence of float
        Directions of motion, in degrees.
    layout : Layout
        Sizes of the populations CS, CC, PV and SST, in the order of the neurons.
    network : Network
        Network of the experiment.

    Returns
    -------
    ndarray, shape (len(CELL_COUNTS), realization, 4)
        In the order of `l5tui.config.measure_names.CELL_COUNTS`. A realization without rates has no cells.
    """
    known = np.isfinite(rates).all(axis=-2)
    low, high = silence_level(network), AT_CEILING * transfer_range(network)[1]
    quantities: dict[str, Any] = {
        "neurons": known,
        "silent": known & (rates < low).all(axis=-2),
        "negative": known & (rates < 0).any(axis=-2),
        "at_floor": ((rates < low) & (rates >= 0)).sum(axis=-2),
        "at_ceiling": (rates >= high).sum(axis=-2),
        "responses": np.isfinite(rates).sum(axis=-2),
    }
    indices = neuron_measures(rates, directions)[1:]
    quantities |= {f"n_{name}": ~np.isnan(values) for name, values in zip(INDICES, indices, strict=True)}
    counted = [layout.population_sums(np.asarray(quantities[name], dtype=float)) for name in CELL_COUNTS]
    return np.stack(counted)
