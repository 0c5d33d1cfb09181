"""The reference engine: the model's equations, a step at a time, for all directions at once.

    r(t+1) = r(t) + Δt/τ · [−r(t) + f(W(t) r(t) + I(t))]
    W(t+1) = W(t) + Δt/τ_w · M(t) ∘ D(r(t+1), recent rates, I(t), W(t))

Every direction starts from the same W(0) and r(0) and has weights of its own from the first step that learns.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from l5tui.config import POPULATIONS, Experiment
from l5tui.model.arrays import FloatArray
from l5tui.model.chunk import Chunk
from l5tui.model.circuit import Circuit
from l5tui.model.grating import moving_grating
from l5tui.model.integrators import INTEGRATORS
from l5tui.model.layout import Layout
from l5tui.model.moments import block_moments
from l5tui.model.outcome import Diverged
from l5tui.model.plasticity import Activity, rule_of
from l5tui.model.plasticity.plastic_set import plastic_set
from l5tui.model.transfer import transfer_function
from l5tui.model.weight_change import WeightChange, presynaptic_signs


class ReferenceEngine:
    """A circuit that is being simulated.

    Parameters
    ----------
    circuit : Circuit
    experiment : Experiment
    directions : sequence of float
        Directions of motion in degrees.

    Raises
    ------
    ValueError
        Where the circuit has another number of neurons than the experiment.
    """

    def __init__(self, circuit: Circuit, experiment: Experiment, directions: Sequence[float]) -> None:
        self._layout = Layout(experiment.network.sizes.in_order())
        self._layout.check(circuit.neurons)
        self.directions = tuple(float(direction) for direction in directions)
        self.step = 0
        self.diverged: Diverged | None = None
        self.rates: FloatArray = np.tile(circuit.initial_rates, (len(self.directions), 1))
        self._circuit = circuit
        self._grating = moving_grating(experiment, circuit.positions, self.directions)
        self._transfer = transfer_function(experiment.network)
        self._integrate = INTEGRATORS[experiment.dynamics.integrator]
        self._rate_step = experiment.dynamics.dt / experiment.dynamics.tau
        self._learning_rate = experiment.dynamics.dt / experiment.plasticity.tau_learn
        rule = rule_of(experiment)
        self._rule = rule(experiment, self.rates) if rule else None
        self._plastic = plastic_set(experiment)
        self._pre_sign = presynaptic_signs(experiment)
        self._change = WeightChange(circuit, experiment)
        self._weights: FloatArray | None = None

    def weights(self, direction: int) -> FloatArray:
        """Return W at the current step.

        Parameters
        ----------
        direction : int
            Index into `directions`.

        Returns
        -------
        ndarray, shape (N, N)
            ``[post, pre]``.
        """
        return self._circuit.weights if self._weights is None else self._weights[direction]

    def block_moments(self, direction: int) -> tuple[FloatArray, FloatArray]:
        """Return mean and standard deviation of W over all pairs of each block.

        Parameters
        ----------
        direction : int
            Index into `directions`.

        Returns
        -------
        mean, std : ndarray, shape (4, 4)
            ``[post, pre]``.
        """
        return block_moments(self.weights(direction), self._layout)

    def advance(self, steps: int, stop: Callable[[], bool] = lambda: False) -> Chunk:
        """Take up to `steps` steps; fewer if `stop` returns True or a number is not finite.

        Parameters
        ----------
        steps : int
        stop : callable, optional
            Returns whether to stop.

        Returns
        -------
        Chunk
        """
        shape = (len(self.directions), steps, self._layout.neurons)
        chunk = Chunk(self.step, np.zeros(shape), np.zeros(shape), np.zeros(shape))
        taken = 0
        with np.errstate(over="ignore", invalid="ignore"):
            while taken < steps and not stop() and self._take_step(chunk, taken):
                taken += 1
        return Chunk(chunk.first, chunk.rates[:, :taken], chunk.post[:, :taken], chunk.pre[:, :taken])

    def _take_step(self, chunk: Chunk, index: int) -> bool:
        stimulus = self._grating.at(self.step)

        def slope(rates: FloatArray) -> FloatArray:
            return self._transfer(self._recurrent(rates) + stimulus) - rates

        rates = self._integrate(self.rates, slope, self._rate_step)
        if self._blew_up(rates, "rate"):
            return False
        if self._rule:
            self._rule.observe(rates)
            rows = self._plastic.learning_rows(self.step)
            if rows is not None:
                activity = Activity(rates, stimulus, lambda: self._recurrent(rates))
                post, pre = self._rule.factors(activity)
                post = self._learning_rate * rows * post
                pre = self._pre_sign * pre
                if self._blew_up(post, "weight change") or self._blew_up(pre, "weight change"):
                    return False
                self._learn(post, pre)
                chunk.post[:, index], chunk.pre[:, index] = post, pre
        chunk.rates[:, index] = self.rates = rates
        self.step += 1
        return True

    def _recurrent(self, rates: FloatArray) -> FloatArray:
        """W r for every direction, shape (direction, N)."""
        if self._weights is None:
            return rates @ self._circuit.weights.T
        recurrent: FloatArray = np.matmul(self._weights, rates[:, :, None])[:, :, 0]
        return recurrent

    def _learn(self, post: FloatArray, pre: FloatArray) -> None:
        if self._weights is None:
            self._weights = np.tile(self._circuit.weights, (len(self.directions), 1, 1))
        for weights, post_factor, pre_factor in zip(self._weights, post, pre, strict=True):
            self._change.apply(weights, post_factor, pre_factor)

    def _blew_up(self, values: FloatArray, quantity: str) -> bool:
        finite = np.isfinite(values)
        if finite.all():
            return False
        direction, neuron = (int(index) for index in np.argwhere(~finite)[0])
        population = POPULATIONS[self._layout.population[neuron]]
        self.diverged = Diverged(self.step + 1, population, neuron, self.directions[direction], quantity)
        return True
