"""Designs of a sensitivity analysis that are kept as studies."""

from __future__ import annotations

import io
import math
from dataclasses import replace

import numpy as np
import pytest
from rich.console import Console

from l5tui.analysis.sensitivity import Sensitivity, Slopes
from l5tui.cli.sensitivity_tables import print_sensitivity
from l5tui.errors import ConfigError
from l5tui.figures.study.sensitivity import sensitivity_figure
from l5tui.store.studies import Studies
from l5tui.store.study_records import TrialStatus
from l5tui.tuning.methods import LOCAL
from l5tui.tuning.proposers.design import local_units
from l5tui.tuning.sensitivity import analysed, run_sensitivity, study_sensitivity
from l5tui.tuning.space import search_space
from l5tui.tuning.study import run_study, show_study
from l5tui.tuning.tracked import study_parameters
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


def test_a_ratio_has_both_paths_as_its_name(workspace: Workspace) -> None:
    space = (
        '[tuning.space]\n"stimulus.amplitude.CC" = {low = 1.0, high = 20.0}\n'
        '"plasticity.tau_threshold" = {low = 0.001, high = 1.0, times = "plasticity.tau_learn"}\n'
    )
    toml = study_toml(space=space)
    report = run_sensitivity(experiment_of(toml), toml, 4, workspace, track=False)
    assert isinstance(report.found, Sensitivity)
    ratio = "plasticity.tau_threshold / plasticity.tau_learn"
    assert {row["parameter"]: row["name"] for row in report.found.rows()} == {
        "plasticity.tau_threshold": ratio,
        "stimulus.amplitude.CC": "stimulus.amplitude.CC",
    }
    screen = io.StringIO()
    print_sensitivity(report, Console(file=screen, width=80))
    first, second = screen.getvalue().splitlines()[4:6]
    assert first.split() == ["u_threshold", "/"]
    assert second.split() == ["ity.tau_learn", ".amplitude.CC"]
    figure = sensitivity_figure(report.found, "a name", "an id")
    labels = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert labels[0] == ratio.replace(" / ", " /\n")

    slopes = study_sensitivity(search(workspace, study_toml(space=space)).record.id, workspace, track=False)
    assert isinstance(slopes.found, Slopes)
    assert slopes.found.rows()[0]["name"] == ratio


@pytest.mark.parametrize(("middle", "log"), [(3, False), (1, False), (5, False), (2, True)])
def test_whole_numbers_have_slopes_by_steps_of_one(workspace: Workspace, middle: int, log: bool) -> None:
    space = f'[tuning.space]\n"plasticity.phase_steps" = {{low = 1, high = 5, log = {str(log).lower()}}}\n'
    toml = study_toml(space=space).replace("onset_step = 120", f"onset_step = 120\nphase_steps = {middle}")
    experiment = experiment_of(toml)
    searched = search_space(experiment)
    points = [searched.point(row) for row in local_units(searched, experiment)]
    values = [int(point["plasticity.phase_steps"]) for point in points]
    assert values == [middle, max(middle - 1, 1), min(middle + 1, 5)]

    # What the trials of that design would have come to, of an output that grows by 10 with every whole number.
    study = run_study(experiment, toml, workspace, method=LOCAL, trials=3, track=False)
    trials = [
        replace(trial, metrics={"loss": 10.0 * value})
        for trial, value in zip(study.trials, values, strict=True)
    ]
    found = analysed(study.record, trials)
    assert isinstance(found, Slopes)
    low, high = (math.log(value) if log else float(value) for value in values[1:])
    share = (high - low) / (math.log(5) if log else 4.0)
    assert found.slopes[0, 0] == pytest.approx(0.1 * 10 * (values[2] - values[1]) / share)


def test_an_undefined_objective_costs_no_other_output_its_sample(workspace: Workspace) -> None:
    toml = study_toml(space=SPACE)
    report = run_sensitivity(experiment_of(toml), toml, 4, workspace, track=False).study
    trial = report.trials[5]
    studies = Studies.open(workspace)
    studies.start_trial(report.record.id, 5, trial.point)
    rest = {name: value for name, value in trial.metrics.items() if name != "loss"}
    studies.end_trial(report.record.id, 5, TrialStatus.COMPLETED, value=math.nan, metrics=rest)
    again = show_study(workspace, report.record.id)
    found = analysed(again.record, again.trials)
    assert isinstance(found, Sensitivity)
    samples = dict(zip(found.outputs, found.samples.tolist(), strict=True))
    assert samples["loss"] == 3
    assert samples["after/rate.PV"] == 4


HZ_SPACE = """
[tuning.space]
"stimulus.temporal_frequency_hz" = {low = 1.0, high = 8.0}
"stimulus.amplitude.CS" = {low = 1.0, high = 20.0}
"""


def test_a_frequency_in_hz_is_searched_and_has_a_sensitivity(workspace: Workspace) -> None:
    toml = study_toml(space=HZ_SPACE, trials=3)
    report = run_sensitivity(experiment_of(toml), toml, 4, workspace, track=False)
    assert report.study.record.counts == {"completed": 16}
    assert isinstance(report.found, Sensitivity)
    totals = report.found.total[:, report.found.paths.index("stimulus.temporal_frequency_hz")]
    assert np.nanmax(totals) > 0

    found = search(workspace, toml)
    space = search_space(experiment_of(toml))
    for trial in found.trials:
        made = space.experiment(trial.point, experiment_of(toml))
        hertz = trial.point["stimulus.temporal_frequency_hz"]
        assert made.radians_per_step == pytest.approx(2 * math.pi * float(hertz) * made.dynamics.step_seconds)
    listed = study_parameters(found.record, experiment_of(toml))
    # No value of the base is in effect in a trial.
    assert not {"stimulus.temporal_frequency", "stimulus.temporal_frequency_hz"} & listed.keys()
    assert "space/stimulus.temporal_frequency_hz" in listed
