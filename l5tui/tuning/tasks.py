"""Tasks that run on an executor, and which of them is to blame for a worker that was lost."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from l5tui.errors import ClusterLostError, one_line
from l5tui.store.study_records import TrialRecord, TrialStatus
from l5tui.tuning.executor import TrialExecutor, WorkerStartError

T = TypeVar("T")
K = TypeVar("K", bound=Hashable)

ATTEMPTS: Final = 2
"""Times that a task is begun on a cluster, where workers are lost one by one."""
CRASHED_ALONE: Final = "its process crashed alone"
LOST: Final = "its worker was lost, twice"
UNPROVEN: Final = (LOST, "BrokenProcessPool: ")
"""How errors of trials begin that failed because any process of their pool was lost, as earlier versions wrote them."""


@dataclass(frozen=True)
class Ended(Generic[K, T]):
    """A task that has ended.

    Parameters
    ----------
    key : hashable
    result : object or None
        None where it failed.
    error : str
        Why it failed, in one line; empty where it did not.
    """

    key: K
    result: T | None
    error: str = ""


@dataclass(frozen=True)
class _Task(Generic[K, T]):
    key: K
    function: Callable[..., T]
    arguments: tuple[Any, ...]
    attempt: int = 1
    is_alone: bool = False


class Tasks(Generic[K, T]):
    """Tasks on an executor.

    A task of a process pool that loses its process is a suspect: the system may have ended it for lack of memory that
    other tasks need. It runs again alone, and has failed only if its process is lost then.

    Parameters
    ----------
    executor : TrialExecutor
    retried : callable
        Called with the key of each task before it runs again.
    """

    def __init__(self, executor: TrialExecutor, retried: Callable[[K], None]) -> None:
        self._executor = executor
        self._retried = retried
        self._running: dict[Future[T], _Task[K, T]] = {}
        self._suspects: list[_Task[K, T]] = []

    @property
    def running(self) -> tuple[K, ...]:
        """Keys of the tasks that have not ended, suspects included."""
        return tuple(task.key for task in (*self._running.values(), *self._suspects))

    @property
    def are_active(self) -> bool:
        """Whether any task runs now; suspects that wait do not."""
        return bool(self._running)

    def has_room(self, most: int) -> bool:
        """Whether another task may start, with so many at the same time; never while there are suspects."""
        alone = any(task.is_alone for task in self._running.values())
        return not self._suspects and not alone and len(self._running) < most

    def start(self, key: K, function: Callable[..., T], *arguments: Any) -> None:
        """Start a task."""
        self._submit(_Task(key, function, arguments))

    def start_suspect(self) -> None:
        """Start the next suspect of a pool once nothing else runs, and lost tasks of a cluster at once."""
        while self._suspects and not (self._running and self._executor.retries_alone):
            suspect = self._suspects.pop(0)
            self._retried(suspect.key)
            alone = self._executor.retries_alone
            self._submit(_Task(suspect.key, suspect.function, suspect.arguments, suspect.attempt + 1, alone))

    def cancel_waiting(self) -> None:
        """Cancel the tasks that no worker has begun."""
        self._running = {
            future: task
            for future, task in self._running.items()
            if not self._executor.cancel_waiting(future)
        }

    def drop(self, concerned: Callable[[K], bool]) -> None:
        """Forget the tasks of some keys; those that run are not waited for."""
        self._running = {future: task for future, task in self._running.items() if not concerned(task.key)}
        self._suspects = [task for task in self._suspects if not concerned(task.key)]

    def wait(self, seconds: float, order: Callable[[K], Any]) -> list[Ended[K, T]]:
        """Wait for tasks to end, at most so long.

        Parameters
        ----------
        seconds : float
        order : callable
            Key that those that have ended by then are sorted by.

        Raises
        ------
        ClusterLostError
            Where the executor is gone; results that came before are returned first.
        WorkerStartError
            If no worker process can be started.
        """
        done, _ = wait(self._running, timeout=seconds, return_when=FIRST_COMPLETED)
        lost = {future for future in done if _is_lost(future)}
        if lost and lost == done:
            lost.pop().result()
        ended = []
        for future in sorted(done - lost, key=lambda each: order(self._running[each].key)):
            task = self._running.pop(future)
            try:
                ended.append(Ended(task.key, future.result()))
            except WorkerStartError:
                # No task is to blame; each of the others would end in the same way.
                raise
            except (Exception, CancelledError) as error:
                if error_text := self._judged(task, error):
                    ended.append(Ended(task.key, None, error_text))
        return ended

    def _judged(self, task: _Task[K, T], error: BaseException) -> str:
        """Why a task has failed; empty where it is a suspect and runs again."""
        if not self._executor.is_loss(error):
            return one_line(error)
        if self._executor.retries_alone:
            if task.is_alone:
                return CRASHED_ALONE
        elif task.attempt >= ATTEMPTS:
            return LOST
        self._suspects.append(task)
        return ""

    def _submit(self, task: _Task[K, T]) -> None:
        self._running[self._executor.submit(task.function, *task.arguments)] = task


def _is_lost(future: Future[Any]) -> bool:
    return not future.cancelled() and isinstance(future.exception(), ClusterLostError)


def is_unproven(trial: TrialRecord, executor: TrialExecutor) -> bool:
    """Whether a trial has failed without proof that it lost its process: a resumed study runs it again.

    Parameters
    ----------
    trial : TrialRecord
    executor : TrialExecutor
    """
    is_lost = trial.status is TrialStatus.FAILED and str(trial.error).startswith(UNPROVEN)
    return is_lost and executor.retries_alone
