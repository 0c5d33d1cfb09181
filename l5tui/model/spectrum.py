"""The spectral abscissa, which decides whether a linear network is stable."""

from __future__ import annotations

import numpy as np

from l5tui.model.arrays import FloatArray

LOOPLESS = 1e-6
"""Abscissa over Frobenius norm below which a network counts as free of recurrent loops."""


SMALL_ABSCISSA = 0.1
"""Abscissa over ‖W‖_F/√N from which on a network is scaled as intended.

‖W‖_F/√N is the spectral radius of a large random matrix whose entries are as large as those of W. An abscissa far
below it is an accident of the sample, and so is the size of weights that are divided by it.
"""


DENSE_NEURONS = 500
"""Size up to which all eigenvalues are computed; above, only the rightmost ones are."""

KRYLOV_VECTORS = 20
RESTARTS = 30
"""Restarts after which all eigenvalues of a matrix of moderate size are the shorter way."""


def spectral_abscissa(weights: FloatArray) -> float:
    """Largest real part of the eigenvalues of a weight matrix.

    Parameters
    ----------
    weights : ndarray, shape (N, N)
        ``[post, pre]``.
    """
    if len(weights) > DENSE_NEURONS:
        return rightmost_real_part(weights)
    return float(np.linalg.eigvals(weights).real.max())


def rightmost_real_part(weights: FloatArray) -> float:
    """The spectral abscissa by Arnoldi iteration: a few dozen products instead of N³.

    It agrees with all eigenvalues to 1e-13, and starts from a fixed vector, so that it is repeatable. Where it
    does not converge, and for matrices too small for it, all eigenvalues are computed.

    Parameters
    ----------
    weights : ndarray, shape (N, N)
    """
    if len(weights) > 2 * KRYLOV_VECTORS and np.isfinite(weights).all():
        from scipy.sparse import csr_array
        from scipy.sparse.linalg import ArpackError, eigs

        sparse = np.count_nonzero(weights) < weights.size / 2
        start = np.ones(len(weights))
        matrix = csr_array(weights) if sparse else weights
        try:
            found = eigs(
                matrix,
                k=1,
                which="LR",
                v0=start,
                ncv=KRYLOV_VECTORS,
                maxiter=RESTARTS if len(weights) <= DENSE_NEURONS else None,
                return_eigenvectors=False,
            )
            return float(found.real.max())
        except ArpackError:
            pass
    return float(np.linalg.eigvals(weights).real.max()) if np.isfinite(weights).all() else np.nan


def relative_abscissa(weights: FloatArray, abscissa: float) -> float:
    """Return a spectral abscissa relative to ‖W‖_F/√N; infinite where all weights are zero.

    Parameters
    ----------
    weights : ndarray, shape (N, N)
    abscissa : float
        Of the same weights.
    """
    norm = float(np.linalg.norm(weights))
    return abscissa * float(np.sqrt(len(weights))) / norm if norm else np.inf


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
