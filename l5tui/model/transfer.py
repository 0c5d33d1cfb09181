"""Transfer functions: from a neuron's input to the rate that it settles at."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from l5tui.config.network import Network
from l5tui.model.arrays import FloatArray

Transfer: TypeAlias = Callable[[FloatArray], FloatArray]

MIN_RATE = 0.01
"""Floor of the linear transfer function."""

MAX_RATE = 500.0
"""Ceiling of the supralinear transfer function."""


def transfer_function(network: Network) -> Transfer:
    """Return the transfer function f of a network; NaN stays NaN.

    supralinear: min(max(x, 0)^γ, 500), and for γ = 1 min(max(x, 0.01), 500); sigmoid: 1/(1 + e^−x);
    tanh: tanh x.

    The supralinear power law follows Miller & Troyer 2002, J. Neurophysiol. 87:653; rates have arbitrary units.

    Parameters
    ----------
    network : Network
        With `transfer` and the exponent `gamma`.

    Returns
    -------
    callable
        f, from inputs to rates, ndarrays of the same shape.

    Examples
    --------
    >>> f = transfer_function(Network(transfer="supralinear", gamma=2.0))
    >>> f(np.array([-1.0, 3.0, 100.0]))
    array([  0.,   9., 500.])
    """
    if network.transfer == "sigmoid":
        return _sigmoid
    if network.transfer == "tanh":
        return np.tanh
    if network.gamma == 1:
        return lambda x: np.clip(x, MIN_RATE, MAX_RATE)
    return lambda x: np.minimum(np.maximum(x, 0.0) ** network.gamma, MAX_RATE)


def _sigmoid(x: FloatArray) -> FloatArray:
    # Through tanh: no overflow, however negative the input.
    return 0.5 * (1 + np.tanh(0.5 * x))
