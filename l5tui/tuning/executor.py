"""Where trials run: one interface for the processes of this machine (`process_pool`) and a Dask cluster."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future
from contextlib import suppress
from typing import Any, Protocol, TypeVar

from l5tui.errors import L5Error

T = TypeVar("T")

TIMEOUT = "5s"
"""How long a scheduler may take to answer."""


class ClusterError(L5Error):
    """No cluster where one was named."""

    exit_code = 2


class WorkerStartError(L5Error):
    """No worker process can be started on this machine."""


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

    def cancel_waiting(self, future: Future[Any]) -> bool:
        """Cancel a task that has no worker yet; False if it runs, has ended, or if that is not known."""

    def stop(self) -> None:
        """End all workers at once, whatever they are doing."""

    def close(self) -> None:
        """Let workers go that have nothing left to do."""


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

    def cancel_waiting(self, future: Future[Any]) -> bool:
        """See `TrialExecutor.cancel_waiting`; the scheduler alone knows which tasks wait."""
        return False

    def stop(self) -> None:
        """See `TrialExecutor.stop`; tasks that run on the cluster go on there, to nobody's use."""
        self._executor.shutdown(wait=False, cancel_futures=True)
        with suppress(Exception):
            self._client.close(timeout=2)

    def close(self) -> None:
        """See `TrialExecutor.close`."""
        self._executor.shutdown(wait=True)
        self._client.close()
