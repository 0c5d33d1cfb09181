"""Designs of a sensitivity analysis that are kept as studies."""

from __future__ import annotations

import numpy as np
import pytest

from l5tui.analysis.sensitivity import Sensitivity, Slopes
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
