"""Where trials run: a pool of processes on this machine, or a Dask cluster; one interface for both."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import CancelledError, Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from typing import Any, Protocol, TypeVar

from l5tui.errors import L5Error
from l5tui.runner.processors import processor_count
from l5tui.store.process import is_alive, process_start_time

T = TypeVar("T")

PRELOADED = [
    "l5tui.tuning.trial",
    "l5tui.model.compiled.engine",
    "l5tui.model.compiled.warm_up",
    "threadpoolctl",
]

LOOK_SECONDS = 1.0
"""How often a worker looks whether the process that it works for is there."""

TIMEOUT = "5s"
"""How long a scheduler may take to answer."""


class ClusterError(L5Error):
    """No cluster where one was named."""

    exit_code = 2


class TrialExecutor(Protocol):
    """Runs tasks elsewhere, as `concurrent.futures.Executor` does, and outlives a worker that dies."""

    workers: int
    """Tasks that run at the same time."""
    loses_all: bool
    """Whether the loss of one worker fails all tasks that run, so that it does not say which one is to blame."""

    def submit(self, task: Callable[..., T], *arguments: Any) -> Future[T]:
        """Run a task; its future tells of a worker that died by an exception that `is_loss` knows."""

    def is_loss(self, error: BaseException) -> bool:
        """Whether an exception says that a worker was lost, and not that the task went wrong."""

    def stop(self) -> None:
        """End all workers at once, whatever they are doing."""

    def close(self) -> None:
        """Let workers go that have nothing left to do."""


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


class DaskCluster:
    """A running Dask cluster.

    Parameters
    ----------
    address : str
        Of its scheduler, such as ``tcp://host:8786``.
    workers : int
        Trials at the same time; 0 is one for each thread of the cluster.

    Raises
    ------
    ClusterError
        Where dask.distributed is not installed or nothing answers.
    """

    loses_all = False

    def __init__(self, address: str, workers: int) -> None:
        try:
            import distributed
        except ImportError as error:
            raise ClusterError("--scheduler needs dask: pip install 'l5tui[cluster]'") from error
        try:
            client: Any = distributed
            self._client: Any = client.Client(address, timeout=TIMEOUT)
            threads = sum(self._client.nthreads().values())
        except (OSError, ValueError) as error:
            raise ClusterError(f"{address}: no Dask scheduler answers there: {error}") from error
        self.workers = workers or max(threads, 1)
        # Unless told otherwise, it takes the result of an earlier task with the same arguments.
        self._executor: Executor = self._client.get_executor(pure=False)

    def submit(self, task: Callable[..., T], *arguments: Any) -> Future[T]:
        """See `TrialExecutor.submit`."""
        return self._executor.submit(task, *arguments)

    def is_loss(self, error: BaseException) -> bool:
        """See `TrialExecutor.is_loss`; Dask has then tried other workers already."""
        return type(error).__name__ in ("KilledWorker", "CancelledError", "FutureCancelledError")

    def stop(self) -> None:
        """See `TrialExecutor.stop`; tasks that run on the cluster go on there, to nobody's use."""
        self._executor.shutdown(wait=False, cancel_futures=True)
        with suppress(Exception):
            self._client.close(timeout=2)

    def close(self) -> None:
        """See `TrialExecutor.close`."""
        self._executor.shutdown(wait=True)
        self._client.close()


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
