"""Every combination of evenly spaced values, the last parameter fastest."""

from __future__ import annotations

import math
from collections.abc import Sequence

from l5tui.tuning.proposers.proposer import Observation
from l5tui.tuning.space import Point, SearchSpace, Value


class Grid:
    """A grid of at most so many trials.

    Parameters
    ----------
    space : SearchSpace
    trials : int
        At most; intervals get as many values as that allows, the same number each.
    """

    def __init__(self, space: SearchSpace, trials: int) -> None:
        self._space = space
        self._axes = grid_axes(space, trials)

    @property
    def limit(self) -> int | None:
        """Number of the grid's points."""
        return math.prod(len(axis) for axis in self._axes)

    def propose(self, number: int, observed: Sequence[Observation], pending: Sequence[Point]) -> Point:
        """See `l5tui.tuning.proposers.proposer.Proposer`."""
        point: dict[str, Value] = {}
        for dimension, axis in reversed(list(zip(self._space.dimensions, self._axes, strict=True))):
            number, place = divmod(number, len(axis))
            point[dimension.path] = axis[place]
        return point


def grid_axes(space: SearchSpace, trials: int) -> list[list[Value]]:
    """Values of each dimension of the finest grid that has no more points than there are trials.

    Where even two values an interval are too many, each has one, in its middle.
    """
    count = 1
    while True:
        axes = [dimension.values(count + 1) for dimension in space.dimensions]
        grown = math.prod(map(len, axes))
        if grown > trials or axes == [dimension.values(count) for dimension in space.dimensions]:
            return [dimension.values(count) for dimension in space.dimensions]
        count += 1
