"""Distinguish runs that were interrupted from runs that still run."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Protocol

from l5tui.store.process import is_alive, is_before_boot, is_visible
from l5tui.store.silence import Silence

SILENCE = timedelta(minutes=10)
"""How long a run on another machine, or in another container, may be silent."""

CERTAIN = timedelta(days=2)
"""Age of a heartbeat that no clock that was set by hours explains."""

INTERRUPTED = "interrupted: "
"""Begins the error of what another process closed, on the evidence that its own process is gone."""


class Process(Protocol):
    """Whose process computes, and when it was heard of last."""

    @property
    def id(self) -> str:
        """Id of its row."""

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


def interruption(run: Process, host: str, now: datetime, silence: Silence) -> str | None:
    """Why a run or study that is marked as running cannot be; None where it may be.

    Parameters
    ----------
    run : RunRecord or StudyRecord
    host : str
        Name of this machine. A run of its own boot and PID namespace is judged by its process, any other by its
        heartbeat.
    now : datetime
    silence : Silence
        What this machine has seen of heartbeats.
    """
    heard = last_heard(run)
    if run.host == host:
        if is_visible(run.process_started):
            alive = is_alive(run.pid, run.process_started)
            return None if alive else f"{INTERRUPTED}process {run.pid} ended without a final status"
        if is_before_boot(run.process_started, heard, now):
            return f"{INTERRUPTED}{host} was restarted"
    if not looks_silent(heard, now):
        return None
    if now - heard < CERTAIN and silence.seconds(run.id, heard) < SILENCE.total_seconds():
        return None
    return f"{INTERRUPTED}no heartbeat from {run.host} since {heard:%Y-%m-%d %H:%M:%S} UTC"


def interruptions(rows: Iterable[Process], host: str, now: datetime, silence: Silence) -> dict[str, str]:
    """Return the rows that cannot be running, each with the reason, and note heartbeats that look old.

    Parameters
    ----------
    rows : iterable of RunRecord or StudyRecord
        Marked as running.
    host, now, silence
        As in `interruption`.
    """
    found, doubtful = {}, {}
    for row in rows:
        if reason := interruption(row, host, now, silence):
            found[row.id] = reason
        elif looks_silent(heard := last_heard(row), now):
            doubtful[row.id] = heard
    if doubtful:
        silence.note(doubtful)
    return found


def last_heard(run: Process) -> datetime:
    """Return the last sign of life."""
    return run.heartbeat or run.started or run.created


def looks_silent(heard: datetime, now: datetime) -> bool:
    """Whether a heartbeat is not of these minutes; one of the future says no more than one of the past."""
    return abs(now - heard) > SILENCE
