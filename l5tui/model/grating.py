"""The stimulus: a grating that moves across the patch.

I_i(t) = A_p cos(K a_i cos θ + K b_i sin θ − φ) · m_p(t), where m_p(t) is cos(ω t) at drifting populations
and cos(ω) at steady ones, and t is the number of the step; the offset kind adds A_p. For each direction the
stimulus is thus one spatial pattern times at most two time courses, plus a constant.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from l5tui.config import Experiment
from l5tui.model.arrays import BoolArray, FloatArray
from l5tui.model.layout import Layout


@dataclass(frozen=True, eq=False)
class Grating:
    """A grating, resolved for the neurons of a circuit and a set of directions.

    Parameters
    ----------
    pattern : ndarray, shape (direction, N)
        Spatial part, amplitude included.
    offset : ndarray, shape (N,)
        Constant part.
    steady : ndarray of bool, shape (N,)
        Neurons whose input does not change in time.
    temporal_frequency : float
        ω in radians a step.
    """

    pattern: FloatArray
    offset: FloatArray
    steady: BoolArray
    temporal_frequency: float

    def time_course(self, step: int) -> FloatArray:
        """Return m(t) of every neuron at one step.

        Parameters
        ----------
        step : int
            t, the number of the step, from 0.

        Returns
        -------
        ndarray, shape (N,)
        """
        omega = self.temporal_frequency
        course: FloatArray = np.where(self.steady, np.cos(omega), np.cos(omega * step))  # type: ignore[assignment]
        return course

    def at(self, step: int) -> FloatArray:
        """Return the stimulus I(t) in every direction.

        Parameters
        ----------
        step : int
            t, the number of the step, from 0.

        Returns
        -------
        ndarray, shape (direction, N)
        """
        return self.pattern * self.time_course(step) + self.offset


def moving_grating(experiment: Experiment, positions: FloatArray, directions: Sequence[float]) -> Grating:
    """Return the grating of an experiment at the positions of a set of neurons.

    Parameters
    ----------
    experiment : Experiment
    positions : ndarray, shape (N, 2)
        (a, b) of each neuron.
    directions : sequence of float
        Directions of motion in degrees.

    Returns
    -------
    Grating

    Examples
    --------
    >>> experiment = Experiment.model_validate({"network": {"sizes": [1, 1, 1, 1]}})
    >>> grating = moving_grating(experiment, np.zeros((4, 2)), directions=[0.0, 90.0])
    >>> grating.at(0).round(2)
    array([[3.24, 2.7 , 5.4 , 2.7 ],
           [3.24, 2.7 , 5.4 , 2.7 ]])
    """
    stimulus = experiment.stimulus
    layout = Layout(experiment.network.sizes.in_order())
    amplitude = layout.expand(stimulus.amplitude.in_order())
    theta = np.deg2rad(np.asarray(directions, dtype=float))[:, None]
    a, b = positions.T
    phase = stimulus.spatial_frequency * (a * np.cos(theta) + b * np.sin(theta)) - stimulus.spatial_phase
    return Grating(
        pattern=amplitude * np.cos(phase),
        offset=amplitude if stimulus.kind == "offset" else np.zeros_like(amplitude),
        steady=np.asarray(stimulus.steady.in_order(), dtype=bool)[layout.population],
        temporal_frequency=experiment.radians_per_step,
    )
