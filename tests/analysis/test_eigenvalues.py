"""Eigenvalues of small matrices that are known."""

from __future__ import annotations

import numpy as np

from l5tui.analysis.eigenvalues import eigenvalues


def test_the_rightmost_comes_first() -> None:
    blocks = np.zeros((4, 4))
    blocks[:2, :2] = [[0.5, -2.0], [2.0, 0.5]]
    blocks[2:, 2:] = [[-1.0, 3.0], [0.0, 0.8]]
    found = eigenvalues(blocks)
    np.testing.assert_allclose(found.real, [0.8, 0.5, 0.5, -1.0])
    np.testing.assert_allclose(np.sort(found.imag), [-2, 0, 0, 2])


def test_a_symmetric_matrix_in_single_precision_has_complex_ones_too() -> None:
    found = eigenvalues(np.array([[0.0, 1.0], [1.0, 0.0]], dtype=np.float32).astype(np.float64))
    assert found.dtype == np.complex128
    np.testing.assert_allclose(found, [1, -1])


def test_what_is_not_finite_has_none() -> None:
    assert eigenvalues(np.array([[1.0, np.nan], [0.0, 1.0]])).size == 0
