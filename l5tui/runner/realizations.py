"""Running the realizations of an experiment, as many at a time as there are workers."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait

from l5tui.analysis.windows import recording_plan
from l5tui.config import Experiment
from l5tui.model.circuit import Circuit
from l5tui.model.outcome import Cancelled
from l5tui.model.recording import Recording, record
from l5tui.runner.events import Observer, Progress

REPORT_SECONDS = 0.1
"""Time between two reports of progress, and between two looks whether to stop."""


class RunCancelledError(Exception):
    """The run was stopped on request; says how far it had got."""


def record_realizations(
    experiment: Experiment, observe: Observer, cancelled: Callable[[], bool]
) -> list[Recording]:
    """Sample and simulate every realization, on threads: the engine runs without the interpreter's lock.

    A realization's numbers depend on nothing but the experiment and its own index, and linear algebra runs on
    one thread, so that the same file gives the same bits, whatever the number of workers.

    Raises
    ------
    RunCancelledError
        Where `cancelled` said so.
    """
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1, user_api="blas"):
        return _Pool(experiment, observe, cancelled).run()


def worker_count(experiment: Experiment) -> int:
    """Realizations that run at the same time."""
    wanted = experiment.simulation.workers or os.cpu_count() or 1
    return min(wanted, experiment.simulation.realizations)


class _Pool:
    """The realizations of one run on their threads."""

    def __init__(self, experiment: Experiment, observe: Observer, cancelled: Callable[[], bool]) -> None:
        self._experiment = experiment
        self._plan = recording_plan(experiment)
        self._observe = observe
        self._cancelled = cancelled
        self._stop = threading.Event()
        self._steps = [0] * experiment.simulation.realizations
        self._begun = time.perf_counter()

    def run(self) -> list[Recording]:
        """Every realization's recording, in order."""
        with ThreadPoolExecutor(worker_count(self._experiment), thread_name_prefix="realization") as threads:
            futures = [threads.submit(self._record, index) for index in range(len(self._steps))]
            try:
                self._watch(futures)
                return [future.result() for future in futures]
            finally:
                self._stop.set()
                threads.shutdown(wait=True, cancel_futures=True)

    def _watch(self, futures: list[Future[Recording]]) -> None:
        """Report progress until all have ended, one has failed, or the run is to stop."""
        waiting = set(futures)
        while waiting:
            ended, waiting = wait(waiting, timeout=REPORT_SECONDS, return_when=FIRST_EXCEPTION)
            self._observe(self._progress(futures))
            if any(future.exception() for future in ended):
                return
            if waiting and self._cancelled():
                done = sum(future.done() for future in futures)
                taken, total = sum(self._steps), len(futures) * self._experiment.steps
                raise RunCancelledError(
                    f"cancelled after {taken} of {total} steps, with {done} of {len(futures)} realizations done"
                )

    def _progress(self, futures: list[Future[Recording]]) -> Progress:
        done = sum(future.done() for future in futures)
        total = len(futures) * self._experiment.steps
        return Progress(done, len(futures), sum(self._steps), total, time.perf_counter() - self._begun)

    def _record(self, index: int) -> Recording:
        def report(taken: int, total: int) -> None:
            self._steps[index] = taken

        circuit = Circuit.sample(self._experiment, index)
        recording = record(
            circuit, self._experiment, self._plan, progress=report, cancelled=self._stop.is_set
        )
        if isinstance(recording.outcome, Cancelled):
            raise RunCancelledError(f"{recording.outcome} of realization {index + 1}")
        self._steps[index] = self._experiment.steps
        return recording
