"""How a realization is tuned while it runs: over the last whole periods of the stimulus, and before it learned."""

from __future__ import annotations

import numpy as np

from l5tui.analysis.tuning_curves import aligned_tuning
from l5tui.analysis.windows import BEFORE_STEPS, whole_period_steps
from l5tui.config import Experiment
from l5tui.model.arrays import FloatArray
from l5tui.model.layout import Layout
from l5tui.model.recording import Glimpse


class LiveTuning:
    """Takes the rates of one realization from its thread, and gives curves to another.

    Parameters
    ----------
    experiment : Experiment
    """

    def __init__(self, experiment: Experiment) -> None:
        plasticity = experiment.plasticity
        self._directions = experiment.stimulus.directions
        self._layout = Layout(experiment.network.sizes.in_order())
        self._span = whole_period_steps(experiment) or BEFORE_STEPS
        self._onset = plasticity.onset_step if plasticity.rule != "none" else 0
        self._sum = np.zeros((len(self._directions), self._layout.neurons))
        self._bins = 0
        self._start = 0
        self._before: FloatArray | None = None
        self._now: FloatArray | None = None

    def add(self, glimpse: Glimpse) -> None:
        """Take in the rates of a bin."""
        if glimpse.neurons is None:
            return
        self._sum += glimpse.neurons
        self._bins += 1
        if glimpse.step - self._start < self._span:
            return
        self._now = self._sum / self._bins
        if glimpse.step <= self._onset:
            self._before = self._now
        self._sum[:] = 0
        self._bins, self._start = 0, glimpse.step

    def curves(self) -> tuple[tuple[float, ...], FloatArray, FloatArray]:
        """Mean rates by the angle from each neuron's own preferred direction.

        Returns
        -------
        angles : tuple of float
            In degrees; none as long as no whole period has passed.
        before, now : ndarray, shape (angle, 4)
            NaN where that is not known.
        """
        now, before = self._now, self._before
        if now is None:
            return (), np.empty((0, 4)), np.empty((0, 4))
        angles, means = aligned_tuning(now[None], self._directions, self._layout)
        earlier = np.full_like(means[0], np.nan)
        if before is not None:
            earlier = aligned_tuning(before[None], self._directions, self._layout)[1][0]
        return tuple(map(float, angles)), earlier, means[0]
