"""Simulates points for an inference: fresh circuits for each, kept as trials, and never twice."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from l5tui.analysis.contrasts import with_contrasts_of_means
from l5tui.analysis.likelihood import Likelihood, log_likelihood
from l5tui.config import Experiment
from l5tui.config.measure_names import measure_names
from l5tui.errors import ConfigError
from l5tui.model.arrays import FloatArray
from l5tui.store.studies import Studies
from l5tui.store.study_records import StudyRecord, TrialRecord, TrialStatus
from l5tui.tuning.events import StudyObserver, TrialEnded
from l5tui.tuning.executor import TrialExecutor, show_notices
from l5tui.tuning.pulse import Pulse
from l5tui.tuning.scheme import recorded_scheme
from l5tui.tuning.search import WAIT_SECONDS, trial_experiment
from l5tui.tuning.space import Point, SearchSpace
from l5tui.tuning.tasks import Ended, Tasks, is_unproven
from l5tui.tuning.trial import TrialResult, run_circuit

VALUE, NOISE, KERNEL = "log_likelihood", "log_likelihood_sd", "log_kernel"
"""Names of a trial's own metrics."""
SAME = 1e-9
"""Difference within which a point of the unit cube is one that was simulated before."""


class StoppedError(Exception):
    """A stop was requested."""


@dataclass
class _Trial:
    number: int
    point: Point
    experiment: Experiment | None = None
    circuits: dict[int, TrialResult] = field(default_factory=dict)
    is_again: bool = False
    begun: float = field(default_factory=time.monotonic)


