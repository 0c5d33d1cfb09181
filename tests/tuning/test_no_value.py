"""A study in which no trial has a value has failed, and says so."""

from __future__ import annotations

import math

import numpy as np
import pytest

from l5tui.store.studies import Studies
from l5tui.store.study_records import TrialStatus
from l5tui.tuning.lifecycle import end_study, new_study
from l5tui.tuning.sensitivity import analysed
from l5tui.tuning.space import search_space
from l5tui.workspace import Workspace
from tests.tuning.searches import NOT_DEFINED, experiment_of, search, study_toml


@pytest.mark.parametrize(
    ("method", "endings", "status"),
    [
        ("random", [("failed", math.nan, {}), ("diverged", math.nan, {"loss/rmse": 1.0})], "failed"),
        ("random", [("completed", math.nan, {"loss/rmse": 1.0})], "failed"),
        ("random", [("failed", math.nan, {}), ("completed", 2.0, {})], "completed"),
        ("vbmc", [("failed", math.nan, {"log_likelihood": -9.0})], "failed"),
        ("saltelli", [("failed", math.nan, {})], "failed"),
        # A sensitivity analysis uses measures where the objective is not defined.
        ("saltelli", [("completed", math.nan, {"after/OS.CC": 0.2})], "completed"),
    ],
)
def test_the_end_of_a_study_depends_on_its_trials(
    workspace: Workspace, method: str, endings: list[tuple[str, float, dict[str, float]]], status: str
) -> None:
    experiment, studies = experiment_of(study_toml()), Studies.open(workspace)
    space = search_space(experiment)
    point = space.point(np.zeros(len(space)))
    row = new_study(
        experiment, study_toml(), space, method=method, trials=2, objective="loss", maximize=False
    )
    record = studies.start(row)
    for number, (ending, value, metrics) in enumerate(endings):
        studies.start_trial(record.id, number, point)
        error = "ValueError: other code" if ending == "failed" else None
        studies.end_trial(record.id, number, TrialStatus(ending), value=value, metrics=metrics, error=error)
    end_study(studies, record)
    ended = studies.find(record.id)
    assert ended.status == status
    if status == "failed":
        assert str(ended.error).startswith("no trial has a value of loss (1 ")
        assert ("ValueError: other code" in str(ended.error)) == any(each[0] == "failed" for each in endings)


def test_a_sensitivity_analysis_without_any_measure_has_no_indices(workspace: Workspace) -> None:
    pytest.importorskip("SALib")
    experiment, studies = experiment_of(study_toml()), Studies.open(workspace)
    space = search_space(experiment)
    point = space.point(np.zeros(len(space)))
    trials = 4 * (len(space) + 2)
    row = new_study(
        experiment, study_toml(), space, method="saltelli", trials=trials, objective="loss", maximize=False
    )
    record = studies.start(row)
    for number in range(trials):
        studies.start_trial(record.id, number, point)
        studies.end_trial(record.id, number, TrialStatus.FAILED, error="ValueError: other code")
    assert analysed(record, studies.trials(record.id)) is None


@pytest.mark.slow
def test_a_sweep_for_what_is_not_defined_has_failed(workspace: Workspace) -> None:
    report = search(workspace, study_toml("grid", trials=2, extra=NOT_DEFINED))
    assert report.record.status == "failed"
