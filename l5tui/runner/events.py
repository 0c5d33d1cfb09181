"""What a run tells while it runs; the command line prints it, the app draws it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from l5tui.runner.forecast import Forecast


@dataclass(frozen=True)
class RunStarted:
    """The run has its row in the catalogue."""

    run_id: str
    name: str


@dataclass(frozen=True)
class Progress:
    """How far the simulation is.

    Parameters
    ----------
    done, realizations : int
        Realizations that have ended, and in all.
    steps, total : int
        Steps taken in all realizations, and to be taken.
    elapsed : float
        Seconds since the simulation began.
    """

    done: int
    realizations: int
    steps: int
    total: int
    elapsed: float

    @property
    def fraction(self) -> float:
        """Part of the whole simulation that is done."""
        return self.steps / self.total

    @property
    def remaining(self) -> float | None:
        """Seconds that are left, as far as can be told."""
        return self.elapsed * (1 - self.fraction) / self.fraction if self.fraction > 0 else None


@dataclass(frozen=True)
class PhaseStarted:
    """The run has entered a phase.

    One of ``compile`` (only once after installation), ``simulate``, ``measure``, ``store``, ``track`` and
    ``catch_up`` (only where MLflow missed earlier runs).
    """

    phase: str


@dataclass(frozen=True)
class Forecasted:
    """The run will take much; told before it begins."""

    forecast: Forecast


@dataclass(frozen=True)
class Warned:
    """Something fell short that does not spoil the run."""

    text: str


Event: TypeAlias = Forecasted | RunStarted | Progress | PhaseStarted | Warned
Observer: TypeAlias = Callable[[Event], None]
