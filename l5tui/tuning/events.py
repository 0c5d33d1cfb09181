"""Progress events of a study, consumed by the command line and the app."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from l5tui.store.study_records import TrialRecord
from l5tui.text import number
from l5tui.tuning.marginals import Marginal


@dataclass(frozen=True)
class Connecting:
    """The study waits for the scheduler of a cluster to answer; it has no row yet.

    Parameters
    ----------
    address : str
    elapsed, limit : float
        Seconds since the first attempt, and after which it is given up.
    """

    address: str
    elapsed: float
    limit: float


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
        Estimated seconds that are left.
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
class Confirming:
    """All trials have ended; the best points run in fresh circuits.

    Parameters
    ----------
    done, total : int
        Runs that have ended, and in all.
    elapsed : float
        Seconds since the first of them began.
    remaining : float or None
        Estimated seconds that are left.
    """

    done: int
    total: int
    elapsed: float
    remaining: float | None


@dataclass(frozen=True)
class Recording:
    """All trials have ended; this number of trials is not recorded in MLflow yet."""

    left: int


@dataclass(frozen=True)
class StudyWarned:
    """Something fell short that does not spoil the study."""

    text: str


@dataclass(frozen=True)
class PosteriorEstimated:
    """An inference knows more of its posterior than before.

    Parameters
    ----------
    log_evidence, log_evidence_sd : float
        Natural logarithm and its standard error; of vbmc a lower bound.
    is_bound : bool
    evaluations : int
        Points that it comes from.
    stage : str
        How far the method is, in words.
    marginals : mapping of str to Marginal
        Of each searched parameter, as far as it is known at this stage.
    """

    log_evidence: float
    log_evidence_sd: float
    is_bound: bool
    evaluations: int
    stage: str
    marginals: Mapping[str, Marginal]

    @property
    def in_words(self) -> str:
        """The evidence, and how far it is."""
        known = f"{number(self.log_evidence, 2)} ± {number(self.log_evidence_sd, 2)}"
        return f"log evidence {'≥ ' if self.is_bound else ''}{known}, {self.stage}"


StudyEvent: TypeAlias = (
    Connecting
    | StudyStarted
    | TrialEnded
    | StudyProgress
    | Confirming
    | PosteriorEstimated
    | Recording
    | StudyWarned
)
StudyObserver: TypeAlias = Callable[[StudyEvent], None]
