"""The search itself: proposes trials, keeps workers busy, and writes down what comes of it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

from l5tui.config import Experiment
from l5tui.errors import ConfigError
from l5tui.store.studies import Studies
from l5tui.store.study_records import StudyRecord, TrialRecord, TrialStatus
from l5tui.tuning.events import StudyObserver, TrialEnded
from l5tui.tuning.executor import TrialExecutor, show_notices
from l5tui.tuning.proposers.design import Design
from l5tui.tuning.proposers.proposer import Observation, Proposer, trial_generator
from l5tui.tuning.pulse import Pulse
from l5tui.tuning.scheme import SCHEME, fresh_seed, recorded_scheme
from l5tui.tuning.space import Point, SearchSpace
from l5tui.tuning.tasks import Tasks, is_unproven
from l5tui.tuning.trial import TrialResult, run_trial

WAIT_SECONDS = 0.1
OTHER_POINTS = 50
"""Points that are tried in place of one that was tried before."""


class Search:
    """One study on its way.

    Parameters
    ----------
    study : StudyRecord
        With its row running.
    experiment : Experiment
        That is varied.
    space : SearchSpace
    proposer : Proposer
    executor : TrialExecutor
    studies : Studies
    observe : callable
    requests : callable
        Returns the number of stop requests: 1 begins no more trials, 2 aborts the running trials.
    """

    def __init__(
        self,
        study: StudyRecord,
        experiment: Experiment,
        space: SearchSpace,
        proposer: Proposer,
        executor: TrialExecutor,
        studies: Studies,
        observe: StudyObserver,
        requests: Callable[[], int],
    ) -> None:
        self._study = study
        self._experiment = experiment
        self._space = space
        self._proposer = proposer
        self._executor = executor
        self._studies = studies
        self._observe = observe
        self._requests = requests
        self._scheme = recorded_scheme(study.versions)
        self._ended: dict[int, TrialRecord] = {}
        self._again: list[int] = []
        self._points: dict[int, Point] = {}
        self._tasks: Tasks[int, TrialResult] = Tasks(executor, self._start_again)
        self._exhausted = False
        for trial in studies.trials(study.id):
            self._points[trial.number] = trial.point
            if trial.status.is_final and not is_unproven(trial, executor):
                self._ended[trial.number] = trial
            else:
                self._again.append(trial.number)
        self._pulse = Pulse(study, studies, observe, requests, len(self._ended))
        self._next = max(self._points, default=-1) + 1

    def run(self) -> bool:
        """Run trials until all have ended or a stop is requested.

        Returns
        -------
        bool
            Whether all trials have ended.

        Raises
        ------
        ClusterLostError
            Where the executor is gone.
        """
        while True:
            while not self._requests() and self._tasks.has_room(self._executor.workers):
                if not self._begin_next():
                    break
            if self._requests():
                self._tasks.cancel_waiting()
            else:
                self._tasks.start_suspect()
            if not self._tasks.are_active or self._requests() >= 2:
                return not self._requests() and self._is_complete()
            for ended in self._tasks.wait(WAIT_SECONDS, lambda number: number):
                self._write(ended.key, ended.result or TrialResult("failed", None, math.nan, ended.error))
            show_notices(self._executor, self._observe)
            self._pulse.show(len(self._ended), len(self._tasks.running))

    def _is_complete(self) -> bool:
        return len(self._ended) >= self._study.trials or self._exhausted

    def _begin_next(self) -> bool:
        """Begin a trial; False where none is left to begin."""
        if self._again:
            number = self._again.pop(0)
        else:
            point = self._new_point()
            if point is None:
                return False
            number = self._next
            self._points[number] = point
            self._next += 1
        self._start_again(number)
        try:
            experiment = trial_experiment(
                self._experiment, self._space, self._points[number], number, self._scheme
            )
        except ConfigError as error:
            self._write(number, TrialResult("failed", None, 0.0, "; ".join(map(str, error.faults))))
            return True
        self._tasks.start(number, run_trial, experiment)
        return True

    def _start_again(self, number: int) -> None:
        """Record that a trial begins, or begins again."""
        self._studies.start_trial(self._study.id, number, self._points[number])

    def _new_point(self) -> Point | None:
        """Return the next point; None if there are trials enough, or no points that were not tried."""
        limit = self._proposer.limit
        if self._next >= self._study.trials:
            return None
        if limit is not None and self._next >= limit:
            self._exhausted = True
            return None
        pending = [self._points[number] for number in self._tasks.running]
        tried = [trial.point for trial in self._ended.values()] + pending
        point = self._proposer.propose(self._next, self.observations(), pending)
        if isinstance(self._proposer, Design) or self._experiment.tuning.fresh or dict(point) not in tried:
            return point
        # The same circuits at the same point would give the same numbers.
        generator = trial_generator(self._study.seed, self._next)
        for _ in range(OTHER_POINTS):
            other = self._space.point(generator.random(len(self._space)))
            if other not in tried:
                return other
        self._exhausted = True
        return None

    def observations(self) -> list[Observation]:
        """Return the observations for the proposer: every ended trial, in order of its number.

        A trial without a value counts as worse than all others.
        """
        sign = -1.0 if self._study.maximize else 1.0
        ordered = [self._ended[number] for number in sorted(self._ended)]
        scores = [sign * trial.value for trial in ordered if math.isfinite(trial.value)]
        penalty = max(scores, default=0.0) + 1.0
        return [
            Observation(trial.point, sign * trial.value if math.isfinite(trial.value) else penalty)
            for trial in ordered
        ]

    def _write(self, number: int, result: TrialResult) -> None:
        trial = self._studies.end_trial(
            self._study.id,
            number,
            TrialStatus(result.status),
            value=result.value(self._study.objective),
            metrics=result.metrics,
            seconds=result.seconds,
            error=result.error or None,
        )
        self._ended[number] = trial
        best = self._best(self._ended.values())
        self._observe(TrialEnded(trial, *((best.number, best.value) if best else (None, math.nan))))

    def _best(self, trials: Iterable[TrialRecord]) -> TrialRecord | None:
        sign = -1.0 if self._study.maximize else 1.0
        valued = [trial for trial in trials if math.isfinite(trial.value)]
        return min(valued, key=lambda trial: (sign * trial.value, trial.number), default=None)


def trial_experiment(
    experiment: Experiment, space: SearchSpace, point: Point, number: int, scheme: int = SCHEME
) -> Experiment:
    """Return the experiment of a trial: at its point, and recording no more than is measured.

    Parameters
    ----------
    experiment : Experiment
        That is varied.
    space : SearchSpace
    point : mapping
    number : int
        Of the trial; with ``tuning.fresh`` it gives the trial circuits of its own.
    scheme : int, optional
        Of the study, as `l5tui.tuning.scheme` describes.

    Raises
    ------
    ConfigError
        Where the point is no experiment.
    """
    tuning = experiment.tuning
    seed = fresh_seed(experiment.seed, number, scheme) if tuning.fresh else experiment.seed
    return space.experiment(
        point,
        experiment,
        seed=seed,
        simulation__realizations=tuning.realizations or experiment.simulation.realizations,
        simulation__workers=1,
        recording__rates="none",
        recording__weights="blocks",
        recording__abscissa="none",
        recording__figures="none",
    )
