"""A trial that crashes its process fails alone: its neighbours in the pool run again and complete."""

from __future__ import annotations

import signal
import sqlite3
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from l5tui.config.rules import rule_class, rules_of_packages
from l5tui.config.schema import parameter_paths, parameters
from l5tui.store.studies import Studies
from l5tui.tuning.inference.simulator import Simulator
from l5tui.tuning.lifecycle import new_study
from l5tui.tuning.process_pool import LocalPool
from l5tui.tuning.space import search_space
from l5tui.tuning.study import resume_study
from l5tui.tuning.tasks import CRASHED_ALONE, LOST, Ended, Tasks
from l5tui.workspace import Workspace
from tests.tuning.half_results import write_half_a_result
from tests.tuning.searches import experiment_of, search, study_toml

RULE = """
import signal, time
from tests.tuning.half_results import write_half_a_result
from l5tui.model.plasticity.covariance import Covariance


class Fatal(Covariance):
    def __init__(self, experiment, initial_rates):
        super().__init__(experiment, initial_rates)
        time.sleep(0.3)
        if experiment.plasticity.tau_learn > 3000:
            write_half_a_result(signal.SIGKILL)
        time.sleep(0.3)
"""


@pytest.fixture
def fatal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A rule of another package; where the learning rate is low it kills its process in the middle of a result."""
    site = tmp_path / "site"
    described = site / "fatal_rule-1.0.dist-info"
    described.mkdir(parents=True)
    (site / "fatal_rule.py").write_text(RULE, encoding="utf-8")
    (described / "METADATA").write_text("Metadata-Version: 2.1\nName: fatal-rule\nVersion: 1.0\n")
    (described / "entry_points.txt").write_text("[l5tui.rules]\nfatal = fatal_rule:Fatal\n")
    monkeypatch.syspath_prepend(str(site))
    caches = (rules_of_packages, rule_class, parameters, parameter_paths)
    for cached in caches:
        cached.cache_clear()
    yield
    sys.modules.pop("fatal_rule", None)
    monkeypatch.undo()
    for cached in caches:
        cached.cache_clear()


def fatal_toml(space: str, method: str = "grid") -> str:
    toml = study_toml(
        method, trials=4, workers=4, space=f"[tuning.space]\n{space}\n", extra="realizations = 2"
    )
    return toml.replace("onset_step = 120", 'onset_step = 120\nrule = "fatal"')


def crash_or_wait(number: int) -> int:
    """Task 0 loses its process in the middle of a result; the others run longer."""
    time.sleep(0.1)
    if number == 0:
        write_half_a_result(signal.SIGKILL)
    time.sleep(0.1)
    return number


def test_only_the_task_that_crashes_alone_has_failed() -> None:
    pool = LocalPool(4)
    again: list[int] = []
    tasks: Tasks[int, int] = Tasks(pool, again.append)
    ended: dict[int, Ended[int, int]] = {}
    try:
        for number in range(4):
            assert tasks.has_room(4)
            tasks.start(number, crash_or_wait, number)
        while tasks.running:
            assert not (again and tasks.has_room(4)) or not tasks.are_active
            tasks.start_suspect()
            ended |= {each.key: each for each in tasks.wait(0.1, lambda number: number)}
    finally:
        pool.stop()
    assert ended[0].error == CRASHED_ALONE
    assert [ended[number].result for number in (1, 2, 3)] == [1, 2, 3]
    assert again == [0]


@pytest.mark.slow
def test_a_trial_that_crashes_its_process_does_not_fail_its_neighbours(
    fatal: None, workspace: Workspace
) -> None:
    toml = fatal_toml('"plasticity.tau_learn" = [3500.0, 1000.0, 1500.0, 2000.0]')
    report = search(workspace, toml)
    assert [str(trial.status) for trial in report.trials] == ["failed", *["completed"] * 3]
    assert report.trials[0].error == CRASHED_ALONE
    assert report.record.best_trial in (1, 2, 3)
    assert report.record.status == "completed"


@pytest.mark.slow
def test_a_point_of_an_inference_that_crashes_does_not_fail_its_neighbours(
    fatal: None, workspace: Workspace
) -> None:
    toml = fatal_toml('"plasticity.tau_learn" = {low = 1000.0, high = 4000.0}')
    toml += '[targets]\n"after/rate.CC" = {value = 2.0, uncertainty = 0.2, source = "made up"}\n'
    experiment, studies, pool = experiment_of(toml), Studies.open(workspace), LocalPool(4)
    space = search_space(experiment)
    row = new_study(
        experiment, toml, space, method="abc", trials=4, objective="log_likelihood", maximize=True
    )
    simulator = Simulator(studies.start(row), experiment, space, pool, studies, lambda event: None, lambda: 0)
    try:
        trials = simulator.simulate(np.array([[0.9], [0.1], [0.2], [0.3]]))
    finally:
        pool.stop()
    assert [str(trial.status) for trial in trials] == ["failed", *["completed"] * 3]
    assert trials[0].error == CRASHED_ALONE


def test_a_resumed_study_runs_again_what_failed_without_proof(workspace: Workspace) -> None:
    report = search(workspace, study_toml(trials=3))
    before = [(trial.number, str(trial.status), trial.error, trial.value) for trial in report.trials]
    assert [each[:3] for each in before] == [(number, "completed", None) for number in range(3)]
    with sqlite3.connect(workspace.catalog) as catalog:
        catalog.execute(
            "UPDATE trial SET status = 'failed', value = NULL, mlflow_run = 'x', error = ? WHERE number = 1",
            (LOST,),
        )
    again = resume_study(report.record.id, workspace, track=False)
    after = [(trial.number, str(trial.status), trial.error, trial.value) for trial in again.trials]
    assert after == before
    assert (again.trials[1].attempts, again.trials[1].mlflow_run) == (2, None)
