"""The spectral abscissa, which decides whether a linear network is stable."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np

from l5tui.model.arrays import FloatArray, IntArray
from l5tui.model.cancellation import Stop, StoppedError, never, pieces

if TYPE_CHECKING:
    from scipy.sparse import csr_array

LOOPLESS = 1e-6
"""Abscissa over Frobenius norm below which a network counts as free of recurrent loops."""


SMALL_ABSCISSA = 0.1
"""Abscissa over ‖W‖_F/√N from which on a network is scaled as intended.

‖W‖_F/√N is the spectral radius of a large random matrix whose entries are as large as those of W. An abscissa far
below it is an accident of the sample, and so is the size of weights that are divided by it.
"""


DENSE_NEURONS = 500
"""Size up to which all eigenvalues are computed; above, only the rightmost ones are."""

EIGENVALUES = 2
KRYLOV_VECTORS = 40
"""With 20 vectors and one eigenvalue ARPACK took another eigenvalue for the rightmost one in 1 of 212 circuits of 200
to 1500 neurons, 8 % too small; with 40 in none."""
RESTARTS = 30
"""Restarts after which all eigenvalues of a matrix of moderate size are the shorter way."""

HUGE = 1e100
"""Size of a weight from which on sums of products of weights overflow."""


def spectral_abscissa(weights: FloatArray, stop: Stop = never) -> float:
    """Largest real part of the eigenvalues of a weight matrix.

    Parameters
    ----------
    weights : ndarray, shape (N, N)
        ``[post, pre]``.
    stop : callable, optional
        Called before every product of a large network; whether to cancel.

    Raises
    ------
    StoppedError
        If `stop` returned True.
    """
    if len(weights) > DENSE_NEURONS:
        return rightmost_real_part(weights, stop)
    return float(np.linalg.eigvals(weights).real.max())


def rightmost_real_part(weights: FloatArray, stop: Stop = never) -> float:
    """Return the spectral abscissa by Arnoldi iteration: a few dozen products instead of N³.

    It agrees with all eigenvalues to 1e-13, and starts from a fixed vector, so that it is repeatable. Where it
    does not converge, and for matrices too small for it, all eigenvalues are computed.

    Parameters
    ----------
    weights : ndarray, shape (N, N)
    stop : callable, optional
        As in `spectral_abscissa`.

    Raises
    ------
    StoppedError
        If `stop` returned True.
    """
    if not np.isfinite(weights).all():
        return np.nan
    if (largest := float(max(weights.max(), -weights.min()))) > HUGE:
        return largest * rightmost_real_part(weights / largest, stop)
    if len(weights) > KRYLOV_VECTORS + 1 and (found := _arnoldi(weights, stop)) is not None:
        return found
    return float(np.linalg.eigvals(weights).real.max())


def _arnoldi(weights: FloatArray, stop: Stop) -> float | None:
    """Return the largest real part as ARPACK finds it; None where it does not converge."""
    from scipy.sparse.linalg import ArpackError, LinearOperator, eigs

    sparse = np.count_nonzero(weights) < weights.size / 2
    matrix = compressed_rows(weights, stop) if sparse else weights

    def multiply(vectors: FloatArray) -> FloatArray:
        if stop():
            raise StoppedError
        return cast("FloatArray", matrix.dot(vectors))

    try:
        found = eigs(
            LinearOperator(weights.shape, matvec=multiply, matmat=multiply, dtype=weights.dtype),
            k=EIGENVALUES,
            which="LR",
            v0=np.ones(len(weights)),
            ncv=KRYLOV_VECTORS,
            maxiter=RESTARTS if len(weights) <= DENSE_NEURONS else None,
            return_eigenvectors=False,
        )
    except ArpackError:
        return None
    return float(found.real.max())


def compressed_rows(weights: FloatArray, stop: Stop = never) -> csr_array:
    """Return a matrix in compressed rows, as `scipy.sparse.csr_array` does in one call that takes seconds.

    Parameters
    ----------
    weights : ndarray, shape (N, N)
    stop : callable, optional
        Called before each piece of the matrix; whether to cancel.

    Raises
    ------
    StoppedError
        If `stop` returned True.
    """
    from scipy.sparse import csr_array

    starts: IntArray = np.zeros(len(weights) + 1, dtype=np.int64)
    values, columns = [], []
    for piece in pieces(len(weights), weights.shape[1], stop):
        rows = weights[piece]
        row, column = np.nonzero(rows)
        starts[piece.start + 1 : piece.stop + 1] = np.bincount(row, minlength=len(rows))
        values.append(rows[row, column])
        columns.append(column.astype(np.int32))
    np.cumsum(starts, out=starts)
    # SciPy takes the wider of both types of index.
    if starts[-1] <= np.iinfo(np.int32).max:
        starts = starts.astype(np.int32)
    return csr_array((np.concatenate(values), np.concatenate(columns), starts), shape=weights.shape)


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


def scale_to_unit_abscissa(weights: FloatArray, stop: Stop = never) -> tuple[FloatArray, float]:
    """Divide a weight matrix by its spectral abscissa.

    The trace of a network without self-connections is zero, so the abscissa is never negative. Where it is
    zero, as in a network without recurrent loops, there is nothing to scale and the divisor is 1.

    Parameters
    ----------
    weights : ndarray, shape (N, N)
    stop : callable, optional
        As in `spectral_abscissa`.

    Returns
    -------
    scaled : ndarray, shape (N, N)
    divisor : float
    """
    abscissa = spectral_abscissa(weights, stop)
    if abscissa <= LOOPLESS * float(np.linalg.norm(weights)):
        return weights.copy(), 1.0
    return weights / abscissa, abscissa
