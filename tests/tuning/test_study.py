"""Studies: every trial is stored, failures are reported, and an interruption changes no result."""

from __future__ import annotations

import json
import math
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

from l5tui.errors import ConfigError, StoreError, UnknownRunError
from l5tui.store.studies import Studies
from l5tui.store.study_records import StudyStatus, TrialStatus
from l5tui.tuning.events import StudyEvent, StudyProgress, StudyStarted, TrialEnded
from l5tui.tuning.report import realizations_of, study_listing, unequal_studies
from l5tui.tuning.scheme import confirmation_seed
from l5tui.tuning.search import trial_experiment
from l5tui.tuning.study import (
    best_experiment,
    checked_space,
    experiment_of_trial,
    list_studies,
    open_studies,
    resume_study,
    run_study,
    show_study,
)
from l5tui.tuning.trial import run_trial
from l5tui.workspace import Workspace
from tests.tuning.searches import SPACE, experiment_of, search, study_toml, write


def points(report: object) -> list[dict[str, object]]:
    """What every trial varied, by number."""
    return [dict(trial.point) for trial in report.trials]  # type: ignore[attr-defined]


def values(report: object) -> list[float]:
    """The objective of every trial, by number."""
    return [trial.value for trial in report.trials]  # type: ignore[attr-defined]


def test_one_realization_can_be_tuned_and_its_losses_are_marked(workspace: Workspace) -> None:
    """The loss of one circuit leaves out the spread between circuits; a list of studies says so."""
    one = search(workspace, study_toml(trials=2, extra="realizations = 1"))
    assert all(math.isfinite(value) for value in values(one))
    assert all("loss/spread_between" not in trial.metrics for trial in one.trials)
    two = search(workspace, study_toml(trials=1))
    assert [realizations_of(each.record) for each in (one, two)] == [1, 2]
    assert [each["realizations"] for each in map(study_listing, list_studies(workspace))] == [2, 1]
    assert "losses of 1 and 2 realizations" in unequal_studies(list_studies(workspace))
    assert unequal_studies([one.record]) == ""


def test_every_trial_is_kept_with_its_measures(workspace: Workspace) -> None:
    events: list[StudyEvent] = []
    report = search(workspace, study_toml(trials=4, workers=2), events)
    record = report.record
    assert (record.status, record.ended_trials, dict(record.counts)) == ("completed", 4, {"completed": 4})
    assert [trial.number for trial in report.trials] == [0, 1, 2, 3]
    assert record.best_value == min(values(report))
    for trial in report.trials:
        assert trial.value == trial.metrics["loss"]
        assert {"loss/rmse", "after/DS.CS", "weight_final/CS_from_CC"} <= trial.metrics.keys()
        assert trial.attempts == 1
        assert trial.seconds > 0
    assert events[0] == StudyStarted(record.id, "tiny", False, 0, 4)
    ended = [event for event in events if isinstance(event, TrialEnded)]
    assert ended[-1].best_trial == record.best_trial
    assert len(ended) == 4
    assert any(isinstance(event, StudyProgress) for event in events)
    assert show_study(workspace, record.id).as_dict() == report.as_dict()
    assert json.loads(report.as_json())["id"] == record.id
    assert [each.id for each in list_studies(workspace)] == [record.id]


def test_the_same_file_gives_the_same_study_whatever_the_number_of_workers(workspace: Workspace) -> None:
    first, second = (search(workspace, study_toml(workers=workers)) for workers in (1, 2))
    assert values(first) == values(second)
    assert points(first) == points(second)
    other = search(workspace, study_toml(extra="seed = 9"))
    assert points(other) != points(first)


def test_trials_see_the_same_circuits_unless_they_are_to_be_fresh(workspace: Workspace) -> None:
    space = '[tuning.space]\n"plasticity.rule" = ["none", "none"]\n'
    toml = study_toml(trials=3, space=space, extra="fresh = true")
    assert len(set(values(search(workspace, toml)))) == 3
    same = search(workspace, toml.replace("fresh = true", ""))
    # There is but one point, and the same circuits would give the same numbers again.
    assert same.record.ended_trials == 1
    assert same.record.status is StudyStatus.COMPLETED


