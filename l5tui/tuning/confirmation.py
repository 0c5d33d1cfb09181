"""Confirmation of a study's best points in circuits that no trial has seen.

The best of many trials looks better than it is: it was chosen for the circuits of the search. The best distinct points
are therefore run again in sets of fresh circuits, the same sets for all of them, each set with as many circuits as a
trial, so that the objective is the same quantity. Results are in ``store/confirmations/STUDY.json``.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from l5tui.config import Experiment
from l5tui.store.filesystem import replace_durably
from l5tui.store.id_paths import confirmation_file
from l5tui.store.study_records import StudyRecord, TrialRecord
from l5tui.tuning.events import Confirming, StudyObserver
from l5tui.tuning.executor import TrialExecutor, show_notices
from l5tui.tuning.methods import study_kind
from l5tui.tuning.scheme import confirmation_seed
from l5tui.tuning.space import SearchSpace
from l5tui.tuning.tasks import Tasks
from l5tui.tuning.trial import TrialResult, run_trial
from l5tui.workspace import Workspace, require_regular

WAIT_SECONDS: Final = 0.1
SETS: Final = 5
"""Sets of circuits where ``tuning.confirm_circuits`` is 0."""


@dataclass(frozen=True)
class Candidate:
    """One of the best points of a search.

    Parameters
    ----------
    trial : int
        Its number.
    tuning_value : float
        Objective in the circuits of the search.
    values : tuple of float
        Objective in each set of fresh circuits; NaN where it is not defined.
    mean, low, high : float
        Mean over the sets and its 95 % Student t interval; NaN where a set has no value.
    """

    trial: int
    tuning_value: float
    values: tuple[float, ...]
    mean: float
    low: float
    high: float

    @property
    def n(self) -> int:
        """Sets with a value."""
        return sum(math.isfinite(value) for value in self.values)


@dataclass(frozen=True)
class Confirmation:
    """The best points of a search in fresh circuits.

    Parameters
    ----------
    circuits : int
        In each set.
    candidates : tuple of Candidate
        The best first; those with an undefined value last.
    """

    circuits: int
    candidates: tuple[Candidate, ...]

    @property
    def best(self) -> Candidate | None:
        """The best candidate with a value in every set."""
        return next((each for each in self.candidates if math.isfinite(each.mean)), None)

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON has it; what is not defined is null."""
        names = ("trial", "tuning_value", "mean", "low", "high", "n")
        rows = [
            {name: _or_none(getattr(each, name)) for name in names}
            | {"values": [*map(_or_none, each.values)]}
            for each in self.candidates
        ]
        return {"circuits_per_set": self.circuits, "candidates": rows}


def confirm(
    record: StudyRecord,
    trials: Sequence[TrialRecord],
    experiment: Experiment,
    space: SearchSpace,
    workspace: Workspace,
    executor: TrialExecutor,
    tell: StudyObserver,
    requests: Callable[[], int],
) -> bool:
    """Run the best points of a search in fresh circuits; what an earlier process did of it is not run again.

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
    path = confirmation_file(workspace, record.id)
    known = _read(path).get("values", {})
    wanted = [(trial.number, number) for number in range(sets) for trial in chosen]
    values: dict[str, float | None] = {
        _key(*each): known[_key(*each)] for each in wanted if _key(*each) in known
    }
    left = [each for each in wanted if _key(*each) not in values]
    points = {trial.number: trial.point for trial in chosen}
    tasks: Tasks[tuple[int, int], TrialResult] = Tasks(executor, lambda key: None)
    began, before = time.monotonic(), len(values)

    def write(is_complete: bool) -> None:
        kept = {
            "circuits": circuits,
            "sets": sets,
            "trials": [trial.number for trial in chosen],
            "values": values,
        }
        _write(path, {**kept, "ended_trials": record_ended(trials), "complete": is_complete})

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
            values[_key(*ended.key)] = _or_none(value)
            write(False)
        show_notices(executor, tell)
        done, elapsed = len(values), time.monotonic() - began
        remaining = elapsed / (done - before) * (len(wanted) - done) if done > before else None
        tell(Confirming(done, len(wanted), elapsed, remaining))
    write(True)
    return True


def read_confirmation(
    workspace: Workspace, record: StudyRecord, trials: Sequence[TrialRecord]
) -> Confirmation | None:
    """Return the confirmation of a study; None where there is none of its present trials.

    Parameters
    ----------
    workspace : Workspace
    record : StudyRecord
    trials : sequence of TrialRecord
    """
    kept = _read(confirmation_file(workspace, record.id))
    if not kept.get("complete") or kept["ended_trials"] != record_ended(trials):
        return None
    by_number = {trial.number: trial for trial in trials}
    if not set(kept["trials"]) <= set(by_number):
        return None
    found = [
        _candidate(
            by_number[number], [kept["values"].get(_key(number, each)) for each in range(kept["sets"])]
        )
        for number in kept["trials"]
    ]
    sign = -1.0 if record.maximize else 1.0
    found.sort(
        key=lambda each: (not math.isfinite(each.mean), sign * each.mean if math.isfinite(each.mean) else 0.0)
    )
    return Confirmation(int(kept["circuits"]), tuple(found))


def record_ended(trials: Sequence[TrialRecord]) -> int:
    """Trials that have ended: a confirmation holds for these."""
    return sum(trial.status.is_final for trial in trials)


def _candidate(trial: TrialRecord, kept: Sequence[float | None]) -> Candidate:
    import numpy as np

    from l5tui.analysis.intervals import estimate_mean

    values = np.array([math.nan if value is None else value for value in kept], dtype=float)
    # A mean over the sets that happen to have a value would favour points that diverge.
    found = estimate_mean(values if np.isfinite(values).all() else np.full_like(values, math.nan))
    return Candidate(trial.number, trial.value, tuple(values.tolist()), found.mean, found.low, found.high)


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


def _key(trial: int, number: int) -> str:
    return f"{trial}/{number}"


def _read(path: Path) -> dict[str, Any]:
    try:
        require_regular(path)
        kept = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return kept if isinstance(kept, dict) else {}


def _write(path: Path, kept: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    part.write_text(json.dumps(kept, allow_nan=False), encoding="utf-8")
    replace_durably(part, path)


def _or_none(value: float) -> float | None:
    return value if math.isfinite(value) else None
