"""Eigenvalues of a weight matrix: the modes of the linearized network."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from l5tui.model.arrays import FloatArray


def eigenvalues(weights: FloatArray) -> NDArray[np.complex128]:
    """Return every eigenvalue of a weight matrix, the one with the largest real part first.

    Parameters
    ----------
    weights : ndarray, shape (N, N)
        ``[post, pre]``.

    Returns
    -------
    ndarray of complex, shape (N,)
        Empty where a weight is not finite.

    Examples
    --------
    >>> eigenvalues(np.array([[0.5, 0.0], [0.0, 2.0]])).real.tolist()
    [2.0, 0.5]
    """
    if not np.isfinite(weights).all():
        return np.empty(0, dtype=np.complex128)
    # On several threads matrices of this size take several times as long.
    with threadpool_limits(limits=1, user_api="blas"):
        found = np.linalg.eigvals(weights.astype(np.float64)).astype(np.complex128)
    return found[np.argsort(-found.real, kind="stable")]
