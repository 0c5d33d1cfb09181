"""How one step changes a weight matrix, in place."""

from __future__ import annotations

import numpy as np

from l5tui.config import Experiment
from l5tui.model.arrays import BoolArray, FloatArray
from l5tui.model.circuit import Circuit
from l5tui.model.layout import Layout
from l5tui.model.plasticity import rule_of
from l5tui.model.plasticity.plastic_set import plastic_set


class WeightChange:
    """Adds rank-one changes to weight matrices, as an experiment allows them.

    Parameters
    ----------
    circuit : Circuit
    experiment : Experiment
    """

    def __init__(self, circuit: Circuit, experiment: Experiment) -> None:
        plasticity = experiment.plasticity
        self._synapses: BoolArray | None = circuit.synapses if plasticity.synapses == "existing" else None
        signs = Layout(experiment.network.sizes.in_order()).signs
        self._signs: FloatArray | None = signs if plasticity.dale else None

    @property
    def is_linear(self) -> bool:
        """Whether changes simply add up, so that their order does not matter."""
        return self._signs is None

    def apply(self, weights: FloatArray, post: FloatArray, pre: FloatArray) -> None:
        """Add post ⊗ pre to W where it may learn; under Dale's law a weight stops at zero.

        Parameters
        ----------
        weights : ndarray, shape (N, N)
            Changed in place.
        post, pre : ndarray, shape (N,) or (n, N)
            Factors of one change, or of n changes that are summed first.
        """
        change = np.atleast_2d(post).T @ np.atleast_2d(pre)
        if self._synapses is not None:
            change *= self._synapses
        weights += change
        if self._signs is not None:
            np.multiply(np.maximum(weights * self._signs, 0.0), self._signs, out=weights)


def presynaptic_signs(experiment: Experiment) -> FloatArray:
    """Return the sign of each presynaptic neuron's change; 0 where none of its synapses learns.

    Parameters
    ----------
    experiment : Experiment

    Returns
    -------
    ndarray, shape (N,)
    """
    signs = plastic_set(experiment).columns.astype(float)
    rule = rule_of(experiment)
    if rule is not None and rule.flips_inhibitory(experiment.variant):
        signs = signs * Layout(experiment.network.sizes.in_order()).signs
    return signs
