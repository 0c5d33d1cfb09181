"""The BCM rule with the mean square rate over a window as its threshold.

D = r (r − θ)/θ ⊗ I, θ the mean of r² over the window of recent rates. After Bienenstock, Cooper & Munro 1982,
J. Neurosci. 2:32, in the form divided by the threshold of Law & Cooper 1994, PNAS 91:7797.
"""

from __future__ import annotations

import numpy as np

from l5tui.config import Experiment
from l5tui.model.arrays import FloatArray
from l5tui.model.plasticity.recent_rates import RecentRates, longest_window
from l5tui.model.plasticity.rule import Activity, Rule

SILENT_THRESHOLD = 1e-290
"""Threshold below which a neuron counts as silent: squares of its rates are too small for full precision."""


def bcm_factor(rates: FloatArray, threshold: FloatArray) -> FloatArray:
    """Return the postsynaptic factor r (r − θ)/θ of the BCM rules.

    A neuron that was silent for the whole window has a threshold of 0, or below `SILENT_THRESHOLD`, and learns
    nothing.

    Parameters
    ----------
    rates, threshold : ndarray, shape (…, N)

    Returns
    -------
    ndarray, shape (…, N)

    Examples
    --------
    >>> bcm_factor(np.array([1.0, 3.0, 0.0]), np.array([2.0, 2.0, 0.0]))
    array([-0.5,  1.5,  0. ])
    """
    factor = rates * (rates - threshold)
    return np.divide(factor, threshold, out=np.zeros_like(factor), where=~(threshold < SILENT_THRESHOLD))


class Bcm(Rule):
    """BCM with the mean of r² over the window as threshold (Bienenstock, Cooper & Munro 1982).

    Parameters
    ----------
    experiment : Experiment
    initial_rates : ndarray, shape (direction, N)
        r(0).
    """

    def __init__(self, experiment: Experiment, initial_rates: FloatArray) -> None:
        super().__init__(experiment, initial_rates)
        self._presynaptic_rates = experiment.plasticity.presynaptic_term == "rate"
        self._recent = RecentRates(initial_rates, longest_window(experiment))

    @classmethod
    def flips_inhibitory(cls, variant: str) -> bool:
        """Return whether inhibitory columns are multiplied by −1: only in the corrected variant.

        Parameters
        ----------
        variant : str
            ``corrected`` or ``original``.

        Returns
        -------
        bool
        """
        return variant != "original"

    def observe(self, rates: FloatArray) -> None:
        """Add the rates of a step to the window.

        Parameters
        ----------
        rates : ndarray, shape (direction, N)
        """
        self._recent.add(rates)

    def threshold(self) -> FloatArray:
        """Return θ of every neuron, in squared units of the rates.

        Returns
        -------
        ndarray, shape (direction, N)
        """
        threshold: FloatArray = np.mean(self._recent.window**2, axis=0)
        return threshold

    def factors(self, activity: Activity) -> tuple[FloatArray, FloatArray]:
        """Return r (r − θ)/θ, and the stimulus or the rates.

        Parameters
        ----------
        activity : Activity

        Returns
        -------
        post, pre : ndarray, shape (direction, N)
        """
        pre = activity.rates if self._presynaptic_rates else activity.stimulus
        threshold = np.maximum(self.threshold(), self.experiment.plasticity.threshold_floor)
        return bcm_factor(activity.rates, threshold), pre
