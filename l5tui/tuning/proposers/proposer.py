"""What proposes trials: a pure function of what is known, so that a study goes on after any interruption."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from l5tui.tuning.space import Point


@dataclass(frozen=True)
class Observation:
    """A finished trial, as a proposer sees it.

    Parameters
    ----------
    point : mapping of str to value
    score : float
        To be made small; always finite.
    """

    point: Point
    score: float


class Proposer(Protocol):
    """Chooses points of a search space."""

    def propose(self, number: int, observed: Sequence[Observation], pending: Sequence[Point]) -> Point:
        """Return the point of a trial.

        Depends on nothing but its arguments and the study's seed: a study that was interrupted and rebuilt from
        its rows goes on with the same proposals.

        Parameters
        ----------
        number : int
            The trial's, from 0 on.
        observed : sequence of Observation
            Trials that have ended, by their numbers.
        pending : sequence of mapping
            Points of trials that are running.
        """

    @property
    def limit(self) -> int | None:
        """How many trials there are at most; None where there is no end."""


def trial_generator(seed: int, number: int) -> np.random.Generator:
    """Return the random generator of one trial, independent of all others."""
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(number,)))
