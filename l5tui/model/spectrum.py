"""The spectral abscissa, which decides whether a linear network is stable."""

from __future__ import annotations

import numpy as np

from l5tui.model.arrays import FloatArray

LOOPLESS = 1e-6
"""Abscissa over Frobenius norm below which a network counts as free of recurrent loops."""


def spectral_abscissa(weights: FloatArray) -> float:
    """Largest real part of the eigenvalues of a weight matrix.

    Parameters
    ----------
    weights : ndarray, shape (N, N)
        ``[post, pre]``.
    """
    return float(np.linalg.eigvals(weights).real.max())


def scale_to_unit_abscissa(weights: FloatArray) -> tuple[FloatArray, float]:
    """Divide a weight matrix by its spectral abscissa.

    The trace of a network without self-connections is zero, so the abscissa is never negative. Where it is
    zero, as in a network without recurrent loops, there is nothing to scale and the divisor is 1.

    Returns
    -------
    scaled : ndarray, shape (N, N)
    divisor : float
    """
    abscissa = spectral_abscissa(weights)
    if abscissa <= LOOPLESS * float(np.linalg.norm(weights)):
        return weights.copy(), 1.0
    return weights / abscissa, abscissa
