"""Process pool on this machine whose processes never receive the terminal's signals.

A worker is forked by a fork server, which imports the engine first; this takes about a second. The fork server and the
resource tracker of `multiprocessing` start with signals blocked, so that Ctrl+C during these imports does not end them.
They stay in the process group of the command: Ctrl+Z stops them with it, and ``fg`` continues them.
"""

from __future__ import annotations

import atexit
import logging
import multiprocessing
import os
import queue
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import CancelledError, Future, InvalidStateError
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing import forkserver, resource_tracker
from multiprocessing.connection import Connection
from multiprocessing.reduction import ForkingPickler
from typing import Any, Final, TypeVar

from l5tui.runner.process_limit import is_named_in, is_process_limit, limit_in_words
from l5tui.runner.processors import processor_count
from l5tui.runner.shield import SIGNALS
from l5tui.store.process import is_alive, process_start_time
from l5tui.tuning.executor import WorkerLostError, WorkerStartError
from l5tui.tuning.pool_stderr import direct_stderr, log_stderr
from l5tui.tuning.pool_worker import work

T = TypeVar("T")

PRELOADED: Final = [
    "l5tui.tuning.pool_preload",
    "l5tui.tuning.pool_worker",
    "l5tui.tuning.trial",
    "l5tui.model.compiled.engine",
    "l5tui.model.compiled.warm_up",
    "threadpoolctl",
]

JOIN_SECONDS: Final = 1.0
"""Time that `LocalPool.stop` waits for threads whose workers it has killed."""

START_ATTEMPTS: Final = 3
"""Times that the start of a process is tried for one task."""

PAUSE_SECONDS: Final = 0.3
"""Time between two of these attempts."""

log = logging.getLogger(__name__)

_start = threading.Lock()
"""Held while a process starts: `multiprocessing` does not start two at the same time."""


@dataclass(frozen=True)
class _Item:
    future: Future[Any]
    task: Callable[..., Any]
    arguments: tuple[Any, ...]


class LocalPool:
    """Processes on this machine; they start with the engine loaded.

    Each worker has a pipe and a thread of its own. If a worker dies, even in the middle of a result, the thread reads
    the end of its pipe, only its task has lost its worker, and the next task starts another one. The threads start the
    workers with signals blocked: neither the caller nor a signal waits for the imports of the fork server.

    Parameters
    ----------
    workers : int
        0 is one for each core.
    """

    retries_alone = True

    def __init__(self, workers: int) -> None:
        self.workers = workers or processor_count()
        self._items: queue.SimpleQueue[_Item | None] = queue.SimpleQueue()
        self._is_stopped = threading.Event()
        self._feeders: list[_Feeder] = []
        self._serving = _Serving()
        direct_stderr()

    def submit(self, task: Callable[..., T], *arguments: Any) -> Future[T]:
        """Run a task in a worker.

        Returns
        -------
        Future
            It can be cancelled until a worker is free for it.
        """
        future: Future[T] = Future()
        if len(self._feeders) < self.workers and not self._is_stopped.is_set():
            self._start_feeder(future)
        if not future.done():
            self._items.put(_Item(future, task, arguments))
        return future

    def _start_feeder(self, future: Future[Any]) -> None:
        """Start a thread; if not even one can be started, the task fails."""
        feeder = _Feeder(self._items, self._is_stopped, self._serving)
        try:
            feeder.start()
        except RuntimeError as error:
            log.warning("no thread could be started for a worker", exc_info=error)
            if not self._feeders:
                future.set_exception(_start_error(error))
            return
        if not self._feeders:
            # `multiprocessing` waits at exit for workers that still run.
            atexit.register(self.stop)
        self._feeders.append(feeder)

    def is_loss(self, error: BaseException) -> bool:
        """Return whether an exception means that the worker was lost."""
        return isinstance(error, WorkerLostError | CancelledError)

    def notices(self) -> list[str]:
        """Return no warnings: there is nothing to notice."""
        return []

    def cancel_waiting(self, future: Future[Any]) -> bool:
        """Cancel a task that has no worker yet; False if it runs or has ended."""
        return future.cancel()

    def stop(self) -> None:
        """End all workers at once, whatever they are doing."""
        self._is_stopped.set()
        self._end()
        for feeder in self._feeders:
            feeder.kill()
        until = time.monotonic() + JOIN_SECONDS
        for feeder in self._feeders:
            # A thread that waits for the fork server's imports ends its worker as soon as it is there.
            if not feeder.is_starting:
                feeder.join(max(0.0, until - time.monotonic()))
        log_stderr(log, logging.INFO)

    def close(self) -> None:
        """End the workers once their tasks have ended."""
        self._end()
        for feeder in self._feeders:
            feeder.join()
        log_stderr(log, logging.INFO)

    def _end(self) -> None:
        atexit.unregister(self.stop)
        for _ in self._feeders:
            self._items.put(None)


@dataclass
class _Worker:
    process: Any
    connection: Connection
    started: str | None = field(init=False)

    def __post_init__(self) -> None:
        self.started = process_start_time(self.process.pid)

    def accepts(self, item: _Item) -> bool:
        """Send a task; return False if the worker has ended before it began it."""
        message = ForkingPickler.dumps((item.task, item.arguments))
        try:
            self.connection.send_bytes(message)
            self.connection.recv_bytes()
        except (EOFError, OSError):
            return False
        return True

    def answer(self) -> tuple[bool, Any]:
        """Wait for the end of the task; return whether it succeeded, and its result or its exception."""
        try:
            answer = self.connection.recv_bytes()
        except (EOFError, OSError) as error:
            raise WorkerLostError("the worker process ended while it ran the task") from error
        succeeded, result = ForkingPickler.loads(answer)
        return succeeded, result

    def kill(self) -> None:
        # `Process.kill` does nothing once the fork server, whose child the worker is, has been killed.
        if is_alive(self.process.pid, self.started):
            with suppress(OSError):
                os.kill(self.process.pid, getattr(signal, "SIGKILL", signal.SIGTERM))


