"""The fast engine: the reference engine's equations in compiled form, four directions at a time."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import numpy as np

from l5tui.config import POPULATIONS, Experiment
from l5tui.model.arrays import FloatArray
from l5tui.model.chunk import Chunk
from l5tui.model.circuit import Circuit
from l5tui.model.compiled.groups import Group, LowRankGroup, PlasticGroup
from l5tui.model.compiled.kernel import LANES
from l5tui.model.grating import moving_grating
from l5tui.model.layout import Layout
from l5tui.model.moments import block_moments, loses_digits, moments_of_sums
from l5tui.model.outcome import Diverged
from l5tui.model.weight_form import is_low_rank

CALL_SECONDS = 0.02
"""About how long a call of a kernel may last, so that a request to stop is heard."""

REPLAY_STEPS = 256
"""Most steps of a replay whose rates are held in memory at a time."""


class CompiledEngine:
    """A circuit that is being simulated.

    Parameters
    ----------
    circuit : Circuit
    experiment : Experiment
    directions : sequence of float
        Directions of motion in degrees.
    keep_factors : bool
        Whether chunks have the factors of each step's change of W.

    Raises
    ------
    ValueError
        If the circuit has another number of neurons than the experiment.
    """

    def __init__(
        self,
        circuit: Circuit,
        experiment: Experiment,
        directions: Sequence[float],
        *,
        keep_factors: bool = True,
    ) -> None:
        self._layout = Layout(experiment.network.sizes.in_order())
        self._layout.check(circuit.neurons)
        self.directions = tuple(float(direction) for direction in directions)
        self.step = 0
        self.diverged: Diverged | None = None
        self._circuit = circuit
        self._experiment = experiment
        self._keep_factors = keep_factors
        self._steps_a_call = 1
        self._groups = self._new_groups()
        self._weights_known = True
        self._is_replaying = False

    def _new_groups(self) -> list[Group]:
        kind = LowRankGroup if is_low_rank(self._experiment) else PlasticGroup
        grating = moving_grating(self._experiment, self._circuit.positions, self.directions)
        indices = list(range(len(self.directions)))
        return [
            kind(self._circuit, self._experiment, grating, indices[start : start + LANES])
            for start in range(0, len(indices), LANES)
        ]

    def weights(self, direction: int) -> FloatArray:
        """Return W at the current step.

        NaN where the replay after a divergence was cancelled.

        Parameters
        ----------
        direction : int
            Index into `directions`.

        Returns
        -------
        ndarray, shape (N, N)
            ``[post, pre]``.
        """
        if not self._weights_known:
            return np.full_like(self._circuit.weights, np.nan)
        return self._groups[direction // LANES].weights(direction % LANES)

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
        if not self._weights_known:
            return np.full((4, 4), np.nan), np.full((4, 4), np.nan)
        group, lane = self._groups[direction // LANES], direction % LANES
        sums = group.block_sums(lane)
        if loses_digits(sums, group.start_sums, self._layout):
            return block_moments(group.weights(lane), self._layout)
        return moments_of_sums(sums, self._layout)

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
        first, parts = self.step, []
        while self.step < first + steps and self.diverged is None and self._weights_known and not stop():
            parts.append(self._call(min(self._steps_a_call, first + steps - self.step), stop))
        if not parts:
            parts.append(self._empty(0))
        joined = [np.concatenate(arrays, axis=1) for arrays in zip(*parts, strict=True)]
        return Chunk(first, *joined)

    def _call(self, steps: int, stop: Callable[[], bool]) -> tuple[FloatArray, FloatArray, FloatArray]:
        begun = time.perf_counter()
        arrays = self._empty(steps)
        taken = [self._advance_group(group, *arrays) for group in self._groups]
        if min(taken) < steps:
            self._diverge(self._groups[int(np.argmin(taken))], min(taken), stop)
            arrays = tuple(array[:, : min(taken)] for array in arrays)  # type: ignore[assignment]
        self.step += min(taken)
        spent = (time.perf_counter() - begun) / steps
        # At most double: the duration of a short call is a poor estimate of that of a long one.
        self._steps_a_call = max(1, min(int(CALL_SECONDS / spent), 2 * steps))
        return arrays

    def _advance_group(self, group: Group, rates: FloatArray, post: FloatArray, pre: FloatArray) -> int:
        if len(group.lanes) == LANES:
            lanes = slice(group.lanes[0], group.lanes[0] + LANES)
            return group.advance(self.step, rates[lanes], post[lanes], pre[lanes])
        padded = [np.zeros((LANES, *array.shape[1:])) for array in (rates, post, pre)]
        taken = group.advance(self.step, *padded)
        for array, filled in zip((rates, post, pre), padded, strict=True):
            array[group.lanes] = filled[: len(group.lanes)]
        return taken

    def _empty(self, steps: int) -> tuple[FloatArray, FloatArray, FloatArray]:
        shape = (len(self.directions), steps, self._circuit.neurons)
        factors = shape if self._keep_factors else (shape[0], 0, shape[2])
        return np.zeros(shape), np.zeros(factors), np.zeros(factors)

    def _diverge(self, group: Group, taken: int, stop: Callable[[], bool]) -> None:
        """Note where a number was not finite, and bring every direction to the last step at which all were.

        A divergence whose replay is cancelled counts as a cancellation.
        """
        work = group.work
        named = (("rate", work.moved), ("weight change", work.post), ("weight change", work.pre))
        quantity, values = next((name, array) for name, array in named if not np.isfinite(array).all())
        lane, neuron = (int(index) for index in np.argwhere(~np.isfinite(values.T))[0])
        diverged = Diverged(
            step=self.step + taken + 1,
            population=POPULATIONS[self._layout.population[neuron]],
            neuron=neuron,
            direction=self.directions[group.lanes[min(lane, len(group.lanes) - 1)]],
            quantity=quantity,
        )
        if self._replay(self.step + taken, stop):
            self.diverged = diverged
        else:
            self._weights_known = False

    def _replay(self, steps: int, stop: Callable[[], bool]) -> bool:
        """Take some steps anew from the start, without output; return whether all were taken."""
        self._groups = self._new_groups()
        done, reached = 0, self.step
        self._is_replaying = True
        shape = (len(self.directions), 0, self._circuit.neurons)
        while done < steps and not stop():
            count = min(steps - done, self._steps_a_call, REPLAY_STEPS)
            # Kernels take the number of steps from this array, although the replay discards the rates.
            rates = np.empty((shape[0], count, shape[2]))
            self.step = done
            for group in self._groups:
                self._advance_group(group, rates, np.empty(shape), np.empty(shape))
            done += count
        self.step, self._is_replaying = reached, False
        return done == steps
