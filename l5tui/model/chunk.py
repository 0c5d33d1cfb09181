"""Consecutive steps of a simulation, as engines hand them over."""

from __future__ import annotations

from dataclasses import dataclass

from l5tui.model.arrays import FloatArray


@dataclass(frozen=True, eq=False)
class Chunk:
    """Consecutive steps of a simulation.

    Parameters
    ----------
    first : int
        Number of steps taken before: the chunk has r(first + 1) … r(first + n).
    rates : ndarray, shape (direction, n, N)
    post, pre : ndarray, shape (direction, n, N)
        Factors of the change of W at each step, learning rate and masks included; no steps where they are not
        kept. Where nothing learned, one of them is 0.
    """

    first: int
    rates: FloatArray
    post: FloatArray
    pre: FloatArray
