"""Sobol' indices of a function whose indices are known, and designs that are kept as studies."""

from __future__ import annotations

import numpy as np
import pytest

from l5tui.analysis.sensitivity import Sensitivity, Slopes, slopes, sobol_indices
from l5tui.errors import ConfigError
from l5tui.tuning.sensitivity import run_sensitivity, study_sensitivity
from l5tui.workspace import Workspace
from tests.tuning.searches import experiment_of, search, study_toml

pytest.importorskip("SALib")


SPACE = """
[tuning.space]
"stimulus.amplitude.CC" = {low = 1.0, high = 20.0}
"stimulus.amplitude.PV" = {low = 1.0, high = 20.0}
"""


def test_indices_of_a_known_function() -> None:
    from l5tui.tuning.proposers.design import saltelli_units

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
    from l5tui.tuning.proposers.design import saltelli_units

    values = [{"loss": float(u[0])} for u in saltelli_units(1, 8, 1)]
    values[4] = {}
    found = sobol_indices(("a",), values, 1, ("loss", "after/OS.CS"))
    assert found.samples.tolist() == [7, 0]
    assert np.isnan(found.total[1]).all()


def test_slopes_are_per_tenth_of_the_range() -> None:
    units = np.array([[0.5, 1.0], [0.4, 1.0], [0.6, 1.0], [0.5, 0.9], [0.5, 1.0]])
    values = [{"loss": float(3 * u[0] - 5 * u[1])} for u in units]
    assert slopes(("a", "b"), units, values, ("loss",)).slopes[0] == pytest.approx([0.3, -0.5])


def test_a_design_is_a_study_and_a_search_has_slopes_at_its_best(workspace: Workspace) -> None:
    toml = study_toml(space=SPACE, trials=3)
    with pytest.raises(ConfigError, match="--samples: got 5, allowed a power of two"):
        run_sensitivity(experiment_of(toml), toml, 5, workspace, track=False)
    report = run_sensitivity(experiment_of(toml), toml, 4, workspace, track=False)
    assert report.study.record.counts == {"completed": 16}
    assert isinstance(report.found, Sensitivity)
    assert len(report.found.as_csv().splitlines()) == 1 + 13 * 2
    again = study_sensitivity("last", workspace)
    assert isinstance(again.found, Sensitivity)
    assert np.array_equal(again.found.total, report.found.total, equal_nan=True)

    best = search(workspace, toml)
    local = study_sensitivity(best.record.id, workspace, track=False)
    assert isinstance(local.found, Slopes)
    assert local.found.values[0] == pytest.approx(best.record.best_value, rel=1e-9)