def test_studies_with_neighbouring_seeds_share_no_fresh_circuit() -> None:
    experiments = [
        experiment_of(study_toml(extra="fresh = true")).model_copy(update={"seed": seed}) for seed in (42, 43)
    ]
    space = checked_space(experiments[0])
    point = space.point(np.full(len(space), 0.5))
    seeds = [
        {trial_experiment(each, space, point, number).seed for number in range(300)} for each in experiments
    ]
    assert [len(each) for each in seeds] == [300, 300]
    assert not seeds[0] & seeds[1]
    confirming = {confirmation_seed(each.seed, number) for each in experiments for number in range(300)}
    assert len(confirming) == 600
    assert not confirming & (seeds[0] | seeds[1] | {42, 43})


def test_a_study_without_a_recorded_scheme_goes_on_with_the_seeds_it_began_with(workspace: Workspace) -> None:
    toml = study_toml(trials=2, extra="fresh = true")
    study_id = search(workspace, toml).record.id
    with sqlite3.connect(workspace.catalog) as catalog:
        (versions,) = catalog.execute("SELECT versions FROM study").fetchone()
        older = {name: version for name, version in json.loads(versions).items() if name != "study_scheme"}
        catalog.execute("UPDATE study SET versions = ?", (json.dumps(older),))
    report = resume_study(study_id, workspace, trials=3, track=False)
    base = experiment_of(toml)
    space = checked_space(base)
    now, before = (
        run_trial(trial_experiment(base, space, report.trials[2].point, 2, scheme)).value("loss")
        for scheme in (2, 1)
    )
    assert report.trials[2].value == before != now


def test_another_objective_can_be_made_large(workspace: Workspace) -> None:
    report = search(workspace, study_toml(extra='objective = "after/DS.CC"\nmaximize = true'))
    assert values(report) == [trial.metrics["after/DS.CC"] for trial in report.trials]
    assert report.record.best_value == max(values(report))
    best = best_experiment(report)
    assert best.name == f"tiny, best of study {report.record.id}"
    assert best.tuning.space == {}
    point = next(trial.point for trial in report.trials if trial.number == report.record.best_trial)
    assert point["stimulus.amplitude.CS"] == best.stimulus.amplitude.CS


def test_a_trial_that_diverges_is_recorded_with_its_reason_and_does_not_stop_the_search(
    workspace: Workspace,
) -> None:
    space = '[tuning.space]\n"plasticity.rule" = ["oja", "none"]\n'
    toml = study_toml("bayesian", trials=2, space=space).replace(
        "onset_step = 120", "onset_step = 120\ntau_learn = 1e-3"
    )
    report = search(workspace, toml)
    by_rule = {str(trial.point["plasticity.rule"]): trial for trial in report.trials}
    assert by_rule["oja"].status is TrialStatus.DIVERGED
    assert math.isnan(by_rule["oja"].value)
    assert "diverged" in str(by_rule["oja"].error)
    assert by_rule["none"].status is TrialStatus.COMPLETED
    assert report.record.best_trial == by_rule["none"].number
    assert report.record.status is StudyStatus.COMPLETED


def test_points_that_do_not_go_together_fail_with_their_reason(workspace: Workspace) -> None:
    space = '[tuning.space]\n"dynamics.tau" = {low = 0.02, high = 0.2}\n"dynamics.dt" = {low = 0.001, high = 0.09}\n'
    report = search(workspace, study_toml(trials=8, space=space))
    failed = [trial for trial in report.trials if trial.status is TrialStatus.FAILED]
    assert failed
    assert all("dynamics." in str(trial.error) or "plasticity." in str(trial.error) for trial in failed)
    assert report.record.status is StudyStatus.COMPLETED


def stop_after(count: int, events: list[StudyEvent]) -> object:
    """Requests a stop once so many trials have ended."""
    return lambda: int(sum(isinstance(event, TrialEnded) for event in events) >= count)


