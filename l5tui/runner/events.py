"""Progress events of a run, consumed by the command line and the app."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from l5tui.runner.forecast import Forecast

Four: TypeAlias = tuple[float, ...]
"""A value a population, in the order of `l5tui.config.POPULATIONS`; NaN where one is empty."""

Blocks: TypeAlias = tuple[Four, ...]
"""A value a block, ``[post][pre]``; NaN where a population is empty."""


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
        Seconds since the simulation began, without those for which it was held.
    is_paused : bool
        Whether it is held now.
    """

    done: int
    realizations: int
    steps: int
    total: int
    elapsed: float
    is_paused: bool = False

    @property
    def fraction(self) -> float:
        """Part of the whole simulation that is done."""
        return self.steps / self.total

    @property
    def remaining(self) -> float | None:
        """Estimated seconds that are left; None before the first step."""
        return self.elapsed * (1 - self.fraction) / self.fraction if self.fraction > 0 else None


@dataclass(frozen=True)
class Snapshot:
    """State of a realization, averaged over directions; emitted a few times a second.

    Parameters
    ----------
    realization : int
        From 1.
    steps : tuple of int
        Steps of `rates`: a subset of the steps since the realization's last snapshot.
    rates : tuple of Four
        Mean rate of each population at each of these steps.
    weights, targets : Blocks
        Mean weight of each block at the last of them, and what it is compared with.
    abscissa : float
        Spectral abscissa of W there; NaN where it was not computed.
    angles : tuple of float
        Degrees from each neuron's own preferred direction; none as long as no whole period of the stimulus has passed.
    tuning_before, tuning : tuple of Four
        Mean rate of each population at each of these angles, before learning and over the last whole periods;
        NaN where it is not known.
    """

    realization: int
    steps: tuple[int, ...]
    rates: tuple[Four, ...]
    weights: Blocks
    targets: Blocks
    abscissa: float
    angles: tuple[float, ...] = ()
    tuning_before: tuple[Four, ...] = ()
    tuning: tuple[Four, ...] = ()

    @property
    def distance(self) -> float:
        """Root mean square of the blocks' distances from their targets; NaN where none is known."""
        apart = [
            weight - target
            for row, wanted in zip(self.weights, self.targets, strict=True)
            for weight, target in zip(row, wanted, strict=True)
            if math.isfinite(weight - target)
        ]
        return math.hypot(*apart) / math.sqrt(len(apart)) if apart else math.nan


@dataclass(frozen=True)
class RunStored:
    """The run is measured and stored; only its record in MLflow is still missing.

    Parameters
    ----------
    report : mapping of str to Any
        As `l5tui.runner.report.RunReport.as_dict` gives it.
    """

    report: Mapping[str, Any]


@dataclass(frozen=True)
class PhaseStarted:
    """The run has entered a phase.

    One of ``compile`` (only once after installation), ``simulate``, ``measure``, ``store``, ``track`` and
    ``catch_up`` (only where MLflow missed earlier runs).
    """

    phase: str


@dataclass(frozen=True)
class Forecasted:
    """The run will need much time or memory; emitted before it begins."""

    forecast: Forecast


@dataclass(frozen=True)
class Warned:
    """Something fell short that does not spoil the run."""

    text: str


Event: TypeAlias = Forecasted | RunStarted | Progress | Snapshot | PhaseStarted | RunStored | Warned
Observer: TypeAlias = Callable[[Event], None]
