"""Where trials run: the interface, and a pool of processes on this machine; `cluster` has a Dask cluster."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import CancelledError, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any, Protocol, TypeVar

from l5tui.runner.processors import processor_count
from l5tui.store.process import is_alive, process_start_time
from l5tui.tuning.events import StudyObserver, StudyWarned

T = TypeVar("T")

PRELOADED = [
    "l5tui.tuning.trial",
    "l5tui.model.compiled.engine",
    "l5tui.model.compiled.warm_up",
    "threadpoolctl",
]

LOOK_SECONDS = 1.0
"""How often a worker looks whether the process that it works for is there."""


class TrialExecutor(Protocol):
    """Runs tasks elsewhere, as `concurrent.futures.Executor` does, and outlives a worker that dies."""

    loses_all: bool
    """Whether the loss of one worker fails all tasks that run, so that it does not say which one is to blame."""

    @property
    def workers(self) -> int:
        """Tasks that run at the same time."""

    def submit(self, task: Callable[..., T], *arguments: Any) -> Future[T]:
        """Run a task; its future tells of a worker that died by an exception that `is_loss` knows.

        Raises
        ------
        ClusterLostError
            Where there is nothing left that could run it.
        """

    def notices(self) -> list[str]:
        """Return warnings for the user that have come up since the last call."""

    def is_loss(self, error: BaseException) -> bool:
        """Whether an exception says that a worker was lost, and not that the task went wrong."""

    def stop(self) -> None:
        """End all workers at once, whatever they are doing."""

    def close(self) -> None:
        """Let workers go that have nothing left to do."""


def show_notices(executor: TrialExecutor, observe: StudyObserver) -> None:
    """Pass on the warnings of an executor.

    Parameters
    ----------
    executor : TrialExecutor
    observe : callable
    """
    for text in executor.notices():
        observe(StudyWarned(text))


class LocalPool:
    """Processes on this machine; they are started once, with the engine ready.

    Parameters
    ----------
    workers : int
        0 is one for each core.
    """

    loses_all = True

    def __init__(self, workers: int) -> None:
        self.workers = workers or processor_count()
        self._pool = self._new_pool()

    def submit(self, task: Callable[..., T], *arguments: Any) -> Future[T]:
        """See `TrialExecutor.submit`."""
        try:
            return self._pool.submit(task, *arguments)
        except BrokenProcessPool:
            # A pool that has lost one process takes no more tasks.
            self.stop()
            self._pool = self._new_pool()
            return self._pool.submit(task, *arguments)

    def is_loss(self, error: BaseException) -> bool:
        """See `TrialExecutor.is_loss`."""
        # Tasks that wait in a pool that is replaced are cancelled.
        return isinstance(error, BrokenProcessPool | CancelledError)

    def notices(self) -> list[str]:
        """See `TrialExecutor.notices`."""
        return []

    def stop(self) -> None:
        """See `TrialExecutor.stop`."""
        processes = list((self._pool._processes or {}).values())
        for process in processes:
            process.kill()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def close(self) -> None:
        """See `TrialExecutor.close`."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _new_pool(self) -> ProcessPoolExecutor:
        method = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
        context = multiprocessing.get_context(method)
        if method == "forkserver":
            context.set_forkserver_preload(PRELOADED)
        owner = os.getpid()
        return ProcessPoolExecutor(
            self.workers, context, initializer=_begin, initargs=(owner, process_start_time(owner))
        )


def _begin(owner: int, started: str | None) -> None:
    """Leave the terminal's signals to the process that coordinates, and end when it is gone."""
    for number in (signal.SIGINT, getattr(signal, "SIGHUP", signal.SIGINT)):
        signal.signal(number, signal.SIG_IGN)
    # Workers keep each other's pipes open, and so never read the end of the one that a killed owner wrote to.
    threading.Thread(target=_end_with, args=(owner, started), daemon=True).start()


def _end_with(owner: int, started: str | None) -> None:
    while is_alive(owner, started):
        time.sleep(LOOK_SECONDS)
    os._exit(1)