@pytest.mark.parametrize("method", ["bayesian", "random"])
def test_a_stopped_study_goes_on_with_the_same_trials(workspace: Workspace, method: str) -> None:
    toml = study_toml(method, trials=7)
    whole = search(workspace, toml)
    events: list[StudyEvent] = []
    stopped = search(workspace, toml, events, requests=stop_after(4, events))
    assert stopped.record.status is StudyStatus.STOPPED
    assert 4 <= stopped.record.ended_trials < 7
    assert stopped.record.counts.keys() == {"completed"}
    again: list[StudyEvent] = []
    resumed = resume_study(stopped.record.id, workspace, observe=again.append, track=False)
    assert again[0] == StudyStarted(stopped.record.id, "tiny", True, stopped.record.ended_trials, 7)
    assert resumed.record.status is StudyStatus.COMPLETED
    assert points(resumed) == points(whole)
    assert values(resumed) == values(whole)


def test_a_completed_study_goes_on_with_more_trials(workspace: Workspace) -> None:
    whole = search(workspace, study_toml(trials=5))
    few = search(workspace, study_toml(trials=2))
    more = resume_study(few.record.id, workspace, trials=5, track=False)
    with pytest.raises(ConfigError, match="--trials: got 4, allowed 5 or more, as so many have ended"):
        resume_study(few.record.id, workspace, trials=4, track=False)
    assert show_study(workspace, few.record.id).record.trials == 5
    assert values(more) == values(whole)
    assert more.record.trials == 5


def test_a_killed_study_is_found_and_taken_up_without_losing_a_trial(workspace: Workspace) -> None:
    toml = study_toml("bayesian", trials=8)
    whole = search(workspace, toml)
    file = write(workspace, toml)
    script = (
        "import sys; from pathlib import Path; from l5tui.config.toml_file import read_experiment\n"
        "from l5tui.tuning.study import run_study; from l5tui.workspace import Workspace\n"
        "from l5tui.tuning.events import TrialEnded\n"
        "def observe(event): isinstance(event, TrialEnded) and print(event.trial.number, flush=True)\n"
        "if __name__ == '__main__':\n"
        "    read = read_experiment(Path(sys.argv[2]))\n"
        "    run_study(read.experiment, read.text, Workspace(Path(sys.argv[1])), observe=observe, track=False)\n"
    )
    program = workspace.root / "program.py"
    program.write_text(script, encoding="utf-8")
    process = subprocess.Popen(
        [sys.executable, str(program), str(workspace.root), str(file)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    seen = [process.stdout.readline().strip() for _ in range(4)]
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    assert seen == ["0", "1", "2", "3"]
    killed = list_studies(workspace)[0]
    assert killed.status is StudyStatus.STOPPED
    assert str(killed.error).startswith("interrupted: process")
    assert killed.ended_trials >= 4
    assert killed.counts.get("running", 0) == 0
    resumed = resume_study(killed.id, workspace, track=False)
    assert points(resumed) == points(whole)
    assert values(resumed) == values(whole)
    assert sum(trial.attempts for trial in resumed.trials) in (8, 9)


def test_a_study_that_runs_cannot_be_taken_up(workspace: Workspace) -> None:
    events: list[StudyEvent] = []
    refused: list[str] = []

    def observe(event: StudyEvent) -> None:
        events.append(event)
        if isinstance(event, TrialEnded) and not refused:
            with pytest.raises(StoreError) as caught:
                resume_study("last", workspace, track=False)
            refused.append(str(caught.value))

    toml = study_toml(trials=2)
    run_study(experiment_of(toml), toml, workspace, observe=observe, track=False)
    assert "is running in process" in refused[0]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("high = 20.0", "high = 30.0", "tuning.space.stimulus.amplitude.CS"),
        ('"plasticity.rule" = ["bcm", "sliding_bcm"]', "", "tuning.space.plasticity.rule: got nothing"),
        ("duration_tau = 30.0", "duration_tau = 31.0", "another experiment"),
        ('method = "random"', 'method = "sobol"', "tuning.method: got sobol, allowed random"),
    ],
)
def test_a_study_is_not_taken_up_with_another_space_or_experiment(
    workspace: Workspace, old: str, new: str, message: str
) -> None:
    toml = study_toml(trials=1)
    study_id = search(workspace, toml).record.id
    assert old in toml
    with pytest.raises(ConfigError) as caught:
        resume_study(study_id, workspace, experiment=experiment_of(toml.replace(old, new)), source="f.toml")
    (line,) = caught.value.lines()
    assert line.startswith("f.toml: ")
    assert message in line
    assert study_id in line
    assert show_study(workspace, study_id).record.status is StudyStatus.COMPLETED


