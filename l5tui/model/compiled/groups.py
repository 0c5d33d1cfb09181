"""Four directions of a circuit, on one of the two compiled paths."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np

from l5tui.config import Experiment
from l5tui.model.arrays import FloatArray
from l5tui.model.circuit import Circuit
from l5tui.model.compiled.kernel import LANES
from l5tui.model.compiled.learning import learning_of
from l5tui.model.compiled.low_rank import LowRankState, advance_low_rank, new_low_rank
from l5tui.model.compiled.moments import LowRankSums, dense_sums, sparse_sums
from l5tui.model.compiled.plastic import PlasticState, advance_plastic, multiply_plastic, new_weights
from l5tui.model.compiled.response import Work, new_work, put, response_of, stimulate, stimulus_of
from l5tui.model.compiled.sparse import Synapses, compress
from l5tui.model.compiled.window import new_window
from l5tui.model.grating import Grating
from l5tui.model.layout import Layout

NO_SYNAPSES = Synapses(np.zeros(0), np.zeros(0, dtype=np.uint32), np.zeros(1, dtype=np.int64))


class Group(ABC):
    """Up to four directions that are computed side by side.

    Parameters
    ----------
    circuit : Circuit
    experiment : Experiment
    grating : Grating
        As seen in all directions.
    lanes : list of int
        Indices of the group's directions.
    """

    def __init__(self, circuit: Circuit, experiment: Experiment, grating: Grating, lanes: list[int]) -> None:
        self.lanes = lanes
        self.layout = Layout(experiment.network.sizes.in_order())
        self.synapses = compress(circuit.weights, circuit.synapses)
        self.start_sums = sparse_sums(self.synapses.weights, self.synapses, self.layout.population)
        # A register has four lanes: where directions are fewer, the last is computed more than once.
        padded = lanes + [lanes[-1]] * (LANES - len(lanes))
        self.response = response_of(experiment)
        self.stimulus = stimulus_of(grating, padded)
        self.learning = learning_of(experiment)
        self.rates = np.repeat(circuit.initial_rates[:, None], LANES, axis=1)
        self.window = new_window(experiment, self.rates)
        self.work: Work = new_work(circuit.neurons)

    @abstractmethod
    def advance(self, first: int, rates: FloatArray, post: FloatArray, pre: FloatArray) -> int:
        """Fill the outputs step by step.

        Parameters
        ----------
        first : int
            Number of steps taken before.
        rates, post, pre : ndarray, shape (4, step, N)
            Outputs; `post` and `pre` may have no steps.

        Returns
        -------
        int
            Number of steps whose numbers are all finite.
        """

    @abstractmethod
    def weights(self, lane: int) -> FloatArray:
        """Return W of one direction.

        Parameters
        ----------
        lane : int
            Position of the direction in the group.

        Returns
        -------
        ndarray, shape (N, N)
            ``[post, pre]``.
        """

    @abstractmethod
    def block_sums(self, lane: int) -> FloatArray:
        """Return sums and sums of squares of a direction's weights over blocks.

        Parameters
        ----------
        lane : int
            Position of the direction in the group.

        Returns
        -------
        ndarray, shape (2, 4, 4)
        """


class LowRankGroup(Group):
    """Weights that stay W(0) + Σ g pᵀ.

    Parameters
    ----------
    circuit, experiment, grating, lanes
        As in `Group`.
    """

    def __init__(self, circuit: Circuit, experiment: Experiment, grating: Grating, lanes: list[int]) -> None:
        super().__init__(circuit, experiment, grating, lanes)
        existing = experiment.plasticity.synapses == "existing" and experiment.plasticity.rule != "none"
        ones = self.synapses._replace(weights=np.ones_like(self.synapses.weights))
        learning = self.learning
        if experiment.plasticity.rule == "none":
            learning = learning._replace(columns=np.zeros_like(learning.columns))
        self._circuit = circuit
        self._change = new_low_rank(self.stimulus, learning, ones if existing else NO_SYNAPSES)
        self._state = LowRankState(
            self.response,
            self.stimulus,
            self.learning,
            self.synapses,
            self._change,
            self.window,
            self.rates,
            np.zeros(1, dtype=bool),
            self.work,
        )
        self._sums: LowRankSums | None = None

    def advance(self, first: int, rates: FloatArray, post: FloatArray, pre: FloatArray) -> int:
        """Fill the outputs step by step.

        Parameters
        ----------
        first, rates, post, pre
            As in `Group.advance`.

        Returns
        -------
        int
            Number of steps whose numbers are all finite.
        """
        taken = advance_low_rank(first, self._state, rates, post)
        if post.shape[1]:
            self._presynaptic(first, pre)
        return taken

    def _presynaptic(self, first: int, pre: FloatArray) -> None:
        for index in range(pre.shape[1]):
            stimulate(self.stimulus, first + index, self.work.stimulus)
            put(self.work.stimulus * self.learning.columns[:, None], pre, index)

    def weights(self, lane: int) -> FloatArray:
        """Return W of one direction.

        Parameters
        ----------
        lane : int

        Returns
        -------
        ndarray, shape (N, N)
            ``[post, pre]``.
        """
        change: FloatArray = self._change.post[:, :, lane].T @ self._change.pre[:, :, lane]
        if len(self._change.adjacency.starts) > 1:
            change = change * self._circuit.synapses
        return self._circuit.weights + change

    def block_sums(self, lane: int) -> FloatArray:
        """Return sums and sums of squares of a direction's weights over blocks.

        Parameters
        ----------
        lane : int

        Returns
        -------
        ndarray, shape (2, 4, 4)
        """
        if self._sums is None:
            self._sums = LowRankSums(self.synapses, self._change, self.layout)
        return self._sums.sums(lane)


class PlasticGroup(Group):
    """Weights that change one by one.

    Parameters
    ----------
    circuit, experiment, grating, lanes
        As in `Group`.
    """

    def __init__(self, circuit: Circuit, experiment: Experiment, grating: Grating, lanes: list[int]) -> None:
        super().__init__(circuit, experiment, grating, lanes)
        plasticity = experiment.plasticity
        self._circuit = circuit
        self._weights = new_weights(
            circuit.weights,
            self.synapses,
            len(lanes),
            self.layout.signs,
            dense=plasticity.synapses == "all_pairs",
            dale=plasticity.dale,
        )
        self._state = PlasticState(
            self.response,
            self.stimulus,
            self.learning,
            self.synapses,
            self._weights,
            self.window,
            self.rates,
            np.zeros_like(self.rates),
            np.zeros(1, dtype=bool),
            np.zeros(1, dtype=bool),
            self.work,
        )

    def advance(self, first: int, rates: FloatArray, post: FloatArray, pre: FloatArray) -> int:
        """Fill the outputs step by step.

        Parameters
        ----------
        first, rates, post, pre
            As in `Group.advance`.

        Returns
        -------
        int
            Number of steps whose numbers are all finite.
        """
        return advance_plastic(first, self._state, rates, post, pre)

    def weights(self, lane: int) -> FloatArray:
        """Return W of one direction.

        Parameters
        ----------
        lane : int

        Returns
        -------
        ndarray, shape (N, N)
            ``[post, pre]``.
        """
        self._settle()
        values = self._weights.values[lane]
        if self._weights.dense:
            return np.array(values.reshape(self._circuit.weights.shape))
        weights = np.zeros_like(self._circuit.weights)
        weights[self._circuit.synapses] = values
        return weights

    def block_sums(self, lane: int) -> FloatArray:
        """Return sums and sums of squares of a direction's weights over blocks.

        Parameters
        ----------
        lane : int

        Returns
        -------
        ndarray, shape (2, 4, 4)
        """
        self._settle()
        if self._weights.dense:
            borders = np.concatenate([[0], np.cumsum(self.layout.sizes)])
            return dense_sums(self._weights.values[lane], borders)
        return sparse_sums(self._weights.values[lane], self.synapses, self.layout.population)

    def _settle(self) -> None:
        """Make the change that is still pending."""
        if self._weights.pending[0]:
            multiply_plastic(self.synapses, self._weights, self.rates, self.work.spare)
