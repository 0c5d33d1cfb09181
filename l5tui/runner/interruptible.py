"""Cancel a long call into NumPy, LAPACK or NetCDF: run it on a thread, and leave the thread on cancel."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from contextvars import copy_context
from typing import TypeVar

from l5tui.model.arrays import FloatArray
from l5tui.runner.realizations import THREADS, Put, RunCancelledError
from l5tui.runner.shield import shielded

CHECK_SECONDS = 0.05
"""Time between two checks for a cancel."""

LARGE_BYTES = 4_000_000
"""Size from which on a piece of a trajectory is written on another thread."""

Result = TypeVar("Result")

log = logging.getLogger(__name__)


def run_interruptible(work: Callable[[], Result], cancelled: Callable[[], bool], what: str) -> Result:
    """Return what a function returns, unless the run is cancelled meanwhile.

    Python handles a signal only between two calls into C, which take seconds for a large network. On cancel the
    thread of `work` is left to end on its own; the command line exits without it.

    Parameters
    ----------
    work : callable
        Runs on another thread; after a cancel its result is dropped.
    cancelled : callable
        Called every `CHECK_SECONDS`; whether to cancel. A signal to the process cancels too.
    what : str
        What `work` does, for the message: "cancelled while …".

    Raises
    ------
    RunCancelledError
        If the run was cancelled.
    """
    threads = ThreadPoolExecutor(1, thread_name_prefix=THREADS)
    future = threads.submit(copy_context().run, work)
    try:
        with shielded() as signalled:
            while not (signalled() or cancelled()):
                if wait([future], CHECK_SECONDS).done:
                    return future.result()
            raise RunCancelledError(f"cancelled while {what}")
    finally:
        if not future.done():
            log.warning("cancelled while %s: a thread ends in the background", what)
        threads.shutdown(wait=future.done())


def interruptible_put(put: Put, cancelled: Callable[[], bool]) -> Put:
    """Return a `Put` that a cancel interrupts where a piece is large; see `run_interruptible`."""

    def put_piece(realization: int, name: str, start: int, values: FloatArray) -> None:
        if values.nbytes < LARGE_BYTES:
            put(realization, name, start, values)
        else:
            run_interruptible(
                lambda: put(realization, name, start, values),
                cancelled,
                "a piece of a trajectory was written",
            )

    return put_piece
