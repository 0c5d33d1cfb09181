"""The best points of a search are run in fresh circuits before one of them is called best."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from scipy.stats import t, ttest_rel

from l5tui.notebook.study import open_study
from l5tui.tuning.confirmed import Candidate, Confirmation, read_best
from l5tui.tuning.events import Confirming, StudyEvent
from l5tui.tuning.scheme import confirmation_seed
from l5tui.tuning.search import trial_experiment
from l5tui.tuning.study import best_experiment, checked_space, resume_study, show_study
from l5tui.tuning.trial import run_trial
from l5tui.workspace import Workspace
from tests.tuning.searches import experiment_of, search, study_toml

CONFIRM = "confirm = 3\nconfirm_circuits = 4\nrealizations = 1"


def test_best_is_the_best_in_fresh_circuits(workspace: Workspace) -> None:
    toml = study_toml(trials=6, extra=CONFIRM)
    events: list[StudyEvent] = []
    report = search(workspace, toml, events)
    found = report.confirmation
    assert found is not None
    assert found.best is not None
    chosen = {each.trial for each in found.candidates}
    ranked = sorted(report.trials, key=lambda trial: trial.value)
    assert chosen == {trial.number for trial in ranked[:3]}
    assert [each.mean for each in found.candidates] == sorted(each.mean for each in found.candidates)

    best = found.best
    half = t.ppf(0.975, 3) * np.std(best.values, ddof=1) / 2
    assert best.n == 4
    assert best.mean == pytest.approx(np.mean(best.values))
    assert (best.low, best.high) == pytest.approx((best.mean - half, best.mean + half))
    # The same circuits for all of them, which no trial has.
    base = experiment_of(toml)
    space = checked_space(base)
    for each in found.candidates:
        point = report.trials[each.trial].point
        fresh = trial_experiment(base, space, point, 0).model_copy(
            update={"seed": confirmation_seed(base.seed, 1)}
        )
        assert run_trial(fresh).value("loss") == each.values[1]

    assert (
        best_experiment(report).plasticity.tau_learn
        == report.trials[best.trial].point["plasticity.tau_learn"]
    )
    assert f"best is trial {best.trial}: " in report.best_in_words
    assert "in fresh circuits (n = 4 sets of 1, 95 % " in report.best_in_words
    seen = [event for event in events if isinstance(event, Confirming)]
    assert (seen[-1].done, seen[-1].total, seen[-1].remaining) == (12, 12, 0.0)
    as_json = json.loads(report.as_json())
    assert as_json["best_trial"] == report.record.best_trial == ranked[0].number
    assert as_json["best_confirmed_trial"] == best.trial
    assert as_json["confirmed_best"]["mean"] == best.mean
    assert as_json["confirmation"]["candidates"][0]["values"] == list(best.values)
    # Of the same sets of circuits: paired.
    difference = as_json["confirmation"]["difference"]
    first, second = (np.array(each.values) for each in found.candidates[:2])
    bounds = ttest_rel(first, second).confidence_interval()
    assert (difference["best"], difference["second"]) == tuple(each.trial for each in found.candidates[:2])
    assert difference["mean"] == pytest.approx(np.mean(first - second))
    assert (difference["low"], difference["high"]) == pytest.approx(tuple(bounds))
    assert difference["resolved"] == (not bounds.low <= 0 <= bounds.high)
    # A list of studies reads no trials.
    listed = read_best(workspace, report.record)
    assert listed is not None
    assert (listed.trial, listed.mean, listed.low, listed.values) == (
        best.trial,
        best.mean,
        best.low,
        best.values,
    )
    assert open_study(report.record.id, workspace=workspace.root).best_in_words == report.best_in_words


def candidate(trial: int, *values: float) -> Candidate:
    """One of a confirmation; its own interval does not matter here."""
    return Candidate(trial, 1.0, values, float(np.mean(values)), math.nan, math.nan)


def test_two_points_are_distinguished_by_their_paired_difference_alone() -> None:
    # Both vary by 1 from set to set, and the second is worse by 0.1 in each: only pairing resolves that.
    near = Confirmation(2, (candidate(3, 1.0, 2.0, 3.0, 4.0), candidate(7, 1.1, 2.12, 3.08, 4.1)))
    assert near.difference is not None
    assert near.difference.is_resolved
    assert near.difference.in_words == (
        "trial 3 minus trial 7, the second: −0.100 (95 % −0.126 to −0.074, paired, n = 4); the interval excludes 0"
    )
    apart = Confirmation(2, (candidate(3, 1.0, 2.0, 3.0), candidate(7, 1.5, 1.0, 4.0)))
    assert apart.difference is not None
    assert not apart.difference.is_resolved
    assert apart.difference.in_words.endswith(
        "paired, n = 3); the difference is within its interval, so the two cannot be distinguished"
    )
    equal = Confirmation(2, (candidate(3, 1.0, 2.0, 3.0), candidate(7, 1.0, 2.0, 3.0)))
    assert equal.difference is not None
    assert not equal.difference.is_resolved
    few = Confirmation(2, (candidate(3, 1.0, 2.0), candidate(7, 1.5, 3.0)))
    assert few.difference is not None
    assert "too few for an interval" in few.difference.in_words
    assert few.as_dict()["difference"]["low"] is None


def test_one_point_with_a_value_has_no_difference() -> None:
    lone = Confirmation(2, (candidate(3, 1.0, 2.0, 3.0), candidate(7, 1.0, math.nan, 3.0)))
    assert lone.difference is None
    assert lone.as_dict()["difference"] is None


def test_a_confirmation_that_was_stopped_goes_on_with_the_same_numbers(workspace: Workspace) -> None:
    toml = study_toml(trials=4, extra=CONFIRM)
    whole = search(workspace, toml)
    events: list[StudyEvent] = []

    def requests() -> int:
        return int(sum(isinstance(event, Confirming) and event.done >= 5 for event in events) >= 1)

    stopped = search(workspace, toml, events, requests=requests)
    assert (str(stopped.record.status), stopped.confirmation) == ("stopped", None)
    assert "not confirmed" in stopped.best_in_words
    again: list[StudyEvent] = []
    resumed = resume_study(stopped.record.id, workspace, observe=again.append, track=False)
    assert str(resumed.record.status) == "completed"
    assert resumed.confirmation == whole.confirmation
    first = next(event for event in again if isinstance(event, Confirming))
    assert first.done > 5 - 1

    longer = resume_study(stopped.record.id, workspace, trials=5, track=False)
    assert longer.confirmation is not None
    kept = workspace.store / "confirmations" / f"{stopped.record.id}.json"
    assert json.loads(kept.read_text())["ended_trials"] == 5


@pytest.mark.parametrize("method", ["random", "grid"])
def test_what_is_not_confirmed_says_so(workspace: Workspace, method: str) -> None:
    extra = "confirm = 0" if method == "random" else CONFIRM
    report = show_study(workspace, search(workspace, study_toml(method, trials=4, extra=extra)).record.id)
    assert report.confirmation is None
    assert report.best_trial == report.record.best_trial
    assert report.best_in_words.endswith("in the tuning circuits only, not confirmed")
    assert report.best_in_words.startswith("best in search is trial ")
    assert json.loads(report.as_json())["confirmation"] is None
    assert json.loads(report.as_json())["confirmed_best"] is None
    assert read_best(workspace, report.record) is None
    assert math.isfinite(report.record.best_value)
