"""Confirmed best points of a study: their objective in fresh circuits, and the difference between the best two."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from l5tui.runner.report import number_or_none
from l5tui.store.id_paths import confirmation_file
from l5tui.store.run_id import is_run_id
from l5tui.store.study_records import StudyRecord, TrialRecord
from l5tui.text import number
from l5tui.workspace import Workspace, require_regular

if TYPE_CHECKING:
    from l5tui.analysis.intervals import MeanEstimate


@dataclass(frozen=True)
class Candidate:
    """One of the best points of a search.

    Parameters
    ----------
    trial : int
        Its number.
    tuning_value : float
        Objective in the circuits of the search; NaN where the trials were not read.
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

    @property
    def short(self) -> str:
        """Mean and half the width of the 95 % interval: ``1.823 ± 0.075``."""
        half = (self.high - self.low) / 2
        return f"{number(self.mean)} ± {number(half)}" if math.isfinite(half) else number(self.mean)

    @property
    def with_interval(self) -> str:
        """The same with n: ``1.823 ± 0.075 (95 %, n = 5)``."""
        level = "95 %, " if math.isfinite(self.low) else ""
        return f"{self.short} ({level}n = {self.n})"

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON has it, without the value in the search; what is not defined is null."""
        names = ("trial", "mean", "low", "high", "n")
        row = {name: number_or_none(getattr(self, name)) for name in names}
        return {**row, "values": [*map(number_or_none, self.values)]}


@dataclass(frozen=True)
class Difference:
    """The paired difference between the best candidate and the second.

    Parameters
    ----------
    best, second : int
        Numbers of the two trials.
    estimate : MeanEstimate
        Mean over the sets of best minus second, with its 95 % Student t interval.
    """

    best: int
    second: int
    estimate: MeanEstimate

    @property
    def is_resolved(self) -> bool:
        """Whether the interval excludes 0."""
        return self.estimate.low > 0 or self.estimate.high < 0

    @property
    def in_words(self) -> str:
        """The difference, its interval and n, and whether the two can be distinguished."""
        found = self.estimate
        shown = (
            f"trial {self.best} minus trial {self.second}, the second: {number(found.mean, 3, signed=True)}"
        )
        if not math.isfinite(found.low):
            return f"{shown} (n = {found.n}, too few for an interval); the two cannot be distinguished"
        low, high = number(found.low, 3, signed=True), number(found.high, 3, signed=True)
        verdict = (
            "the interval excludes 0"
            if self.is_resolved
            else "the difference is within its interval, so the two cannot be distinguished"
        )
        return f"{shown} (95 % {low} to {high}, paired, n = {found.n}); {verdict}"

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON has it; what is not defined is null."""
        bounds = {name: number_or_none(getattr(self.estimate, name)) for name in ("mean", "low", "high")}
        trials = {"best": self.best, "second": self.second}
        return {**trials, **bounds, "n": self.estimate.n, "resolved": self.is_resolved}


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

    @cached_property
    def difference(self) -> Difference | None:
        """The best minus the second, paired by set; None for fewer than two candidates with a value in every set."""
        import numpy as np

        from l5tui.analysis.intervals import estimate_mean

        defined = [each for each in self.candidates if math.isfinite(each.mean)]
        if len(defined) < 2:
            return None
        best, second = defined[:2]
        return Difference(
            best.trial, second.trial, estimate_mean(np.array(best.values) - np.array(second.values))
        )

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON has it; what is not defined is null."""
        return {
            "circuits_per_set": self.circuits,
            "candidates": [
                {**each.as_dict(), "tuning_value": number_or_none(each.tuning_value)}
                for each in self.candidates
            ],
            "difference": self.difference.as_dict() if self.difference else None,
        }


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
    return _read(workspace, record, ended_trials(trials), {trial.number: trial.value for trial in trials})


def read_best(workspace: Workspace, record: StudyRecord) -> Candidate | None:
    """Return the confirmed best of a study without reading its trials; None where it is not confirmed.

    Parameters
    ----------
    workspace : Workspace
    record : StudyRecord
    """
    found = _read(workspace, record, record.ended_trials, None)
    return found.best if found else None


def ended_trials(trials: Sequence[TrialRecord]) -> int:
    """Count the trials that have ended: a confirmation holds for these."""
    return sum(trial.status.is_final for trial in trials)


def value_key(trial: int, number: int) -> str:
    """Return the key of a trial's value in one set of circuits."""
    return f"{trial}/{number}"


def read_file(path: Path) -> dict[str, Any]:
    """Read a confirmation's file; empty where there is none, or none that can be read."""
    try:
        require_regular(path)
        stored = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return stored if isinstance(stored, dict) else {}


def _read(
    workspace: Workspace, record: StudyRecord, ended: int, tuning_values: Mapping[int, float] | None
) -> Confirmation | None:
    if not is_run_id(record.id):
        return None  # of a damaged row, which has no file
    stored = read_file(confirmation_file(workspace, record.id))
    if not stored.get("complete") or stored["ended_trials"] != ended:
        return None
    if tuning_values is not None and not set(stored["trials"]) <= set(tuning_values):
        return None
    known = tuning_values or {}
    found = [
        _candidate(
            trial,
            known.get(trial, math.nan),
            [stored["values"].get(value_key(trial, each)) for each in range(stored["sets"])],
        )
        for trial in stored["trials"]
    ]
    sign = -1.0 if record.maximize else 1.0
    found.sort(
        key=lambda each: (not math.isfinite(each.mean), sign * each.mean if math.isfinite(each.mean) else 0.0)
    )
    return Confirmation(int(stored["circuits"]), tuple(found))


def _candidate(trial: int, tuning_value: float, stored: Sequence[float | None]) -> Candidate:
    import numpy as np

    from l5tui.analysis.intervals import estimate_mean

    values = np.array([math.nan if value is None else value for value in stored], dtype=float)
    # A mean over the sets that happen to have a value would favour points that diverge.
    found = estimate_mean(values if np.isfinite(values).all() else np.full_like(values, math.nan))
    return Candidate(trial, tuning_value, tuple(values.tolist()), found.mean, found.low, found.high)
