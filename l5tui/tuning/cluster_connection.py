"""Connection to a Dask scheduler, within a limited time."""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future, wait
from typing import Any, Final

from l5tui.errors import ClusterError
from l5tui.runner.logs import take_over
from l5tui.tuning.events import Connecting, StudyObserver

CONNECT_SECONDS: Final = 15.0
"""Time for a scheduler to answer the first request."""


def connect(address: str, observe: StudyObserver) -> Any:
    """Return a client of a scheduler that answers in time.

    Parameters
    ----------
    address : str
    observe : callable
        Receives `Connecting` events.

    Raises
    ------
    ClusterError
        Where dask.distributed is not installed, or nothing answers as a scheduler.
    """
    try:
        import distributed
    except ImportError as error:
        raise ClusterError("--scheduler needs dask: pip install 'l5tui[cluster]'") from error
    take_over("distributed", "tornado")
    connected: Future[Any] = Future()

    def start() -> None:
        try:
            new: Any = distributed
            client = new.Client(address, timeout=0.9 * CONNECT_SECONDS, set_as_default=False)
        except BaseException as error:
            connected.set_exception(error)
        else:
            connected.set_result(client)

    # A thread of its own: Dask waits without a limit for a scheduler that accepts the connection and says nothing.
    threading.Thread(target=start, name="l5tui cluster start", daemon=True).start()
    begun = time.monotonic()
    while (elapsed := time.monotonic() - begun) < CONNECT_SECONDS:
        observe(Connecting(address, elapsed, CONNECT_SECONDS))
        if wait([connected], 0.2).done:
            break
    try:
        return connected.result(0)
    except TimeoutError as error:
        silence = f"nothing answered as a Dask scheduler within {CONNECT_SECONDS:.0f} s"
        raise ClusterError(f"{address}: {silence}") from error
    except Exception as error:
        raise ClusterError(f"{address}: no Dask scheduler answers there: {one_line(error)}") from error


def one_line(error: BaseException) -> str:
    """Return what an error says, or its kind, in one line."""
    return " ".join((str(error) or type(error).__name__).split())
