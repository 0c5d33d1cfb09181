"""Sobol' indices of a function whose indices are known, and slopes of one whose slopes are."""

from __future__ import annotations

import numpy as np
import pytest

from l5tui.analysis.sensitivity import slopes, sobol_indices
from l5tui.tuning.proposers.design import saltelli_units

pytest.importorskip("SALib")


def test_indices_of_a_known_function() -> None:
    units = saltelli_units(3, 512, 1)
    values = [{"loss": float(3 * u[0] + u[1] * 4 * (u[2] - 0.5))} for u in units]
    # Variances: 9/12 of the first alone, and 16 E[u²] Var[u] of the product, of which E[u]² Var[u] is the third's own.
    first, product = 9 / 12, 16 / 3 / 12
    total = first + product
    found = sobol_indices(("a", "b", "c"), values, 1, ("loss",))
    assert found.total[0] == pytest.approx([first / total, 16 / 144 / total, product / total], abs=0.03)
    assert found.first[0] == pytest.approx([first / total, 0.0, 4 / 12 / total], abs=0.05)
    assert (found.total_interval[0] < 0.15).all()


def test_samples_that_are_not_defined_everywhere_do_not_count() -> None:
    values = [{"loss": float(u[0])} for u in saltelli_units(1, 8, 1)]
    values[4] = {}
    found = sobol_indices(("a",), values, 1, ("loss", "after/OS.CS"))
    assert found.samples.tolist() == [7, 0]
    assert np.isnan(found.total[1]).all()


def test_slopes_are_per_tenth_of_the_range() -> None:
    units = np.array([[0.5, 1.0], [0.4, 1.0], [0.6, 1.0], [0.5, 0.9], [0.5, 1.0]])
    values = [{"loss": float(3 * u[0] - 5 * u[1])} for u in units]
    assert slopes(("a", "b"), units, values, ("loss",)).slopes[0] == pytest.approx([0.3, -0.5])
