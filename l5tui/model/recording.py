"""What is kept of a simulation that is too long to keep whole, gathered while it runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from l5tui.config import Experiment
from l5tui.model.arrays import FloatArray
from l5tui.model.cancellation import Stop, StoppedError, never
from l5tui.model.chunk import Chunk
from l5tui.model.circuit import Circuit
from l5tui.model.convergence import Convergence
from l5tui.model.engines import Engine, new_engine
from l5tui.model.layout import Layout
from l5tui.model.moments import population_moments
from l5tui.model.outcome import Cancelled, Completed, Converged, Outcome
from l5tui.model.recording_plan import RecordingPlan, Window
from l5tui.model.simulation import CHUNK_STEPS, outcome_of
from l5tui.model.spectrum import rightmost_real_part

HELD_BINS = 32
"""Bins whose rates are passed on together."""


class Stream(Protocol):
    """Where trajectories go piece by piece, so that no long one is ever held as a whole."""

    def __call__(self, name: str, start: int, values: FloatArray) -> None:
        """Write a piece of a trajectory.

        Parameters
        ----------
        name : str
            Name of the trajectory.
        start : int
            Position of the piece along the second axis.
        values : ndarray, shape (direction, n, …)
        """


@dataclass(frozen=True, eq=False)
class Glimpse:
    """State of a circuit at the end of a recording bin, for live displays.

    Parameters
    ----------
    step : int
        Steps taken.
    rates : ndarray, shape (direction, 4)
        Mean rate of each population over the bin.
    weights : ndarray, shape (direction, 4, 4)
        Mean weight of each block, ``[post, pre]``.
    abscissa : ndarray, shape (direction,)
        Spectral abscissa of W; NaN where it was not computed.
    neurons : ndarray, shape (direction, N), optional
        Mean rate of each neuron over the bin; None where the bin is shown again.
    """

    step: int
    rates: FloatArray
    weights: FloatArray
    abscissa: FloatArray
    neurons: FloatArray | None = None


@dataclass(frozen=True, eq=False)
class Recording:
    """What was kept of one circuit; NaN where the simulation did not get to.

    Parameters
    ----------
    circuit : Circuit
    outcome : Completed, Cancelled or Diverged
    steps : int
        Steps that were taken.
    trajectories : mapping of str to ndarray
        ``rates`` (direction, bin, N), ``weight_post`` and ``weight_pre`` (direction, step, N), ``weights``
        (direction, bin, N, N), if the plan contains them; empty if they were streamed elsewhere.
    rate_mean, rate_std : ndarray, shape (direction, bin, 4)
        Over the neurons of each population.
    weight_mean, weight_std : ndarray, shape (direction, bin, 4, 4)
        Over all pairs of each block, ``[post, pre]``.
    abscissa : ndarray, shape (direction, bin)
        Spectral abscissa of W at the end of each bin for which the plan contains it; NaN in others.
    final_abscissa : ndarray, shape (direction,)
        Spectral abscissa of W after the last step; NaN if the plan contains none.
    window_rates : mapping of str to ndarray, shape (direction, N)
        Mean rates over each named window.
    final_weights : ndarray, shape (direction, N, N)
    """

    circuit: Circuit
    outcome: Outcome
    steps: int
    trajectories: Mapping[str, FloatArray]
    rate_mean: FloatArray
    rate_std: FloatArray
    weight_mean: FloatArray
    weight_std: FloatArray
    abscissa: FloatArray
    final_abscissa: FloatArray
    window_rates: Mapping[str, FloatArray]
    final_weights: FloatArray

    @property
    def completed(self) -> bool:
        """Whether every step was taken, or none was needed any more."""
        return isinstance(self.outcome, Completed | Converged)

    @property
    def rates(self) -> FloatArray | None:
        """Every neuron's time course, shape (direction, bin, N), where it was kept in memory."""
        return self.trajectories.get("rates")


