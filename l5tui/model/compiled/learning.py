"""Learning rules, compiled: the two factors of a step's change of W for four directions."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from l5tui.config import Experiment
from l5tui.model.arrays import BoolArray, FloatArray
from l5tui.model.compiled.codes import BCM, CODES, NO_RULE, OJA
from l5tui.model.compiled.kernel import LANES, kernel
from l5tui.model.compiled.window import Window, recall
from l5tui.model.layout import Layout
from l5tui.model.plasticity.bcm import SILENT_THRESHOLD
from l5tui.model.plasticity.plastic_set import plastic_set
from l5tui.model.weight_change import presynaptic_signs


class Learning(NamedTuple):
    """What learns, when and how.

    Parameters
    ----------
    rule : int
        One of `CODES`.
    presynaptic_rates : bool
        Whether a BCM rule's presynaptic factor is the rate instead of the stimulus.
    onset_step, phase_steps : int
    threshold_floor : float
        Least threshold of a BCM rule.
    rows : ndarray, shape (phase, N)
        Learning rate Δt/τ_w of each postsynaptic neuron in each phase, 0 where it does not learn.
    rests : ndarray of bool, shape (phase,)
    columns : ndarray, shape (N,)
        Sign of each presynaptic neuron's change, 0 where it does not learn.
    """

    rule: int
    presynaptic_rates: bool
    onset_step: int
    phase_steps: int
    threshold_floor: float
    rows: FloatArray
    rests: BoolArray
    columns: FloatArray


def learning_of(experiment: Experiment) -> Learning:
    """Return the learning of an experiment.

    Parameters
    ----------
    experiment : Experiment

    Returns
    -------
    Learning
    """
    plasticity = experiment.plasticity
    layout = Layout(experiment.network.sizes.in_order())
    plastic = plastic_set(experiment)
    rate = experiment.dynamics.dt / plasticity.tau_learn
    rests = np.array([rows is None for rows in plastic.rows])
    rows = np.stack([np.zeros(layout.neurons) if rows is None else rate * rows for rows in plastic.rows])
    return Learning(
        rule=CODES[plasticity.rule],
        presynaptic_rates=plasticity.presynaptic_term == "rate",
        onset_step=plasticity.onset_step,
        phase_steps=plastic.phase_steps,
        threshold_floor=plasticity.threshold_floor,
        rows=rows,
        rests=rests,
        columns=presynaptic_signs(experiment),
    )


@kernel
def learning_phase(learning: Learning, step: int) -> int:
    """Return the phase of the schedule at a step; −1 if nothing learns.

    Parameters
    ----------
    learning : Learning
    step : int

    Returns
    -------
    int
    """
    if learning.rule == NO_RULE or step < learning.onset_step:
        return -1
    phase = step // learning.phase_steps % len(learning.rests)
    return -1 if learning.rests[phase] else phase


@kernel
def postsynaptic(learning: Learning, phase: int, window: Window, rates: FloatArray, post: FloatArray) -> None:
    """Write the postsynaptic factor, learning rate and mask included.

    Parameters
    ----------
    learning : Learning
    phase : int
        Phase of the schedule.
    window : Window
    rates : ndarray, shape (N, 4)
        r(t+1).
    post : ndarray, shape (N, 4)
        Output.
    """
    if learning.rule != OJA:
        recall(window, post)
    for i in range(rates.shape[0]):
        row = learning.rows[phase, i]
        for lane in range(LANES):
            rate, remembered = rates[i, lane], post[i, lane]
            if learning.rule == BCM:
                floor = learning.threshold_floor
                remembered = floor if remembered < floor else remembered
                silent = remembered < SILENT_THRESHOLD
                factor = rate * (rate - remembered) / (1.0 if silent else remembered)
                factor = 0.0 if silent else factor
            elif learning.rule == OJA:
                factor = rate
            else:
                factor = rate - remembered
            post[i, lane] = row * factor
