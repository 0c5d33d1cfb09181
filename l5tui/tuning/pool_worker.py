"""A worker process of the process pool: runs tasks that come through a pipe, one at a time."""

from __future__ import annotations

import os
import signal
import threading
import time
import traceback
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.reduction import ForkingPickler
from types import FrameType
from typing import Any, Final

from l5tui.runner.shield import SIGNALS
from l5tui.store.process import is_alive

LOOK_SECONDS: Final = 1.0
"""Time between two checks of a worker whether the process that owns it is alive."""


def work(connection: Connection, owner: int, started: str | None) -> None:
    """Run tasks until the pipe ends.

    Parameters
    ----------
    connection : Connection
        Receives tasks and their arguments; sends for each an empty message when it begins, and then whether it
        succeeded, with its result or exception.
    owner : int
        Process id of the process that owns the worker.
    started : str or None
        Start time of that process.
    """
    _begin(owner, started)
    with suppress(EOFError, OSError):
        while True:
            message = connection.recv_bytes()
            connection.send_bytes(b"")
            answer = _outcome(message)
            try:
                connection.send(answer)
            except (EOFError, OSError):
                raise
            except Exception as error:
                # The result cannot be pickled; nothing of it has been sent.
                connection.send((False, TypeError(f"the result cannot be sent: {error}")))


def _outcome(message: bytes) -> tuple[bool, Any]:
    try:
        task, arguments = ForkingPickler.loads(message)
        return True, task(*arguments)
    except BaseException as error:
        # A traceback is not pickled.
        failure = error if isinstance(error, Exception) else RuntimeError(f"{type(error).__name__}: {error}")
        failure.add_note("in a worker process:\n" + "".join(traceback.format_exception(error)))
        return False, failure


def _begin(owner: int, started: str | None) -> None:
    """Ignore the terminal's signals, and end the worker once the process that owns it is gone."""
    for number in SIGNALS:
        # The pool ends workers with SIGTERM.
        signal.signal(number, signal.SIG_DFL if number == signal.SIGTERM else signal.SIG_IGN)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
    # A worker that is busy does not read the end of its pipe.
    try:
        threading.Thread(target=_end_with, args=(owner, started), daemon=True).start()
    except RuntimeError:
        # The user's limit of processes and threads is reached.
        _look_by_alarm(owner, started)


def _end_with(owner: int, started: str | None) -> None:
    while is_alive(owner, started):
        time.sleep(LOOK_SECONDS)
    os._exit(1)


def _look_by_alarm(owner: int, started: str | None) -> None:
    """Look for the process that owns the worker at each alarm, where there can be no thread for it."""

    def look(number: int, frame: FrameType | None) -> None:
        if not is_alive(owner, started):
            os._exit(1)

    if hasattr(signal, "setitimer"):
        signal.signal(signal.SIGALRM, look)
        signal.setitimer(signal.ITIMER_REAL, LOOK_SECONDS, LOOK_SECONDS)
