"""How a simulation ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True)
class Completed:
    """Every step was taken."""

    def __str__(self) -> str:
        return "completed"


@dataclass(frozen=True)
class Converged:
    """Stopped after `step` steps because every rate had settled.

    Parameters
    ----------
    step : int
        Steps taken.
    """

    step: int

    def __str__(self) -> str:
        return f"converged after step {self.step}"


@dataclass(frozen=True)
class Cancelled:
    """Stopped on request after `step` steps.

    Parameters
    ----------
    step : int
        Steps taken.
    """

    step: int

    def __str__(self) -> str:
        return f"cancelled after step {self.step}"


@dataclass(frozen=True)
class Diverged:
    """The outcome of a simulation in which a rate or a weight change is no longer finite.

    Parameters
    ----------
    step : int
        The step at which it happened: r(step), or the change of W that follows, is the first such number.
    population : str
        Population of the neuron.
    neuron : int
        Index of the neuron.
    direction : float
        Direction of motion in degrees.
    quantity : str
        ``rate`` or ``weight change``.
    """

    step: int
    population: str
    neuron: int
    direction: float
    quantity: str

    def __str__(self) -> str:
        where = f"{self.population} neuron {self.neuron}, direction {self.direction:g}°"
        return f"the {self.quantity} of {where} was not finite at step {self.step}"


Outcome: TypeAlias = Completed | Converged | Cancelled | Diverged
