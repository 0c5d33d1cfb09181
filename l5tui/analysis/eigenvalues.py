"""Eigenvalues of a weight matrix: the modes of the linearized network."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from l5tui.model.arrays import FloatArray


def eigenvalues(weights: FloatArray) -> NDArray[np.complex128]:
    """Every eigenvalue of a weight matrix, the one with the largest real part first.

    Parameters
    ----------
    weights : ndarray, shape (N, N)
        ``[post, pre]``.

    Returns
    -------
    ndarray of complex, shape (N,)
        Empty where a weight is not finite.
    """
    if not np.isfinite(weights).all():
        return np.empty(0, dtype=np.complex128)
    # On several threads matrices of this size take several times as long.
    with threadpool_limits(limits=1, user_api="blas"):
        found = np.linalg.eigvals(weights.astype(np.float64)).astype(np.complex128)
    return found[np.argsort(-found.real, kind="stable")]
