"""The window of recent rates, which sliding thresholds and covariances look back on."""

from __future__ import annotations

import numpy as np

from l5tui.config import Experiment
from l5tui.config.checks import window_length
from l5tui.model.arrays import FloatArray


def longest_window(experiment: Experiment) -> int:
    """Return the length of an experiment's window, n_w = int(−ln(0.1)·τ_θ/Δt).

    It is at least 1 and at most the number of steps plus one.

    Parameters
    ----------
    experiment : Experiment

    Returns
    -------
    int
    """
    n_w = window_length(experiment.plasticity.tau_threshold, experiment.dynamics.dt)
    return max(1, min(n_w, experiment.steps + 1))


class RecentRates:
    """The last n_w rates, newest last; fewer at the start, then all since r(0).

    Parameters
    ----------
    initial_rates : ndarray, shape (direction, N)
        r(0).
    length : int
        n_w.

    Examples
    --------
    >>> recent = RecentRates(np.zeros((1, 1)), length=2)
    >>> recent.add(np.ones((1, 1)))
    >>> recent.add(np.full((1, 1), 2.0))
    >>> recent.window.ravel()
    array([1., 2.])
    """

    def __init__(self, initial_rates: FloatArray, length: int) -> None:
        self.length = length
        # Twice the window, so that the newest rates are always one contiguous block.
        self._buffer = np.empty((2 * self.length, *initial_rates.shape))
        self._end = 0
        self._count = 0
        self.add(initial_rates)

    def add(self, rates: FloatArray) -> None:
        """Append the rates of a new step.

        Parameters
        ----------
        rates : ndarray, shape (direction, N)
        """
        if self._end == len(self._buffer):
            kept = self.length - 1
            self._buffer[:kept] = self._buffer[self._end - kept :]
            self._end = kept
        self._buffer[self._end] = rates
        self._end += 1
        self._count = min(self._count + 1, self.length)

    @property
    def window(self) -> FloatArray:
        """The rates in the window, oldest first, shape (n, direction, N)."""
        return self._buffer[self._end - self._count : self._end]