class _Serving:
    """The threads of a pool that have a worker."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._feeders: set[_Feeder] = set()

    def enter(self, feeder: _Feeder) -> None:
        """Note that a thread has a worker."""
        with self._lock:
            self._feeders.add(feeder)

    def discard(self, feeder: _Feeder) -> None:
        """Note that a thread has no worker."""
        with self._lock:
            self._feeders.discard(feeder)

    def leave(self, feeder: _Feeder) -> bool:
        """Return whether another thread has a worker, so that this one may leave its task to it."""
        with self._lock:
            self._feeders.discard(feeder)
            return bool(self._feeders)


class _Feeder(threading.Thread):
    """Thread that passes tasks to one worker, and replaces a worker that has died."""

    def __init__(
        self, items: queue.SimpleQueue[_Item | None], is_stopped: threading.Event, serving: _Serving
    ) -> None:
        super().__init__(name="process pool", daemon=True)
        self._serving = serving
        self._items = items
        self._is_stopped = is_stopped
        self._worker: _Worker | None = None
        self.is_starting = False

    def run(self) -> None:
        _block_signals()
        while (item := self._items.get()) is not None and not self._is_stopped.is_set():
            if not item.future.cancelled() and not self._run(item):
                break
        if self._worker is not None:
            # The worker ends at the end of its pipe.
            self._worker.connection.close()
            self._worker.process.join()

    def kill(self) -> None:
        """Kill the worker; may be called from another thread."""
        if (worker := self._worker) is not None:
            worker.kill()

    def _run(self, item: _Item) -> bool:
        """Run a task; return False if it was left to the other threads, as this one can start no worker."""
        try:
            try:
                worker = self._ready()
            except WorkerStartError:
                if not self._serving.leave(self):
                    raise
                self._items.put(item)
                return False
            # A task can be cancelled while its worker starts.
            if not item.future.set_running_or_notify_cancel():
                return True
            if not worker.accepts(item):
                # It ended while it had no task.
                self._drop()
                worker = self._ready()
                if not worker.accepts(item):
                    raise WorkerLostError("two worker processes ended before they began the task")
            succeeded, result = worker.answer()
        except Exception as error:
            if isinstance(error, WorkerLostError):
                self._drop()
                log_stderr(log, logging.WARNING)
            else:
                log.warning("a task could not be run", exc_info=error)
            succeeded, result = False, error
        with suppress(InvalidStateError):  # It was cancelled while no worker could be started.
            if succeeded:
                item.future.set_result(result)
            else:
                item.future.set_exception(result)
        return True

    def _ready(self) -> _Worker:
        """Return the worker; start one if there is none."""
        for attempt in range(START_ATTEMPTS):
            if self._worker is not None:
                break
            self.is_starting = True
            try:
                self._worker = _started()
            except (OSError, EOFError, RuntimeError) as error:
                log.warning("no worker process could be started", exc_info=error)
                written = log_stderr(log, logging.WARNING)
                if attempt == START_ATTEMPTS - 1 or self._is_stopped.is_set():
                    raise _start_error(error, written) from error
                time.sleep(PAUSE_SECONDS)
            finally:
                self.is_starting = False
        assert self._worker is not None
        self._serving.enter(self)
        if self._is_stopped.is_set():
            self._worker.kill()
        return self._worker

    def _drop(self) -> None:
        worker, self._worker = self._worker, None
        self._serving.discard(self)
        if worker is not None:
            worker.kill()
            worker.connection.close()


def _start_error(error: Exception, written: str = "") -> WorkerStartError:
    """Return the failure in one line; `written` is what came on the standard error of the processes."""
    cause = " ".join(str(error).split()) or type(error).__name__
    if isinstance(error, EOFError | ConnectionError):
        cause = "it ended while it started, see the log"
    # The limit of processes also ends what has been started already.
    if is_process_limit(error) or is_named_in(written):
        cause = limit_in_words()
    return WorkerStartError(f"no worker process can be started: {cause}")


def _started() -> _Worker:
    """Start a worker process."""
    method = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
    context = multiprocessing.get_context(method)
    own, other = context.Pipe()
    owner = os.getpid()
    process = context.Process(  # type: ignore[attr-defined]
        target=work, args=(other, owner, process_start_time(owner)), name="trials"
    )
    try:
        with _start:
            if method == "forkserver":
                context.set_forkserver_preload(PRELOADED)
                _start_servers()
            process.start()
    except BaseException:
        own.close()
        raise
    finally:
        # The worker alone has this end, so that its death ends the pipe.
        other.close()
    return _Worker(process, own)


def _block_signals() -> None:
    """Block signals in this thread; processes that it starts inherit this."""
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)


def _start_servers() -> None:
    """Start the resource tracker and the fork server with signals blocked, unless they run already."""
    resource_tracker.ensure_running()
    # Its start unblocks signals in this thread.
    _block_signals()
    forkserver.ensure_running()
