"""What a run's realizations look like while they run, thinned out to what a person can follow."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator

from l5tui.analysis.statistics import defined_mean
from l5tui.config import Experiment
from l5tui.model.arrays import FloatArray
from l5tui.model.recording import Glimpse
from l5tui.runner.events import Blocks, Four, Snapshot
from l5tui.runner.live_tuning import LiveTuning

MOST_POINTS = 16
"""Rates over time in one snapshot."""

MOST_AT_ONCE = 4
"""Maximum number of realizations with a snapshot at a time; on many cores the others take turns."""


class LiveView:
    """Takes glimpses from the threads of the realizations, and gives snapshots to one that watches.

    Parameters
    ----------
    experiment : Experiment
    """

    def __init__(self, experiment: Experiment) -> None:
        realizations = experiment.simulation.realizations
        self._glimpses: list[deque[Glimpse]] = [deque() for _ in range(realizations)]
        self._targets: list[Blocks] = [()] * realizations
        self._tuning = [LiveTuning(experiment) for _ in range(realizations)]
        self._next = 0

    def watch(self, realization: int, targets: FloatArray) -> Callable[[Glimpse], None]:
        """Return the callback for a realization's glimpses; it only stores them, so that the engine loses no time.

        Parameters
        ----------
        realization : int
            From 0.
        targets : ndarray, shape (4, 4)
        """
        self._targets[realization] = _blocks(targets)
        keep, tuning = self._glimpses[realization].append, self._tuning[realization]

        def watch(glimpse: Glimpse) -> None:
            tuning.add(glimpse)
            # Without the rates of single neurons, which would need much memory until the next snapshot.
            keep(Glimpse(glimpse.step, glimpse.rates, glimpse.weights, glimpse.abscissa))

        return watch

    def snapshots(self) -> Iterator[Snapshot]:
        """Of some of the realizations that have moved on, each in its turn."""
        count, emitted = len(self._glimpses), 0
        for offset in range(count):
            index = (self._next + offset) % count
            if emitted < MOST_AT_ONCE and (snapshot := self._snapshot(index)):
                emitted += 1
                yield snapshot
                after = index + 1
        if emitted:
            self._next = after % count

    def rest(self) -> Iterator[Snapshot]:
        """Yield a snapshot of every realization that has advanced since its last snapshot."""
        for index in range(len(self._glimpses)):
            if snapshot := self._snapshot(index):
                yield snapshot

    def _snapshot(self, index: int) -> Snapshot | None:
        waiting = self._glimpses[index]
        new = [waiting.popleft() for _ in range(len(waiting))]
        if not new:
            return None
        stride = -(-len(new) // MOST_POINTS)
        kept = new[::-1][::stride][::-1]
        last = new[-1]
        angles, before, now = self._tuning[index].curves()
        return Snapshot(
            realization=index + 1,
            steps=tuple(glimpse.step for glimpse in kept),
            rates=tuple(_four(defined_mean(glimpse.rates, 0)) for glimpse in kept),
            weights=_blocks(defined_mean(last.weights, 0)),
            targets=self._targets[index],
            abscissa=float(defined_mean(last.abscissa, 0)),
            angles=angles,
            tuning_before=_blocks(before),
            tuning=_blocks(now),
        )


def _four(values: FloatArray) -> Four:
    return tuple(map(float, values))


def _blocks(values: FloatArray) -> Blocks:
    return tuple(map(_four, values))
