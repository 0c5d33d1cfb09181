"""Telling runs that were interrupted from those that still run."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol

from l5tui.store.process import is_alive

SILENCE = timedelta(minutes=10)
"""How long a run on another machine may be silent."""


INTERRUPTED = "interrupted: "
"""Begins the error of what another process closed, on the evidence that its own process is gone."""


class Process(Protocol):
    """Whose process computes, and when it was heard of last."""

    @property
    def host(self) -> str:
        """Name of its machine."""

    @property
    def pid(self) -> int:
        """Its process."""

    @property
    def process_started(self) -> str | None:
        """When that process began."""

    @property
    def created(self) -> datetime:
        """When the row was made."""

    @property
    def started(self) -> datetime | None:
        """When it began."""

    @property
    def heartbeat(self) -> datetime | None:
        """Last sign of life."""


def interruption(run: Process, host: str, now: datetime) -> str | None:
    """Why a run or study that is marked as running cannot be; None where it may be.

    Parameters
    ----------
    run : RunRecord or StudyRecord
    host : str
        Name of this machine. A run of its own is judged by its process, one of another by its heartbeat.
    now : datetime
    """
    if run.host == host:
        alive = is_alive(run.pid, run.process_started)
        return None if alive else f"{INTERRUPTED}process {run.pid} ended without a word"
    heard = run.heartbeat or run.started or run.created
    if now - heard <= SILENCE:
        return None
    return f"{INTERRUPTED}nothing heard from {run.host} since {heard:%Y-%m-%d %H:%M:%S} UTC"
