"""The BCM rule with a threshold that slides exponentially.

D = r (r − θ)/θ ⊗ I, where θ weighs r² by e^(s/τ_θ)/τ_θ, s ≤ 0 being the time since. The truncated kernel is
cut where it has fallen to a tenth and integrated by Simpson's rule, as `scipy.integrate.simpson` does it; it
therefore holds 0.9 of the whole kernel. The exponential kernel follows τ_θ dθ/dt = r² − θ from θ(0) = r(0)².
After Intrator & Cooper 1992, Neural Networks 5:3.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np

from l5tui.config import Experiment
from l5tui.model.arrays import FloatArray
from l5tui.model.plasticity.bcm import Bcm


def simpson_weights(samples: int) -> FloatArray:
    """Return the weights of Simpson's rule at unit step.

    For an even number of samples the last interval has the correction of Cartwright 2017, as in SciPy.

    Parameters
    ----------
    samples : int

    Returns
    -------
    ndarray, shape (samples,)

    Examples
    --------
    >>> simpson_weights(5) * 3
    array([1., 4., 2., 4., 1.])
    """
    if samples < 3:
        return np.full(samples, 0.5 if samples == 2 else 0.0)
    odd = samples if samples % 2 else samples - 1
    weights = np.zeros(samples)
    weights[:odd:2] = 2 / 3
    weights[1:odd:2] = 4 / 3
    weights[0] = weights[odd - 1] = 1 / 3
    if odd < samples:
        weights[-3:] += np.array([-1 / 12, 2 / 3, 5 / 12])
    return weights


class SlidingBcm(Bcm):
    """BCM with an exponentially weighted threshold.

    Parameters
    ----------
    experiment : Experiment
    initial_rates : ndarray, shape (direction, N)
        r(0).
    """

    def __init__(self, experiment: Experiment, initial_rates: FloatArray) -> None:
        super().__init__(experiment, initial_rates)
        self._tau = experiment.plasticity.tau_threshold
        self._dt = experiment.dynamics.dt
        self._exponential = experiment.plasticity.threshold_kernel == "exponential"
        self._slid = initial_rates**2

    @classmethod
    def flips_inhibitory(cls, variant: str) -> bool:
        """Return True: both variants multiply inhibitory columns by −1.

        Parameters
        ----------
        variant : str
            ``corrected`` or ``original``.

        Returns
        -------
        bool
        """
        return True

    def observe(self, rates: FloatArray) -> None:
        """Update the threshold or the window with the rates of a step.

        Parameters
        ----------
        rates : ndarray, shape (direction, N)
        """
        if self._exponential:
            # Exact for a rate that is held over the step, hence stable for any Δt/τ_θ; a sum of positive terms, as
            # r² + (θ − r²)·e^(−Δt/τ_θ) loses digits where Δt/τ_θ is small.
            x = self._dt / self._tau
            self._slid = np.exp(-x) * self._slid - np.expm1(-x) * rates**2
        else:
            super().observe(rates)

    def threshold(self) -> FloatArray:
        """Return θ of every neuron, in squared units of the rates.

        Returns
        -------
        ndarray, shape (direction, N)
        """
        if self._exponential:
            return self._slid
        squares = self._recent.window**2
        threshold: FloatArray = np.tensordot(self._kernel(len(squares)), squares, axes=1)
        return threshold

    def _kernel(self, samples: int) -> FloatArray:
        """Weight of each rate in a window, oldest first, shape (samples,)."""
        if samples == len(self._full_decay):
            return self._full_kernel
        kernel: FloatArray = simpson_weights(samples) * self._full_decay[-samples:]
        return kernel

    @cached_property
    def _full_decay(self) -> FloatArray:
        lags = np.arange(self._recent.length - 1, -1, -1)
        decay: FloatArray = self._dt / self._tau * np.exp(-lags * self._dt / self._tau)
        return decay

    @cached_property
    def _full_kernel(self) -> FloatArray:
        kernel: FloatArray = simpson_weights(self._recent.length) * self._full_decay
        return kernel
