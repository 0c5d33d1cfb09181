"""What is kept of a simulation that is too long to keep whole, gathered while it runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from l5tui.config import Experiment
from l5tui.model.arrays import FloatArray
from l5tui.model.chunk import Chunk
from l5tui.model.circuit import Circuit
from l5tui.model.engines import Engine, new_engine
from l5tui.model.layout import Layout
from l5tui.model.moments import population_moments
from l5tui.model.outcome import Completed, Outcome
from l5tui.model.simulate import CHUNK_STEPS, outcome_of

Window: TypeAlias = tuple[int, int]
"""(start, stop): the rates r(start + 1) … r(stop)."""


@dataclass(frozen=True)
class RecordingPlan:
    """What to keep.

    Parameters
    ----------
    bins : tuple of Window
        Windows in order, none of which overlap, whose mean rates make the recorded time course; weights are
        looked at where each one ends.
    windows : mapping of str to Window
        Further windows, by name, over which rates are averaged.
    keep_rates : bool
        Whether every neuron's time course is kept, or only each population's.
    """

    bins: tuple[Window, ...]
    windows: Mapping[str, Window]
    keep_rates: bool = True


@dataclass(frozen=True, eq=False)
class Recording:
    """What was kept of one circuit; NaN where the simulation did not get to.

    Parameters
    ----------
    circuit : Circuit
    outcome : Completed, Cancelled or Diverged
    steps : int
        Steps that were taken.
    rates : ndarray, shape (direction, bin, N), or None
    rate_mean, rate_std : ndarray, shape (direction, bin, 4)
        Over the neurons of each population.
    weight_mean, weight_std : ndarray, shape (direction, bin, 4, 4)
        Over all pairs of each block, ``[post, pre]``.
    window_rates : mapping of str to ndarray, shape (direction, N)
        Mean rates over each named window.
    final_weights : ndarray, shape (direction, N, N)
    """

    circuit: Circuit
    outcome: Outcome
    steps: int
    rates: FloatArray | None
    rate_mean: FloatArray
    rate_std: FloatArray
    weight_mean: FloatArray
    weight_std: FloatArray
    window_rates: Mapping[str, FloatArray]
    final_weights: FloatArray

    @property
    def completed(self) -> bool:
        """Whether every step was taken."""
        return isinstance(self.outcome, Completed)


def record(
    circuit: Circuit,
    experiment: Experiment,
    plan: RecordingPlan,
    *,
    progress: Callable[[int, int], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Recording:
    """Simulate a circuit in all of the experiment's directions and keep what a plan asks for.

    Parameters
    ----------
    circuit : Circuit
    experiment : Experiment
    plan : RecordingPlan
    progress, cancelled : callable, optional
        As in `l5tui.model.simulate`.
    """
    engine = new_engine(circuit, experiment, experiment.stimulus.directions, keep_factors=False)
    recorder = _Recorder(plan, engine, Layout(experiment.network.sizes.in_order()))
    total = experiment.dynamics.steps
    stops = sorted({stop for _, stop in plan.bins} | {*range(CHUNK_STEPS, total, CHUNK_STEPS), total})
    report = progress or (lambda done, of: None)
    report(0, total)
    for stop in stops:
        wanted = stop - engine.step
        recorder.add(engine.advance(wanted, cancelled or (lambda: False)))
        report(engine.step, total)
        if engine.step < stop:
            break
        recorder.close_bin(stop)
    return recorder.result(circuit, outcome_of(engine, total))


class _Recorder:
    """Sums that grow while an engine runs."""

    def __init__(self, plan: RecordingPlan, engine: Engine, layout: Layout) -> None:
        self._plan = plan
        self._engine = engine
        self._layout = layout
        directions, bins = len(engine.directions), len(plan.bins)
        self._rates = np.full((directions, bins, layout.neurons), np.nan) if plan.keep_rates else None
        self._rate_moments = np.full((2, directions, bins, 4), np.nan)
        self._weight_moments = np.full((2, directions, bins, 4, 4), np.nan)
        self._bin_sum = np.zeros((directions, layout.neurons))
        self._sums = {name: np.zeros((directions, layout.neurons)) for name in plan.windows}
        self._bin = 0

    def add(self, chunk: Chunk) -> None:
        """Take in a chunk that does not reach over the end of a bin."""
        if self._bin < len(self._plan.bins):
            self._bin_sum += _sum_within(chunk, self._plan.bins[self._bin])
        for name, window in self._plan.windows.items():
            self._sums[name] += _sum_within(chunk, window)

    def close_bin(self, step: int) -> None:
        """Finish the bin that ends at a step, if one does."""
        if self._bin == len(self._plan.bins) or self._plan.bins[self._bin][1] != step:
            return
        start, stop = self._plan.bins[self._bin]
        rates = self._bin_sum / (stop - start)
        if self._rates is not None:
            self._rates[:, self._bin] = rates
        self._rate_moments[:, :, self._bin] = population_moments(rates, self._layout)
        for direction in range(len(self._engine.directions)):
            self._weight_moments[:, direction, self._bin] = self._engine.block_moments(direction)
        self._bin_sum[:] = 0
        self._bin += 1

    def result(self, circuit: Circuit, outcome: Outcome) -> Recording:
        """All that was gathered."""
        step = self._engine.step
        window_rates = {
            name: self._sums[name] / (stop - start)
            if step >= stop
            else np.full_like(self._sums[name], np.nan)
            for name, (start, stop) in self._plan.windows.items()
        }
        return Recording(
            circuit=circuit,
            outcome=outcome,
            steps=step,
            rates=self._rates,
            rate_mean=self._rate_moments[0],
            rate_std=self._rate_moments[1],
            weight_mean=self._weight_moments[0],
            weight_std=self._weight_moments[1],
            window_rates=window_rates,
            final_weights=np.stack([self._engine.weights(i) for i in range(len(self._engine.directions))]),
        )


def _sum_within(chunk: Chunk, window: Window) -> FloatArray:
    """Sum of those rates of a chunk that lie in a window, shape (direction, N)."""
    start, stop = (max(edge - chunk.first, 0) for edge in window)
    total: FloatArray = chunk.rates[:, start:stop].sum(axis=1)
    return total