def record(
    circuit: Circuit,
    experiment: Experiment,
    plan: RecordingPlan,
    *,
    stream: Stream | None = None,
    progress: Callable[[int, int], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
    watch: Callable[[Glimpse], None] | None = None,
) -> Recording:
    """Simulate a circuit in all of the experiment's directions and record what a plan contains.

    Parameters
    ----------
    circuit : Circuit
    experiment : Experiment
    plan : RecordingPlan
    stream : Stream, optional
        Takes the trajectories; by default they are kept in memory.
    progress : callable, optional
        As in `l5tui.model.simulation`.
    cancelled : callable, optional
        Called before every step and before every product of an Arnoldi iteration; whether to cancel.
    watch : callable, optional
        Shown the circuit whenever a bin ends, and again where its abscissa is computed only at the end.

    Returns
    -------
    Recording

    Raises
    ------
    ValueError
        If the circuit has another number of neurons than the experiment.
    """
    shown = experiment.stimulus.directions
    engine = new_engine(circuit, experiment, shown, keep_factors=bool(plan.factors))
    total = experiment.steps
    shapes = plan.trajectory_shapes(len(shown), total, circuit.neurons)
    kept = {} if stream else {name: np.full(shape, np.nan) for name, shape in shapes.items()}

    def keep(name: str, start: int, values: FloatArray) -> None:
        kept[name][:, start : start + values.shape[1]] = values

    layout = Layout(experiment.network.sizes.in_order())
    is_to_stop = cancelled or never
    recorder = _Recorder(plan, engine, layout, stream or keep, watch or (lambda glimpse: None), is_to_stop)
    edges = frozenset(plan.settling.edges if plan.settling else ())
    ends = {stop for _, stop in plan.bins}
    stops = sorted(ends | edges | {*range(CHUNK_STEPS, total, CHUNK_STEPS), total})
    report = progress or (lambda done, of: None)
    report(0, total)
    try:
        for stop in stops:
            wanted = stop - engine.step
            recorder.add(engine.advance(wanted, is_to_stop))
            report(engine.step, total)
            if engine.step < stop:
                break
            recorder.close_bin(stop)
            if stop in edges and stop < total and recorder.has_settled(stop):
                return recorder.result(circuit, Converged(stop), kept)
        return recorder.result(circuit, outcome_of(engine, total), kept)
    except StoppedError:
        return recorder.result(circuit, Cancelled(engine.step), kept)


class _Recorder:
    """Sums that grow while an engine runs, and trajectories on their way to a stream."""

    def __init__(
        self,
        plan: RecordingPlan,
        engine: Engine,
        layout: Layout,
        stream: Stream,
        watch: Callable[[Glimpse], None],
        stop: Stop,
    ) -> None:
        self._plan = plan
        self._watch = watch
        self._stop = stop
        self._engine = engine
        self._layout = layout
        self._stream = stream
        directions, bins = len(engine.directions), len(plan.bins)
        self._convergence = Convergence(plan.settling, directions, layout.neurons) if plan.settling else None
        self._held: list[FloatArray] = []
        self._rate_moments = np.full((2, directions, bins, 4), np.nan)
        self._weight_moments = np.full((2, directions, bins, 4, 4), np.nan)
        self._abscissa = np.full((directions, bins), np.nan)
        self._bin_sum = np.zeros((directions, layout.neurons))
        self._sums = {name: np.zeros((directions, layout.neurons)) for name in plan.windows}
        self._bin = 0

    def add(self, chunk: Chunk) -> None:
        """Take in a chunk that does not reach over the end of a bin."""
        if self._bin < len(self._plan.bins):
            self._bin_sum += _sum_within(chunk, self._plan.bins[self._bin])
        for name, window in self._plan.windows.items():
            self._sums[name] += _sum_within(chunk, window)
        if self._convergence:
            self._convergence.add(chunk)
        for name in self._plan.factors:
            self._stream(name, chunk.first, chunk.post if name == "weight_post" else chunk.pre)

    def has_settled(self, step: int) -> bool:
        """Whether the rates have settled at the end of a period."""
        return self._convergence is not None and self._convergence.has_settled(step)

    def close_bin(self, step: int) -> None:
        """Finish the bin that ends at a step, if one does."""
        if self._bin == len(self._plan.bins) or self._plan.bins[self._bin][1] != step:
            return
        start, stop = self._plan.bins[self._bin]
        rates = self._bin_sum / (stop - start)
        self._rate_moments[:, :, self._bin] = population_moments(rates, self._layout)
        directions = range(len(self._engine.directions))
        for direction in directions:
            self._weight_moments[:, direction, self._bin] = self._engine.block_moments(direction)
        if self._plan.abscissa == "all":
            self._abscissa[:, self._bin] = self._spectrum()
        if self._plan.keep_weights:
            weights = np.stack([self._engine.weights(direction) for direction in directions])
            self._stream("weights", self._bin, weights[:, None])
        self._bin_sum[:] = 0
        self._show(self._bin, rates)
        self._bin += 1
        if self._plan.keep_rates:
            self._held.append(rates)
            if len(self._held) == HELD_BINS:
                self._let_go()

    def _show(self, at: int, neurons: FloatArray | None = None) -> None:
        step = self._plan.bins[at][1]
        rates, weights = self._rate_moments[0, :, at], self._weight_moments[0, :, at]
        self._watch(Glimpse(step, rates, weights, self._abscissa[:, at], neurons))

    def _show_end(self, abscissa: FloatArray) -> None:
        """Show the last bin again, with the abscissa of W after the last step."""
        at = self._bin - 1
        rates, weights = self._rate_moments[0, :, at], self._weight_moments[0, :, at]
        self._watch(Glimpse(self._plan.bins[at][1], rates, weights, abscissa, None))

    def _spectrum(self) -> FloatArray:
        """Spectral abscissa of W in each direction, shape (direction,)."""
        found, seen = np.full(len(self._engine.directions), np.nan), None
        for direction in range(len(found)):
            weights = self._engine.weights(direction)
            # Directions that have not learned share one matrix.
            if seen is not None and np.array_equal(seen, weights):
                found[direction] = found[direction - 1]
            else:
                found[direction] = rightmost_real_part(weights, self._stop)
            seen = weights
        return found

    def _let_go(self) -> None:
        """Pass on the rates that were held back to make pieces worth writing."""
        if self._held:
            self._stream("rates", self._bin - len(self._held), np.stack(self._held, axis=1))
            self._held.clear()

    def result(self, circuit: Circuit, outcome: Outcome, kept: Mapping[str, FloatArray]) -> Recording:
        """All that was gathered."""
        self._let_go()
        ended = not isinstance(outcome, Cancelled)
        final_abscissa = np.full(len(self._engine.directions), np.nan)
        if self._plan.abscissa != "none" and ended:
            final_abscissa = self._spectrum()
            # It belongs to the course only where the last bin ends with the last step.
            if self._bin and self._plan.bins[self._bin - 1][1] == self._engine.step:
                self._abscissa[:, self._bin - 1] = final_abscissa
            if self._bin:
                self._show_end(final_abscissa)
        window_rates = {name: self._window_mean(name, outcome) for name in self._plan.windows}
        return Recording(
            circuit=circuit,
            outcome=outcome,
            steps=self._engine.step,
            trajectories=kept,
            rate_mean=self._rate_moments[0],
            rate_std=self._rate_moments[1],
            weight_mean=self._weight_moments[0],
            weight_std=self._weight_moments[1],
            abscissa=self._abscissa,
            final_abscissa=final_abscissa,
            window_rates=window_rates,
            final_weights=np.stack([self._engine.weights(i) for i in range(len(self._engine.directions))]),
        )

    def _window_mean(self, name: str, outcome: Outcome) -> FloatArray:
        start, stop = self._plan.windows[name]
        if self._engine.step >= stop:
            return self._sums[name] / (stop - start)
        last = max(end for _, end in self._plan.windows.values())
        if isinstance(outcome, Converged) and self._convergence:
            return self._convergence.mean_before_end(last - start, last - stop)
        return np.full_like(self._sums[name], np.nan)


def _sum_within(chunk: Chunk, window: Window) -> FloatArray:
    """Sum of those rates of a chunk that lie in a window, shape (direction, N)."""
    start, stop = (max(edge - chunk.first, 0) for edge in window)
    total: FloatArray = chunk.rates[:, start:stop].sum(axis=1)
    return total
