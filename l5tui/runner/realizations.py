"""Running the realizations of an experiment, one after another."""

from __future__ import annotations

import time
from collections.abc import Callable

from l5tui.analysis.windows import recording_plan
from l5tui.config import Experiment
from l5tui.model.circuit import Circuit
from l5tui.model.outcome import Cancelled
from l5tui.model.recording import Recording, record
from l5tui.runner.events import Observer, Progress

REPORT_SECONDS = 0.1
"""Shortest time between two reports of progress."""


class RunCancelledError(Exception):
    """The run was stopped on request; says how far it had got."""


def record_realizations(
    experiment: Experiment, observe: Observer, cancelled: Callable[[], bool]
) -> list[Recording]:
    """Sample and simulate every realization.

    Linear algebra runs on one thread, so that the same file gives the same bits.

    Raises
    ------
    RunCancelledError
        Where `cancelled` said so.
    """
    from threadpoolctl import threadpool_limits

    plan = recording_plan(experiment)
    count = experiment.simulation.realizations
    begun = time.perf_counter()
    reported = 0.0
    recordings: list[Recording] = []

    def report(done: int, total: int) -> None:
        nonlocal reported
        now = time.perf_counter()
        if now - reported >= REPORT_SECONDS or (done == total and len(recordings) == count - 1):
            reported = now
            observe(Progress(len(recordings) + 1, count, done, total, now - begun))

    with threadpool_limits(limits=1, user_api="blas"):
        for realization in range(count):
            if cancelled():
                raise RunCancelledError(f"cancelled before realization {realization + 1} of {count}")
            circuit = Circuit.sample(experiment, realization)
            recording = record(circuit, experiment, plan, progress=report, cancelled=cancelled)
            if isinstance(recording.outcome, Cancelled):
                raise RunCancelledError(f"{recording.outcome} of realization {realization + 1} of {count}")
            recordings.append(recording)
    return recordings