@pytest.mark.slow
def test_a_worker_that_dies_is_replaced_and_its_trial_tried_again(workspace: Workspace) -> None:
    killed: list[int] = []
    killers: list[threading.Thread] = []

    def kill_a_worker() -> None:
        deadline = time.monotonic() + 60
        while not killed and time.monotonic() < deadline:
            for pid in children_of(os.getpid()):
                killed.append(pid)
                os.kill(pid, signal.SIGKILL)
            time.sleep(0.02)

    events: list[StudyEvent] = []

    def observe(event: StudyEvent) -> None:
        events.append(event)
        # This event arrives while a trial is running.
        if isinstance(event, StudyProgress) and event.ended == 2 and event.running and not killers:
            killers.append(threading.Thread(target=kill_a_worker))
            killers[0].start()

    toml = study_toml(trials=8).replace("duration_tau = 30.0", "duration_tau = 3000.0")
    report = run_study(experiment_of(toml), toml, workspace, observe=observe, track=False)
    assert killed
    assert report.record.status is StudyStatus.COMPLETED
    assert dict(report.record.counts) == {"completed": 8}
    assert max(trial.attempts for trial in report.trials) == 2


def children_of(pid: int) -> list[int]:
    """Processes in which trials run: those of the fork server."""
    import psutil

    found = []
    for child in psutil.Process(pid).children(recursive=True):
        try:
            if child.ppid() != pid and child.name().startswith("python"):
                found.append(child.pid)
        except psutil.NoSuchProcess:
            continue
    return found


def test_what_cannot_be_searched_leaves_no_study(workspace: Workspace) -> None:
    with pytest.raises(ConfigError):
        search(workspace, study_toml(space=SPACE.replace('"bcm"', '"bmc"')))
    assert list_studies(workspace) == []
    with pytest.raises(UnknownRunError, match="no studies yet"):
        resume_study("last", workspace)


def test_references_find_studies(workspace: Workspace) -> None:
    first, second = (search(workspace, study_toml(trials=1)).record.id for _ in range(2))
    studies = Studies.open(workspace)
    assert studies.find("last").id == second
    assert studies.find(first).id == first
    assert studies.find(first.rpartition("-")[2]).id == first
    with pytest.raises(UnknownRunError, match="matches several ids:"):
        studies.find(first[:9])
    with pytest.raises(UnknownRunError, match="no study 'x'"):
        studies.find("x")


def test_trials_missing_in_mlflow_are_counted_by_study(workspace: Workspace) -> None:
    many = {trials: search(workspace, study_toml(trials=trials)).record.id for trials in (2, 3)}
    studies = open_studies(workspace)
    assert {trials: studies.count_untracked_trials(study_id) for trials, study_id in many.items()} == {
        2: 2,
        3: 3,
    }


def test_the_experiment_of_a_trial_has_the_circuits_of_the_trial(workspace: Workspace) -> None:
    toml = study_toml(trials=3, extra="fresh = true")
    report = search(workspace, toml)
    for trial in report.trials:
        experiment = experiment_of_trial(report, trial.number)
        assert run_trial(experiment).value("loss") == trial.value
    seeds = {experiment_of_trial(report, number).seed for number in range(3)}
    assert len(seeds) == 3
    shared = search(workspace, study_toml(trials=1))
    assert experiment_of_trial(shared, 0).seed == experiment_of(toml).seed
    assert run_trial(experiment_of_trial(shared, 0)).value("loss") == shared.trials[0].value
