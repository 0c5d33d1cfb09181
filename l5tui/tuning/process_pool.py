"""Process pool on this machine whose processes never receive the terminal's signals.

A worker is forked by a fork server, which imports the engine first; this takes about a second. The fork server and the
resource tracker of `multiprocessing` start with signals blocked, so that Ctrl+C during these imports does not end them.
They stay in the process group of the command: Ctrl+Z stops them with it, and ``fg`` continues them.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import queue
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import CancelledError, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import forkserver, resource_tracker
from typing import Any, Final, TypeVar

from l5tui.runner.processors import processor_count
from l5tui.runner.shield import SIGNALS
from l5tui.store.process import is_alive, process_start_time
from l5tui.tuning.executor import WorkerStartError

T = TypeVar("T")

PRELOADED: Final = [
    "l5tui.tuning.trial",
    "l5tui.model.compiled.engine",
    "l5tui.model.compiled.warm_up",
    "threadpoolctl",
]

LOOK_SECONDS: Final = 1.0
"""Time between two checks of a worker whether the process that owns it is alive."""

START_ATTEMPTS: Final = 3
"""Times that the start of processes is tried for one task."""

PAUSE_SECONDS: Final = 0.3
"""Time between two of these attempts."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Item:
    future: Future[Any]
    task: Callable[..., Any]
    arguments: tuple[Any, ...]


class LocalPool:
    """Processes on this machine; they are started once, with the engine ready.

    A thread of its own starts them, with signals blocked: neither the caller nor a signal waits for the imports of the
    fork server.

    Parameters
    ----------
    workers : int
        0 is one for each core.
    """

    loses_all = True

    def __init__(self, workers: int) -> None:
        self.workers = workers or processor_count()
        self._items: queue.SimpleQueue[_Item | None] = queue.SimpleQueue()
        self._pool: ProcessPoolExecutor | None = None
        self._is_stopped = False
        self._is_starting = threading.Event()
        self._thread: threading.Thread | None = None

    def submit(self, task: Callable[..., T], *arguments: Any) -> Future[T]:
        """Run a task in a worker.

        Returns
        -------
        Future
            It can be cancelled until a worker has been started for it.
        """
        future: Future[T] = Future()
        self._items.put(_Item(future, task, arguments))
        if self._thread is None:
            thread = threading.Thread(target=self._feed, name="process pool", daemon=True)
            thread.start()
            self._thread = thread
        return future

    def is_loss(self, error: BaseException) -> bool:
        """Return whether an exception means that the worker was lost."""
        # Tasks that wait in a pool that is replaced are cancelled.
        return isinstance(error, BrokenProcessPool | CancelledError)

    def notices(self) -> list[str]:
        """Return no warnings: there is nothing to notice."""
        return []

    def cancel_waiting(self, future: Future[Any]) -> bool:
        """Cancel a task that has no worker yet; False if it runs or has ended."""
        return future.cancel()

    def stop(self) -> None:
        """End all workers at once, whatever they are doing."""
        self._is_stopped = True
        self._items.put(None)
        if self._thread is not None and not self._is_starting.is_set():
            # While it waits for the fork server's imports, it ends the workers as soon as they are there.
            self._thread.join(LOOK_SECONDS)

    def close(self) -> None:
        """End the workers once their tasks have ended."""
        self._items.put(None)
        if self._thread is not None:
            self._thread.join()

    def _feed(self) -> None:
        """Pass tasks to the pool in their order; the only thread that starts processes."""
        _block_signals()
        while (item := self._items.get()) is not None and not self._is_stopped:
            if item.future.cancelled():
                continue
            try:
                running = self._submitted(item)
            except Exception as error:
                log.warning("a task could not be started", exc_info=error)
                if not item.future.cancelled():
                    item.future.set_exception(error)
                continue
            if item.future.set_running_or_notify_cancel():
                running.add_done_callback(_Copy(item.future))
            else:
                running.cancel()
        if self._is_stopped:
            self._kill()
        elif self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)

    def _submitted(self, item: _Item) -> Future[Any]:
        """Submit a task to the pool; replace a pool that is broken or that could not start a process."""
        for attempt in range(START_ATTEMPTS):
            self._is_starting.set()
            try:
                if self._pool is None:
                    self._pool = self._new_pool()
                _start_servers()
                return self._pool.submit(item.task, *item.arguments)
            except BrokenProcessPool:
                # A pool that has lost one process takes no more tasks.
                self._kill()
            except (OSError, EOFError, RuntimeError) as error:
                log.warning("no worker process could be started", exc_info=error)
                self._kill()
                if attempt == START_ATTEMPTS - 1 or self._is_stopped:
                    reason = str(error) or type(error).__name__
                    raise WorkerStartError(f"no worker process can be started: {reason}") from error
                time.sleep(PAUSE_SECONDS)
            finally:
                self._is_starting.clear()
        raise BrokenProcessPool("every pool lost its processes at once")

    def _kill(self) -> None:
        pool, self._pool = self._pool, None
        if pool is None:
            return
        for process in list((pool._processes or {}).values()):
            with suppress(OSError, AttributeError, ValueError):
                process.kill()
        _end_results(pool)
        pool.shutdown(wait=False, cancel_futures=True)

    def _new_pool(self) -> ProcessPoolExecutor:
        method = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
        context = multiprocessing.get_context(method)
        if method == "forkserver":
            context.set_forkserver_preload(PRELOADED)
        _start_servers()
        owner = os.getpid()
        return ProcessPoolExecutor(
            self.workers, context, initializer=_begin, initargs=(owner, process_start_time(owner))
        )


class _Copy:
    """Callback of a future of the pool: ends the future that the caller has."""

    def __init__(self, future: Future[Any]) -> None:
        self._future = future

    def __call__(self, ended: Future[Any]) -> None:
        if ended.cancelled():
            self._future.set_exception(CancelledError())
        elif (error := ended.exception()) is not None:
            self._future.set_exception(error)
        else:
            self._future.set_result(ended.result())


def _end_results(pool: ProcessPoolExecutor) -> None:
    """Close this process's end of the pipe through which workers write their results.

    A worker that is killed while it writes leaves half a result. The pool's thread would wait for the rest as long as
    the pipe has a writer, and Python, which joins that thread, would never end.
    """
    results: Any = pool._result_queue
    if results is not None:
        with suppress(OSError):
            results._writer.close()


def _block_signals() -> None:
    """Block signals in this thread; processes that it starts inherit this."""
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)


def _start_servers() -> None:
    """Start the resource tracker and the fork server with signals blocked, unless they run already."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return
    resource_tracker.ensure_running()
    # Its start unblocks signals in this thread.
    _block_signals()
    forkserver.ensure_running()


def _begin(owner: int, started: str | None) -> None:
    """Ignore the terminal's signals in a worker, and end it once the process that owns it is gone."""
    for number in SIGNALS:
        # The pool ends workers with SIGTERM.
        signal.signal(number, signal.SIG_DFL if number == signal.SIGTERM else signal.SIG_IGN)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
    # Workers keep each other's pipes open, and so never read the end of the one that a killed owner wrote to.
    threading.Thread(target=_end_with, args=(owner, started), daemon=True).start()


def _end_with(owner: int, started: str | None) -> None:
    while is_alive(owner, started):
        time.sleep(LOOK_SECONDS)
    os._exit(1)
