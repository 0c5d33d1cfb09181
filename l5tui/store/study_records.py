"""What the catalogue takes and gives of studies: plain, frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from l5tui.store.records import ShownRow


class StudyStatus(StrEnum):
    """Where a study stands; all but a completed one can be resumed, and that one with more trials."""

    RUNNING = "running"
    COMPLETED = "completed"
    STOPPED = "stopped"
    FAILED = "failed"


class TrialStatus(StrEnum):
    """Where a trial stands; an interrupted one is tried again when its study is resumed."""

    RUNNING = "running"
    COMPLETED = "completed"
    DIVERGED = "diverged"
    FAILED = "failed"
    INTERRUPTED = "interrupted"

    @property
    def is_final(self) -> bool:
        """Whether a trial stays in this status for ever."""
        return self not in (TrialStatus.RUNNING, TrialStatus.INTERRUPTED)


@dataclass(frozen=True)
class NewStudy:
    """A study that is about to start.

    Parameters
    ----------
    name : str
    method, objective : str
    maximize : bool
    trials : int
        Wanted in all.
    seed : int
        Of the search.
    hash : str
        Of the experiment that is varied.
    space : mapping
        The searched parameters, as `l5tui.tuning.space.SearchSpace.as_dict` gives them.
    toml : str
        The experiment, with its ``[tuning]``.
    host, pid, process_started, versions, git_commit, git_dirty
        As in `l5tui.store.records.NewRun`.
    """

    name: str
    method: str
    objective: str
    maximize: bool
    trials: int
    seed: int
    hash: str
    space: Mapping[str, Any]
    toml: str
    host: str
    pid: int
    process_started: str | None
    versions: Mapping[str, str] = field(default_factory=dict)
    git_commit: str | None = None
    git_dirty: bool | None = None


@dataclass(frozen=True)
class TrialRecord:
    """A trial as the catalogue knows it.

    Parameters
    ----------
    study_id : str
    number : int
        From 0 on.
    status : TrialStatus
    started, ended : datetime or None
    attempts : int
        How often it was begun.
    value : float
        The objective; NaN where there is none.
    seconds : float
        That its simulation took.
    error : str or None
    mlflow_run : str or None
    point : mapping of str to value
        What was varied; of a ratio, the ratio.
    metrics : mapping of str to float
        Every measure that is a finite number, by its name.
    damage : mapping of str to str
        What cannot be read in the row, by column.
    """

    study_id: str
    number: int
    status: TrialStatus
    started: datetime
    ended: datetime | None
    attempts: int
    value: float
    seconds: float
    error: str | None
    mlflow_run: str | None
    point: Mapping[str, Any]
    metrics: Mapping[str, float]
    damage: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class StudyRecord(ShownRow):
    """A study as the catalogue knows it.

    Parameters
    ----------
    id : str
        As a run's.
    status : StudyStatus
    counts : mapping of str to int
        Trials by status.
    best_trial : int or None
        Number of the trial with the best value.
    best_value : float
        NaN where there is none.
    created, started, ended, heartbeat : datetime or None
    error, mlflow_run : str or None
    name, method, objective, maximize, trials, seed, hash, space, toml
        As in `NewStudy`.
    host, pid, process_started, versions, git_commit, git_dirty
        Of who began it or resumed it last.
    damage : mapping of str to str
        What cannot be read in the row, by column; such a column has a stand-in here.
    """

    id: str
    name: str
    status: StudyStatus
    created: datetime
    started: datetime
    ended: datetime | None
    heartbeat: datetime
    host: str
    pid: int
    process_started: str | None
    method: str
    objective: str
    maximize: bool
    trials: int
    seed: int
    hash: str
    space: Mapping[str, Any]
    versions: Mapping[str, str]
    git_commit: str | None
    git_dirty: bool | None
    error: str | None
    mlflow_run: str | None
    toml: str
    counts: Mapping[str, int]
    best_trial: int | None
    best_value: float
    damage: Mapping[str, str] = field(default_factory=dict)

    @property
    def ended_trials(self) -> int:
        """Trials that will not be tried again."""
        return sum(self.counts.get(status, 0) for status in TrialStatus if status.is_final)


def checked_point(trial: TrialRecord, space: Mapping[str, Any]) -> TrialRecord:
    """Return a trial, with the damage of its point if the point is outside the study's space.

    Parameters
    ----------
    trial : TrialRecord
    space : mapping
        Of the study, by parameter.
    """
    if trial.damage:
        return trial
    if trial.point.keys() != space.keys():
        return replace(trial, damage={"point": "has other parameters than the study's space"})
    for path, spread in space.items():
        value = trial.point[path]
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not (value in spread["choices"] if "choices" in spread else is_number):
            return replace(trial, damage={"point": f"has no value of {path}"})
    return trial
