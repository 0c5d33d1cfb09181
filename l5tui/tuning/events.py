"""What a study tells while it goes on; the command line prints it, the app draws it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from l5tui.store.study_records import TrialRecord


@dataclass(frozen=True)
class StudyStarted:
    """The study has its row in the catalogue.

    Parameters
    ----------
    study_id, name : str
    resumed : bool
    ended, trials : int
        Trials that had ended before, and that are wanted in all.
    """

    study_id: str
    name: str
    resumed: bool
    ended: int
    trials: int


@dataclass(frozen=True)
class TrialEnded:
    """One trial has ended.

    Parameters
    ----------
    trial : TrialRecord
    best_trial : int or None
    best_value : float
        NaN where there is none yet.
    """

    trial: TrialRecord
    best_trial: int | None
    best_value: float


@dataclass(frozen=True)
class StudyProgress:
    """How far the study is.

    Parameters
    ----------
    ended, running, trials : int
        Trials that have ended, that run now, and that are wanted in all.
    elapsed : float
        Seconds since this process took the study up.
    remaining : float or None
        Seconds that are left, as far as can be told.
    stopping : bool
        Whether no new trials are begun.
    """

    ended: int
    running: int
    trials: int
    elapsed: float
    remaining: float | None
    stopping: bool


@dataclass(frozen=True)
class Recording:
    """All trials have ended; MLflow has so many still to be told of."""

    left: int


@dataclass(frozen=True)
class StudyWarned:
    """Something fell short that does not spoil the study."""

    text: str


StudyEvent: TypeAlias = StudyStarted | TrialEnded | StudyProgress | Recording | StudyWarned
StudyObserver: TypeAlias = Callable[[StudyEvent], None]
