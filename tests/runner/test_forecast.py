"""The forecast of time and memory precedes the run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from l5tui.config import Experiment
from l5tui.errors import StoreError
from l5tui.runner.events import Event, Forecasted
from l5tui.runner.forecast import Forecast, forecast, require_disk
from l5tui.text import amount
from l5tui.workspace import Workspace
from tests.runner.running import run
from tests.workspaces import ENDLESS, TINY, rows, run_files


def of(**sections: dict[str, Any]) -> Forecast:
    """The forecast of the default experiment with some keys changed."""
    return forecast(Experiment.model_validate(sections))


def test_the_default_experiment_is_not_worth_a_word() -> None:
    assert not of().is_large


@pytest.mark.parametrize("weights", ["blocks", "factors", "full"])
def test_the_file_is_as_large_as_was_said(workspace: Workspace, weights: str) -> None:
    toml = TINY.replace("[recording]", f'[recording]\nweights = "{weights}"')
    assert weights in toml
    report = run(workspace, toml)
    said = forecast(Experiment.load(_written(workspace, toml))).disk
    # All else in the file, its names above all, takes some 200 kB.
    size = Path(str(report.paths["netcdf"])).stat().st_size
    assert 0.7 * said <= size <= said + 250_000


def _written(workspace: Workspace, toml: str) -> Path:
    path = workspace.root / "experiments" / "sized.toml"
    path.write_text(toml, encoding="utf-8")
    return path


def test_what_costs_more_is_said_to_cost_more() -> None:
    assert of(simulation={"realizations": 50}).seconds > of().seconds
    assert of(plasticity={"rule": "oja"}).seconds > of().seconds > of(plasticity={"rule": "none"}).seconds
    assert of(recording={"weights": "full"}).disk > of(recording={"weights": "factors"}).disk > of().disk
    assert of(recording={"abscissa": "all"}).seconds > of().seconds
    assert of(recording={"dtype": "float64"}).memory > of().memory
    assert of(stimulus={"directions": [10.0 * i for i in range(36)]}).memory > of().memory
    assert of(simulation={"realizations": 2000}).is_large
    assert of(dynamics={"duration_tau": 1e6}).is_large


def test_a_large_run_is_announced_before_it_has_a_row(workspace: Workspace) -> None:
    events: list[Event] = []

    def observe(event: Event) -> None:
        events.append(event)
        if isinstance(event, Forecasted):
            assert rows(workspace) == []
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(workspace, ENDLESS.replace("realizations = 2", "realizations = 9999"), observe)
    assert [type(event) for event in events] == [Forecasted]


def test_a_run_that_has_no_room_on_the_disk_is_refused(workspace: Workspace) -> None:
    require_disk(Forecast(1.0, 1, 1), workspace)
    with pytest.raises(StoreError, match=r"needs 1e\+06 TB of disk space, .* are free"):
        require_disk(Forecast(1.0, 1, 10**18), workspace)
    assert run_files(workspace) == set()


@pytest.mark.parametrize(
    ("size", "said"), [(0, "0 B"), (999, "999 B"), (1000, "1 kB"), (17.2e6, "17.2 MB"), (2.73e12, "2.73 TB")]
)
def test_amounts_are_readable(size: float, said: str) -> None:
    assert amount(size) == said
