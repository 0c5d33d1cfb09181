"""What an inference has found, in the end and on its way, before it is written down."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from l5tui.model.arrays import FloatArray


@dataclass(frozen=True)
class Posterior:
    """A posterior on the unit cube of the search space.

    Parameters
    ----------
    method : str
    units : ndarray, shape (draw, dimension)
        Draws, each as likely as any other.
    log_density : ndarray, shape (draw,)
        Of each draw under the posterior, up to a constant where the method does not know it.
    log_evidence, log_evidence_sd : float
        Natural logarithm; of vbmc a lower bound.
    converged : bool
        As the method judges it.
    message : str
        What it says of that, in one line.
    evaluations : int
        Points that were simulated for it.
    """

    method: str
    units: FloatArray
    log_density: FloatArray
    log_evidence: float
    log_evidence_sd: float
    converged: bool
    message: str
    evaluations: int


@dataclass(frozen=True)
class Estimate:
    """A posterior that is still being looked for.

    Parameters
    ----------
    units : ndarray, shape (draw, dimension)
    log_evidence, log_evidence_sd, evaluations
        As of `Posterior`.
    is_bound : bool
        Whether the log evidence is a lower bound.
    stage : str
        How far the method is, in words.
    """

    units: FloatArray
    log_evidence: float
    log_evidence_sd: float
    evaluations: int
    is_bound: bool
    stage: str


Watcher: TypeAlias = Callable[[Estimate], None]
"""Called with each new estimate of a method."""
