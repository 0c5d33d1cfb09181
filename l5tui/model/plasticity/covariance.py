"""The covariance rule: neurons that leave their means together bind together.

D = (r − r̄) ⊗ (r − r̄), r̄ the mean over the window of recent rates. After Sejnowski 1977, J. Math. Biol. 4:303.
"""

from __future__ import annotations

from l5tui.config import Experiment
from l5tui.model.arrays import FloatArray
from l5tui.model.plasticity.recent_rates import RecentRates, longest_window
from l5tui.model.plasticity.rule import Activity, Rule


class Covariance(Rule):
    """The covariance rule (Sejnowski 1977).

    Parameters
    ----------
    experiment : Experiment
    initial_rates : ndarray, shape (direction, N)
        r(0).
    """

    def __init__(self, experiment: Experiment, initial_rates: FloatArray) -> None:
        super().__init__(experiment, initial_rates)
        self._recent = RecentRates(initial_rates, longest_window(experiment))

    def observe(self, rates: FloatArray) -> None:
        """Add the rates of a step to the window.

        Parameters
        ----------
        rates : ndarray, shape (direction, N)
        """
        self._recent.add(rates)

    def factors(self, activity: Activity) -> tuple[FloatArray, FloatArray]:
        """Return the deviation of the rates from their recent mean, as both factors.

        Parameters
        ----------
        activity : Activity

        Returns
        -------
        post, pre : ndarray, shape (direction, N)
        """
        deviation = activity.rates - self._recent.window.mean(axis=0)
        return deviation, deviation
