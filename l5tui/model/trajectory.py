"""What a simulation gives: every rate, and the weights at any step."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from l5tui.model.arrays import FloatArray
from l5tui.model.circuit import Circuit
from l5tui.model.outcome import Outcome
from l5tui.model.weight_change import WeightChange


@dataclass(frozen=True, eq=False)
class Trajectory:
    """Rates and weights of a circuit over time.

    No weight matrix is stored for a step. Each step changes W by an outer product, so two vectors of length N per step
    determine W.

    Parameters
    ----------
    rates : ndarray, shape (direction, step, N)
        r(1) … r(T); fewer steps where the simulation stopped early.
    directions : tuple of float
        Directions of motion in degrees.
    outcome : Completed, Cancelled or Diverged
    circuit : Circuit
        With W(0), which every direction starts from.
    post, pre : ndarray, shape (direction, step, N)
        Factors of each step's change of W.
    change : WeightChange
        How they are added.
    final_weights : ndarray, shape (direction, N, N)
        W after the last step.
    """

    rates: FloatArray
    directions: tuple[float, ...]
    outcome: Outcome
    circuit: Circuit
    post: FloatArray
    pre: FloatArray
    change: WeightChange
    final_weights: FloatArray

    @property
    def steps(self) -> int:
        """Number of steps taken."""
        return int(self.rates.shape[1])

    def weights_at(self, direction: int, step: int) -> FloatArray:
        """W(step), ``[post, pre]``, exact up to rounding.

        Parameters
        ----------
        direction : int
            Index into `directions`.
        step : int
            0 for W(0), `steps` for the last.

        Returns
        -------
        ndarray, shape (N, N)
            ``[post, pre]``.

        Raises
        ------
        IndexError
            Where there is no such step.
        """
        if not 0 <= step <= self.steps:
            raise IndexError(f"step: got {step}, allowed 0 to {self.steps}")
        if step == self.steps:
            return np.array(self.final_weights[direction])
        return replay(
            self.circuit.weights, self.post[direction, :step], self.pre[direction, :step], self.change
        )


def replay(initial: FloatArray, post: FloatArray, pre: FloatArray, change: WeightChange) -> FloatArray:
    """Return the weights after a series of changes.

    Parameters
    ----------
    initial : ndarray, shape (N, N)
        W(0).
    post, pre : ndarray, shape (step, N)
        Factors of the changes, in order.
    change : WeightChange
        How they are added: all at once where their order does not matter.

    Returns
    -------
    ndarray, shape (N, N)
        ``[post, pre]``.
    """
    weights = initial.copy()
    if change.is_linear:
        change.apply(weights, post, pre)
    else:
        for of_post, of_pre in zip(post, pre, strict=True):
            change.apply(weights, of_post, of_pre)
    return weights
