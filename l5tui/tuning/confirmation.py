"""Confirmation of a study's best points in circuits that no trial has seen.

The best of many trials looks better than it is: it was chosen for the circuits of the search. The best distinct points
are therefore run again in sets of fresh circuits, the same sets for all of them, each set with as many circuits as a
trial, so that the objective is the same quantity. Results are in ``store/confirmations/STUDY.json``, which
`l5tui.tuning.confirmed` reads.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from l5tui.config import Experiment
from l5tui.runner.report import number_or_none
from l5tui.store.filesystem import replace_durably
from l5tui.store.id_paths import confirmation_file
from l5tui.store.study_records import StudyRecord, TrialRecord
from l5tui.tuning.confirmed import (
    Candidate,
    Confirmation,
    ended_trials,
    read_confirmation,
    read_file,
    value_key,
)
from l5tui.tuning.events import Confirming, StudyObserver
from l5tui.tuning.executor import show_notices
from l5tui.tuning.lifecycle import Surroundings
from l5tui.tuning.methods import study_kind
from l5tui.tuning.scheme import confirmation_seed
from l5tui.tuning.space import SearchSpace
from l5tui.tuning.tasks import Tasks
from l5tui.tuning.trial import TrialResult, run_trial

__all__ = ["Candidate", "Confirmation", "confirm", "read_confirmation"]

WAIT_SECONDS: Final = 0.1
SETS: Final = 5
"""Sets of circuits where ``tuning.confirm_circuits`` is 0."""


def confirm(
    record: StudyRecord,
    trials: Sequence[TrialRecord],
    experiment: Experiment,
    space: SearchSpace,
    around: Surroundings,
    observe: StudyObserver,
    requests: Callable[[], int],
) -> bool:
    """Run the best points of a search in fresh circuits; runs of an earlier process are not repeated.

    Returns
    -------
    bool
        Whether it is complete; False where a stop was requested.
    """
    chosen = _best_points(record, trials, experiment.tuning.confirm)
    if study_kind(record.method) != "search" or record.method == "grid" or not chosen:
        return True
    circuits = experiment.tuning.realizations or experiment.simulation.realizations
    sets = math.ceil(experiment.tuning.confirm_circuits / circuits) or SETS
    executor = around.executor
    known = read_file(confirmation_file(around.workspace, record.id)).get("values", {})
    wanted = [(trial.number, number) for number in range(sets) for trial in chosen]
    values: dict[str, float | None] = {
        value_key(*each): known[value_key(*each)] for each in wanted if value_key(*each) in known
    }
    left = [each for each in wanted if value_key(*each) not in values]
    points = {trial.number: trial.point for trial in chosen}
    tasks: Tasks[tuple[int, int], TrialResult] = Tasks(executor, lambda key: None)
    began, before = time.monotonic(), len(values)

    def write(is_complete: bool) -> None:
        stored: dict[str, Any] = {
            "circuits": circuits,
            "sets": sets,
            "trials": [trial.number for trial in chosen],
            "values": values,
        }
        stored |= {"ended_trials": ended_trials(trials), "complete": is_complete}
        around.in_place(lambda workspace: _write(confirmation_file(workspace, record.id), stored))

    while left or tasks.running:
        while left and not requests() and tasks.has_room(executor.workers):
            key = left.pop(0)
            tasks.start(key, run_trial, _experiment(experiment, space, points[key[0]], key[1]))
        if requests():
            tasks.cancel_waiting()
        else:
            tasks.start_suspect()
        if requests() >= 2 or (requests() and not tasks.are_active):
            return False
        for ended in tasks.wait(WAIT_SECONDS, lambda key: key):
            value = ended.result.value(record.objective) if ended.result else math.nan
            values[value_key(*ended.key)] = number_or_none(value)
            write(False)
        show_notices(executor, observe)
        done, elapsed = len(values), time.monotonic() - began
        remaining = elapsed / (done - before) * (len(wanted) - done) if done > before else None
        observe(Confirming(done, len(wanted), elapsed, remaining))
    write(True)
    return True


def _best_points(record: StudyRecord, trials: Sequence[TrialRecord], count: int) -> list[TrialRecord]:
    sign = -1.0 if record.maximize else 1.0
    valued = [trial for trial in trials if trial.status == "completed" and math.isfinite(trial.value)]
    chosen: list[TrialRecord] = []
    for trial in sorted(valued, key=lambda each: (sign * each.value, each.number)):
        if len(chosen) < count and all(dict(trial.point) != dict(each.point) for each in chosen):
            chosen.append(trial)
    return chosen


def _experiment(experiment: Experiment, space: SearchSpace, point: Any, number: int) -> Experiment:
    from l5tui.tuning.search import trial_experiment

    of_trial = trial_experiment(experiment, space, point, 0)
    return of_trial.model_copy(update={"seed": confirmation_seed(experiment.seed, number)})


def _write(path: Path, stored: dict[str, Any]) -> None:
    path.parent.mkdir(exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    part.write_text(json.dumps(stored, allow_nan=False), encoding="utf-8")
    replace_durably(part, path)
