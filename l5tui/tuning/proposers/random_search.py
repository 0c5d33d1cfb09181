"""Points drawn evenly over the space, each on its own."""

from __future__ import annotations

from collections.abc import Sequence

from l5tui.tuning.proposers.proposer import Observation, trial_generator
from l5tui.tuning.space import Point, SearchSpace


class RandomSearch:
    """Draws every point anew.

    Parameters
    ----------
    space : SearchSpace
    seed : int
    """

    limit: int | None = None

    def __init__(self, space: SearchSpace, seed: int) -> None:
        self._space = space
        self._seed = seed

    def propose(self, number: int, observed: Sequence[Observation], pending: Sequence[Point]) -> Point:
        """See `l5tui.tuning.proposers.proposer.Proposer`."""
        return self._space.point(trial_generator(self._seed, number).random(len(self._space)))
