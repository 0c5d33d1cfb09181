"""Merge the events of concurrent runs."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping

from l5tui.config import Experiment
from l5tui.runner.events import Event, Observer, PhaseStarted, Progress, RunStarted, Warned
from l5tui.runner.mlflow_recorder import MlflowRecorder


class Together:
    """Merged events of several runs.

    Parameters
    ----------
    experiments : mapping of str to Experiment
        The runs, by what they are called in warnings.
    observe : callable
        Called with the progress over all runs, and with the start and the warnings of each; one call at a time.
    """

    def __init__(self, experiments: Mapping[str, Experiment], observe: Observer) -> None:
        self._observe = observe
        self._begun = time.perf_counter()
        self._lock = threading.Lock()
        self._progress = {
            name: Progress(
                0,
                experiment.simulation.realizations,
                0,
                experiment.simulation.realizations * experiment.steps,
                0.0,
            )
            for name, experiment in experiments.items()
        }

    def observer_of(self, name: str) -> Observer:
        """Return the observer for the events of one run."""

        def observe(event: Event) -> None:
            with self._lock:
                self._take(name, event)

        return observe

    def _take(self, name: str, event: Event) -> None:
        if isinstance(event, Progress):
            self._progress[name] = event
            self._observe(self._overall())
        elif isinstance(event, Warned):
            self._observe(Warned(f"{name}: {event.text}"))
        elif isinstance(event, RunStarted) or (isinstance(event, PhaseStarted) and self._is_awaited(event)):
            self._observe(event)

    def _is_awaited(self, event: PhaseStarted) -> bool:
        """Whether all wait for a phase: not while others simulate, and one is being measured or written."""
        return event.phase == "compile" or self._overall().fraction == 1

    def _overall(self) -> Progress:
        each = self._progress.values()
        return Progress(
            sum(one.done for one in each),
            sum(one.realizations for one in each),
            sum(one.steps for one in each),
            sum(one.total for one in each),
            time.perf_counter() - self._begun,
        )


class OneAtATime:
    """Lets a recorder that serves one run at a time serve several.

    Parameters
    ----------
    recorder : MlflowRecorder
    """

    def __init__(self, recorder: MlflowRecorder) -> None:
        self._recorder = recorder
        self._lock = threading.Lock()

    def record(
        self, run_id: str, timings: Mapping[str, float], catching_up: Callable[[], None] = lambda: None
    ) -> None:
        """See `MlflowRecorder.record`."""
        with self._lock:
            self._recorder.record(run_id, timings, catching_up)
