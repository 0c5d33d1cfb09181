"""Trials on a Dask cluster: the connection, the workers that may run trials, and the loss of either."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import CancelledError, Future, wait
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from l5tui.errors import ClusterError, ClusterLostError
from l5tui.tuning.cluster_connection import connect, one_line
from l5tui.tuning.cluster_worker import refusals, task_on_worker
from l5tui.tuning.code_identity import CodeIdentity, code_identity
from l5tui.tuning.events import StudyObserver
from l5tui.tuning.scheduler_address import scheduler_faults

T = TypeVar("T")

log = logging.getLogger(__name__)

SILENCE_SECONDS: Final = 60.0
"""Time for a scheduler to answer a later request; after that it is lost."""
LOOK_SECONDS: Final = 1.0
"""Interval at which workers that join or leave are noticed."""
CLOSE_SECONDS: Final = 3.0
EMPTY_CLUSTER_ATTEMPTS: Final = 5
"""Times that a task is lost together with all workers there were, before the task is to blame."""
NO_WORKER: Final = "no worker of the cluster can run trials; they wait until one joins"


@dataclass(eq=False)
class _Job:
    """A task on the cluster: its future for the study, and what Dask knows of it."""

    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    future: Future[Any] = field(default_factory=Future)
    inner: Any = None
    workers: frozenset[str] = frozenset()
    losses: int = 0
    is_lost: bool = False
    """Whether its workers died, and whether others survive is not known yet."""


class DaskCluster:
    """A running Dask cluster.

    Only workers with the code of this process get trials. A worker is compared when it joins, and again by every task.

    Parameters
    ----------
    address : str
        Of its scheduler, such as ``tcp://host:8786``.
    workers : int
        Trials at the same time; 0 is one for each thread of the workers there are.
    rules : sequence of str, optional
        Rules of other packages, whose code workers must have as well.
    observe : callable, optional
        Receives `Connecting` events.

    Raises
    ------
    ClusterError
        Where dask.distributed is not installed, the address is malformed, nothing answers in time, or all workers have
        other code.
    """

    retries_alone = False

    def __init__(
        self,
        address: str,
        workers: int,
        rules: Sequence[str] = (),
        observe: StudyObserver = lambda event: None,
    ) -> None:
        if faults := scheduler_faults(address):
            raise ClusterError(str(faults[0]))
        self._address, self._wanted = address, workers
        self._code: CodeIdentity = code_identity(rules)
        self._lock = threading.RLock()
        self._jobs: set[_Job] = set()
        self._threads: dict[str, int] = {}
        self._refused: dict[str, str] = {}
        self._notices: list[str] = []
        self._lost = ""
        self._closing = threading.Event()
        self._is_empty = False
        self._client: Any = connect(address, observe)
        # By default it takes the result of an earlier task with the same arguments.
        self._executor: Any = self._client.get_executor(pure=False)
        try:
            self._look()
        except Exception as error:
            self.stop()
            raise ClusterError(f"{address}: the Dask scheduler does not answer: {one_line(error)}") from error
        if self._refused and not self._threads:
            self.stop()
            raise ClusterError(f"{address}: no worker can run trials: {'; '.join(self._refused.values())}")
        threading.Thread(target=self._watch, name="l5tui cluster", daemon=True).start()

    @property
    def workers(self) -> int:
        """Tasks that run at the same time."""
        return self._wanted or max(1, sum(self._threads.values()))

    def submit(self, task: Callable[..., T], *arguments: Any) -> Future[T]:
        """See `TrialExecutor.submit`.

        Raises
        ------
        ClusterLostError
            Where the cluster is gone.
        """
        job = _Job(task, arguments)
        with self._lock:
            if self._lost:
                raise ClusterLostError(self._lost)
            self._jobs.add(job)
            self._start(job)
        return job.future

    def is_loss(self, error: BaseException) -> bool:
        """See `TrialExecutor.is_loss`; Dask has then tried several workers already."""
        return type(error).__name__ == "KilledWorker"

    def cancel_waiting(self, future: Future[Any]) -> bool:
        """Cancel a task that has no worker yet; False if it was sent to the cluster."""
        with self._lock:
            for job in self._jobs:
                if job.future is future and job.inner is None:
                    self._jobs.discard(job)
                    return future.cancel()
        return False

    def notices(self) -> list[str]:
        """See `TrialExecutor.notices`."""
        with self._lock:
            found, self._notices = self._notices, []
        return found

    def stop(self) -> None:
        """See `TrialExecutor.stop`; tasks that run on a worker go on there, and their results are dropped."""
        self._closing.set()
        # A scheduler that hangs must not hold up the end of the study.
        closing = threading.Thread(target=self._close_client, name="l5tui cluster end", daemon=True)
        closing.start()
        closing.join(CLOSE_SECONDS)

    def close(self) -> None:
        """See `TrialExecutor.close`."""
        with self._lock:
            left = [job.future for job in self._jobs]
        with suppress(ClusterLostError):
            wait(left)
        self.stop()

    def _close_client(self) -> None:
        with suppress(Exception):
            self._executor.shutdown(wait=False)
            self._client.close(timeout=CLOSE_SECONDS)

    def _start(self, job: _Job) -> None:
        """Send a task to the workers there are; without any it waits for the next look."""
        job.is_lost, job.inner, job.workers = False, None, frozenset(self._threads)
        if not job.workers:
            return
        try:
            task = task_on_worker(job.function, job.arguments, self._code)
            job.inner = self._executor.submit(task, workers=[*job.workers])
        except Exception as error:
            self._lose(f"the cluster accepts no more trials: {one_line(error)}")
            raise ClusterLostError(self._lost) from error
        job.inner.add_done_callback(lambda inner: self._settle(job, inner))

    def _settle(self, job: _Job, inner: Future[tuple[str, str, Any]]) -> None:
        """Pass on what a task came to; called on a thread of Dask's."""
        with self._lock:
            if job.inner is not inner or self._closing.is_set() or self._lost:
                return
            try:
                worker, refusal, result = inner.result()
            except CancelledError:
                connected = self._client.status == "running"
                what = "cancelled the trials" if connected else "is gone: the connection was lost"
                self._lose(f"the Dask scheduler at {self._address} {what}")
                return
            except BaseException as error:
                if not self.is_loss(error):
                    self._end(job, error=error)
                job.is_lost = self.is_loss(error)
                return
            if refusal:
                self._refuse(worker, refusal)
                self._start(job)
            else:
                self._end(job, result)

    def _end(self, job: _Job, result: Any = None, error: BaseException | None = None) -> None:
        self._jobs.discard(job)
        if error is not None:
            job.future.set_exception(error)
        else:
            job.future.set_result(result)

    def _lose(self, reason: str) -> None:
        """Give up the cluster: every task ends with the reason."""
        with self._lock:
            if self._lost or self._closing.is_set():
                return
            self._lost = reason
            log.warning("%s", reason)
            for job in [*self._jobs]:
                self._end(job, error=ClusterLostError(reason))

    def _refuse(self, worker: str, reason: str) -> None:
        self._threads.pop(worker, None)
        if worker not in self._refused:
            self._refused[worker] = f"{worker}: {reason} (here {self._code})"
            self._notices.append(f"worker {self._refused[worker]}; it gets no trials")

    def _watch(self) -> None:
        while not self._closing.wait(LOOK_SECONDS) and not self._lost:
            try:
                self._look()
            except Exception as error:
                log.warning("looking at the cluster", exc_info=error)
                self._lose(f"the Dask scheduler at {self._address} does not answer")

    def _look(self) -> None:
        """Notice workers that joined or left, and start tasks whose workers are gone."""
        client = self._client
        threads: Mapping[str, int] = client.sync(client.scheduler.ncores, callback_timeout=SILENCE_SECONDS)
        with self._lock:
            new = [each for each in threads if each not in self._threads and each not in self._refused]
        answers = client.sync(refusals, client, new, self._code) if new else {}
        with self._lock:
            for known in (self._threads, self._refused):
                for worker in [each for each in known if each not in threads]:
                    del known[worker]
            for worker, refusal in answers.items():
                if refusal:
                    self._refuse(worker, refusal)
                else:
                    self._threads[worker] = threads[worker]
            if not self._threads and not self._is_empty:
                self._notices.append(NO_WORKER)
            self._is_empty = not self._threads
            if not self._closing.is_set():
                self._restart_stranded()

    def _restart_stranded(self) -> None:
        """Send tasks elsewhere that wait for workers which are gone; judge those that were lost with a worker."""
        present = frozenset(self._threads)
        for job in [*self._jobs]:
            if job.is_lost:
                job.losses += 1
                # Where no other worker of its time survives, the cluster was shut down: the task is not to blame.
                if job.workers & present or job.losses >= EMPTY_CLUSTER_ATTEMPTS:
                    self._end(job, error=job.inner.exception())
                    continue
                job.is_lost, job.workers = False, frozenset()
            if present and not job.workers & present:
                old, job.inner = job.inner, None
                if old is not None:
                    old.cancel()
                self._start(job)
