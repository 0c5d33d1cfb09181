"""Where trials run: one interface for the `process_pool` of this machine and a Dask `cluster`."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Protocol, TypeVar

from l5tui.errors import L5Error
from l5tui.tuning.events import StudyObserver, StudyWarned

T = TypeVar("T")


class WorkerStartError(L5Error):
    """No worker process can be started on this machine."""


class WorkerLostError(L5Error):
    """A worker process of this machine has ended while it ran a task."""


class TrialExecutor(Protocol):
    """Runs tasks elsewhere, as `concurrent.futures.Executor` does, and outlives a worker that dies."""

    retries_alone: bool
    """Whether a task whose worker was lost runs again alone: a second loss proves that the task is to blame, and no
    lack of memory that its neighbours cause."""

    @property
    def workers(self) -> int:
        """Tasks that run at the same time."""

    def submit(self, task: Callable[..., T], *arguments: Any) -> Future[T]:
        """Run a task; its future raises an exception that `is_loss` recognizes if its worker has died.

        Raises
        ------
        ClusterLostError
            Where there is nothing left that could run it.
        """

    def notices(self) -> list[str]:
        """Return warnings for the user that have come up since the last call."""

    def is_loss(self, error: BaseException) -> bool:
        """Whether an exception says that a worker was lost, and not that the task went wrong."""

    def cancel_waiting(self, future: Future[Any]) -> bool:
        """Cancel a task that has no worker yet; False if it runs, has ended, or if that is not known."""

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
