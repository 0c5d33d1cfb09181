"""The covariance rule: neurons that leave their means together bind together.

D = (r − r̄) ⊗ (r − r̄), r̄ the mean over the window of recent rates. After Sejnowski 1977, J. Math. Biol. 4:303.
"""

from __future__ import annotations

from l5tui.config import Experiment
from l5tui.model.arrays import FloatArray
from l5tui.model.plasticity.recent_rates import RecentRates, longest_window
from l5tui.model.plasticity.rule import Activity, Rule


class Covariance(Rule):
    """The covariance rule."""

    def __init__(self, experiment: Experiment, initial_rates: FloatArray) -> None:
        super().__init__(experiment, initial_rates)
        self._recent = RecentRates(initial_rates, longest_window(experiment))

    def observe(self, rates: FloatArray) -> None:
        """Take note of the rates of a step."""
        self._recent.add(rates)

    def factors(self, activity: Activity) -> tuple[FloatArray, FloatArray]:
        """The deviation from the recent mean, twice."""
        deviation = activity.rates - self._recent.window.mean(axis=0)
        return deviation, deviation
