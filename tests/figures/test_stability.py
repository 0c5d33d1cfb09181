"""The abscissa over time, and eigenvalues of the very matrices in the file."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from l5tui.figures.stability import stability_figure
from tests.figures.drawn import course


def test_the_abscissa_is_a_course_where_it_was_recorded_all_along(stored: xr.Dataset) -> None:
    left = stability_figure(stored).axes[0]
    steps, values = course(left, "abscissa")
    np.testing.assert_array_equal(steps, stored["last_step"])
    np.testing.assert_allclose(values, stored["spectral_abscissa"].mean(["realization", "direction"]))
    np.testing.assert_array_equal(course(left, "onset")[0], [150, 150])


def test_the_abscissa_is_a_dot_a_realization_where_only_the_end_is_known(stored: xr.Dataset) -> None:
    drawn = stored.copy(deep=True)
    drawn["spectral_abscissa"].values[:] = np.nan
    left = stability_figure(drawn).axes[0]
    steps, values = course(left, "after")
    np.testing.assert_array_equal(steps, stored["steps"])
    np.testing.assert_allclose(values, stored["final_abscissa"].mean("direction"))
    np.testing.assert_array_equal(course(left, "before")[1], [1, 1, 1])


def test_the_end_of_a_file_of_an_earlier_version_is_at_its_last_time(stored: xr.Dataset) -> None:
    drawn = stored.drop_vars("final_abscissa")
    drawn["spectral_abscissa"] = stored["spectral_abscissa"].copy(deep=True)
    drawn["spectral_abscissa"].values[..., :-1] = np.nan
    steps, values = course(stability_figure(drawn).axes[0], "after")
    np.testing.assert_array_equal(steps, [stored["last_step"].values[-1]] * 3)
    np.testing.assert_allclose(values, stored["spectral_abscissa"][..., -1].mean("direction"))


def test_eigenvalues_are_those_before_and_after(stored: xr.Dataset) -> None:
    right = stability_figure(stored).axes[1]
    matrices = {"before": stored["initial_weights"][0], "after": stored["final_weights"][0, 0]}
    for condition, matrix in matrices.items():
        real, imaginary = course(right, condition)
        expected = np.linalg.eigvals(matrix.values.astype(float))
        np.testing.assert_allclose(np.sort(real), np.sort(expected.real), atol=1e-10)
        np.testing.assert_allclose(np.sort(imaginary), np.sort(expected.imag), atol=1e-10)
    assert course(right, "before")[0].max() == pytest.approx(1)
    np.testing.assert_array_equal(course(right, "limit")[0], [1, 1])


def test_weights_that_are_not_finite_have_no_eigenvalues(stored: xr.Dataset) -> None:
    drawn = stored.copy(deep=True)
    drawn["final_weights"].values[0, 0, 3, 4] = np.inf
    right = stability_figure(drawn).axes[1]
    assert "diverged" in right.get_title(loc="left")
    assert "after" not in [line.get_label() for line in right.lines]
