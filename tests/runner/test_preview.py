"""A preview says what a run's first realization says."""

from __future__ import annotations

import numpy as np
import pytest

from l5tui.config.toml_text import parse_toml
from l5tui.config.validation import validate
from l5tui.runner.preview import PreviewRefusedError, preview
from l5tui.store.netcdf import open_run
from l5tui.workspace import Workspace
from tests.runner.running import run
from tests.workspaces import ENDLESS, TINY


def test_it_is_the_first_realization_of_the_run(workspace: Workspace) -> None:
    found = preview(validate(parse_toml(TINY)))
    dataset = open_run(workspace.root / str(run(workspace).record.file)).sel(realization=0)
    for condition, table in (("before", found.before), ("after", found.after)):
        for measure, values in table.items():
            kept = dataset["selectivity_by_realization"].sel(condition=condition, measure=measure)
            np.testing.assert_allclose(values, kept.values, equal_nan=True)
    np.testing.assert_allclose(found.targets, dataset["target_weights"].values)
    np.testing.assert_allclose(
        found.final, dataset["weight_mean"].isel(time=-1).mean("direction").values, atol=0.01
    )
    assert found.outcome == "completed"
    assert found.seconds > 0


def test_what_takes_too_long_or_is_cancelled_is_refused() -> None:
    with pytest.raises(PreviewRefusedError, match="would take about"):
        preview(validate(parse_toml(ENDLESS)))
    with pytest.raises(PreviewRefusedError, match="cancelled"):
        preview(validate(parse_toml(TINY)), cancelled=lambda: True)
