"""Whether rates have settled: period means that stay as they are, for several periods in a row."""

from __future__ import annotations

import numpy as np

from l5tui.model.arrays import FloatArray
from l5tui.model.chunk import Chunk
from l5tui.model.recording_plan import Settling


class Convergence:
    """Detect when the rates of a simulation have settled.

    Parameters
    ----------
    settling : Settling
    directions, neurons : int
    """

    def __init__(self, settling: Settling, directions: int, neurons: int) -> None:
        self._settling = settling
        self._tail = np.full((directions, settling.tail, neurons), np.nan)
        self._sum = np.zeros((directions, neurons))
        self._previous: FloatArray | None = None
        self._start = settling.edges[0] if settling.edges else 0
        self._quiet = 0

    def add(self, chunk: Chunk) -> None:
        """Add a chunk that does not extend beyond an edge.

        Parameters
        ----------
        chunk : Chunk
        """
        if chunk.first >= self._start:
            self._sum += chunk.rates.sum(axis=1)
        count = min(chunk.rates.shape[1], self._tail.shape[1])
        if count:
            self._tail = np.roll(self._tail, -count, axis=1)
            self._tail[:, -count:] = chunk.rates[:, -count:]

    def has_settled(self, step: int) -> bool:
        """Return whether enough periods without a change end at this step, which is an edge.

        Parameters
        ----------
        step : int

        Returns
        -------
        bool
        """
        if step <= self._start:
            self._start, self._sum[:] = step, 0
            return False
        mean = self._sum / (step - self._start)
        self._start = step
        self._sum = np.zeros_like(self._sum)
        unchanged = self._previous is not None and bool(
            (np.abs(mean - self._previous) < self._settling.tolerance).all()
        )
        self._quiet = self._quiet + 1 if unchanged else 0
        self._previous = mean
        return self._quiet >= self._settling.periods

    def mean_before_end(self, start: int, stop: int) -> FloatArray:
        """Return mean rates over some of the last steps.

        Parameters
        ----------
        start, stop : int
            Steps before the last at which the mean begins and ends.

        Returns
        -------
        ndarray, shape (direction, N)
        """
        length = self._tail.shape[1]
        mean: FloatArray = self._tail[:, length - start : length - stop].mean(axis=1)
        return mean