class Simulator:
    """Evaluates the likelihood of points, a trial each, and writes every trial down.

    Stored trials of an interrupted study are returned in their order as long as the same points are requested.
    A method that is a function of its seed and of these values therefore continues where it was interrupted.

    Parameters
    ----------
    study : StudyRecord
        With its row running.
    experiment : Experiment
    space : SearchSpace
    executor : TrialExecutor
    studies : Studies
    observe : callable
    requests : callable
        Returns the number of stop requests.
    """

    def __init__(
        self,
        study: StudyRecord,
        experiment: Experiment,
        space: SearchSpace,
        executor: TrialExecutor,
        studies: Studies,
        observe: StudyObserver,
        requests: Callable[[], int],
    ) -> None:
        self._study = study
        self._experiment = experiment
        self._space = space
        self._executor = executor
        self._studies = studies
        self._observe = observe
        self._requests = requests
        self._scheme = recorded_scheme(study.versions)
        known = studies.trials(study.id)
        self.trials: dict[int, TrialRecord] = {
            trial.number: trial
            for trial in known
            if trial.status.is_final and not is_unproven(trial, executor)
        }
        self._points: dict[int, Point] = {trial.number: trial.point for trial in known}
        self._pulse = Pulse(study, studies, observe, requests, len(self.trials))
        self._next = 0

    @property
    def used(self) -> int:
        """Number of points requested so far."""
        return self._next

    def evaluate(self, units: FloatArray) -> list[Likelihood]:
        """Return the likelihood at places of the unit cube, shape (point, dimension); that of a failure is low.

        Raises
        ------
        StoppedError
            If a stop was requested; trials that ran have then ended.
        """
        return [self._likelihood(trial) for trial in self.simulate(units)]

    def simulate(self, units: FloatArray) -> list[TrialRecord]:
        """Return the trials at places of the unit cube."""
        numbers = []
        waiting = []
        for place in units:
            point = self._space.point(place)
            number = self._next
            self._next += 1
            if number in self._points and not self._is_same(self._points[number], point):
                # Another processor may round otherwise; the trial that is there keeps its row.
                number = max(*self._points, self._study.trials) + 1
            self._points[number] = point
            numbers.append(number)
            if number not in self.trials:
                waiting.append(_Trial(number, point))
        if waiting:
            self._run(waiting)
        return [self.trials[number] for number in numbers]

    def _is_same(self, one: Point, other: Point) -> bool:
        return bool(np.abs(np.diff(self._space.units([one, other]), axis=0)).max() < SAME)

    def _likelihood(self, trial: TrialRecord) -> Likelihood:
        value, noise = trial.metrics.get(VALUE), trial.metrics.get(NOISE)
        if value is None or noise is None:
            return log_likelihood([], self._experiment.targets)
        kernel = value if self._scheme == 1 else trial.metrics.get(KERNEL, value)
        return Likelihood(value, noise, trial.status is TrialStatus.COMPLETED, kernel)

    def _run(self, waiting: list[_Trial]) -> None:
        begun: dict[int, _Trial] = {}

        def start_again(key: tuple[int, int]) -> None:
            trial = begun[key[0]]
            if not trial.is_again:
                trial.is_again = True
                self._studies.start_trial(self._study.id, trial.number, trial.point)

        tasks: Tasks[tuple[int, int], TrialResult] = Tasks(self._executor, start_again)
        while waiting or tasks.running:
            while waiting and not self._requests() and tasks.has_room(2 * self._executor.workers):
                trial = waiting.pop(0)
                begun[trial.number] = trial
                self._begin(trial, tasks)
            if self._requests():
                tasks.cancel_waiting()
            else:
                tasks.start_suspect()
            if self._requests() >= 2 or (self._requests() and not tasks.are_active):
                raise StoppedError
            for ended in tasks.wait(WAIT_SECONDS, lambda key: key):
                self._take(ended, begun[ended.key[0]], tasks)
            show_notices(self._executor, self._observe)
            self._pulse.show(len(self.trials), len(tasks.running))
        if self._requests():
            raise StoppedError

    def _begin(self, trial: _Trial, tasks: Tasks[tuple[int, int], TrialResult]) -> None:
        self._studies.start_trial(self._study.id, trial.number, trial.point)
        fresh = self._experiment.tuning.model_copy(update={"fresh": True})
        varied = self._experiment.model_copy(update={"tuning": fresh})
        try:
            trial.experiment = trial_experiment(varied, self._space, trial.point, trial.number, self._scheme)
        except ConfigError as error:
            self._write(trial, TrialStatus.FAILED, "; ".join(map(str, error.faults)))
            return
        for circuit in range(trial.experiment.simulation.realizations):
            tasks.start((trial.number, circuit), run_circuit, trial.experiment, circuit)

    def _take(
        self,
        ended: Ended[tuple[int, int], TrialResult],
        trial: _Trial,
        tasks: Tasks[tuple[int, int], TrialResult],
    ) -> None:
        if trial.number in self.trials:  # it has failed by another of its circuits, in the same moment
            return
        if ended.result is None:
            tasks.drop(lambda key: key[0] == trial.number)
            self._write(trial, TrialStatus.FAILED, ended.error)
            return
        trial.circuits[ended.key[1]] = ended.result
        assert trial.experiment is not None
        if len(trial.circuits) == trial.experiment.simulation.realizations:
            bad = [each for each in trial.circuits.values() if each.status != "completed"]
            status = TrialStatus(bad[0].status) if bad else TrialStatus.COMPLETED
            self._write(trial, status, bad[0].error if bad else None)

    def _write(self, trial: _Trial, status: TrialStatus, error: str | None) -> None:
        circuits = with_contrasts_of_means([trial.circuits[key].metrics for key in sorted(trial.circuits)])
        metrics = _means(circuits)
        likelihood = log_likelihood(
            circuits if status is TrialStatus.COMPLETED else [], self._experiment.targets
        )
        metrics |= {VALUE: likelihood.value, NOISE: likelihood.noise, KERNEL: likelihood.kernel}
        record = self._studies.end_trial(
            self._study.id,
            trial.number,
            status,
            value=likelihood.value if likelihood.defined else math.nan,
            metrics=metrics,
            seconds=time.monotonic() - trial.begun,
            error=error,
        )
        self.trials[trial.number] = record
        valued = [each for each in self.trials.values() if math.isfinite(each.value)]
        best = max(valued, key=lambda each: each.value, default=None)
        self._observe(TrialEnded(record, best.number if best else None, best.value if best else math.nan))


def _means(circuits: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Each measure's mean over circuits, where all have it; spreads over circuits are not a circuit's."""
    if not circuits:
        return {}
    names = [name for name in measure_names() if not name.endswith(("std_of_means", "mean_of_stds"))]
    table = {name: [each.get(name, math.nan) for each in circuits] for name in names}
    with np.errstate(over="ignore", invalid="ignore"):
        return {name: float(np.mean(values)) for name, values in table.items()}
