"""A scrambled Sobol' sequence: fills the space more evenly than chance (Owen 1998; scipy.stats.qmc)."""

from __future__ import annotations

from collections.abc import Sequence

from l5tui.tuning.proposers.proposer import Observation
from l5tui.tuning.space import Point, SearchSpace


class SobolSequence:
    """The points of a scrambled Sobol' sequence, in its order.

    Parameters
    ----------
    space : SearchSpace
    seed : int
        Of the scrambling.
    """

    limit: int | None = None

    def __init__(self, space: SearchSpace, seed: int) -> None:
        from scipy.stats.qmc import Sobol

        self._space = space
        self._sequence = Sobol(len(space), scramble=True, rng=seed)

    def propose(self, number: int, observed: Sequence[Observation], pending: Sequence[Point]) -> Point:
        """See `l5tui.tuning.proposers.proposer.Proposer`."""
        self._sequence.reset()
        if number:
            self._sequence.fast_forward(number)
        return self._space.point(self._sequence.random(1)[0])
