"""What the catalogue takes and gives: plain, frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

DAMAGED = "damaged"
"""Shown in place of the status of a row that cannot be read."""


def damage_in_words(damage: Mapping[str, str]) -> str:
    """Return what is wrong with a row, in one line; empty for a row that can be read."""
    if not damage:
        return ""
    faults = ", ".join(f"{name} {what}" for name, what in damage.items())
    return f"its row is damaged: {faults}; see `l5tui doctor`"


class RunStatus(StrEnum):
    """Where a run stands."""

    QUEUED = "queued"  # written by no version, but allowed by the table of runs in every store
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"
    DIVERGED = "diverged"

    @property
    def is_final(self) -> bool:
        """Whether a run stays in this status for ever."""
        return self not in (RunStatus.QUEUED, RunStatus.RUNNING)


@dataclass(frozen=True)
class NewRun:
    """A run that is about to start.

    Parameters
    ----------
    name : str
        The experiment's name.
    seed : int
        Below 2**63.
    hash : str
        SHA-256 of the resolved configuration.
    toml : str
        The resolved configuration.
    variant, rule : str
        Of the model, and of its plasticity.
    notes : str
    tags : tuple of str
    versions : mapping of str to str
        Package versions, the BLAS kernel and the like.
    git_commit : str or None
    git_dirty : bool or None
        None outside a repository.
    host : str
    pid : int
    process_started : str or None
        From `l5tui.store.process.process_start_time`.
    group_id : str or None
        What the run shares with others that belong together, such as those of a comparison of rules.
    """

    name: str
    seed: int
    hash: str
    toml: str
    variant: str
    rule: str
    host: str
    pid: int
    process_started: str | None
    notes: str = ""
    tags: tuple[str, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)
    git_commit: str | None = None
    git_dirty: bool | None = None
    group_id: str | None = None


class ShownRow:
    """How lists show a row of the catalogue, which may be damaged."""

    status: str
    error: str | None
    damage: Mapping[str, str]

    @property
    def shown_status(self) -> str:
        """The status as lists show it: ``damaged`` for a row that cannot be read."""
        return DAMAGED if self.damage else str(self.status)

    @property
    def shown_error(self) -> str | None:
        """Why it failed, or what is wrong with its row."""
        return damage_in_words(self.damage) or self.error


@dataclass(frozen=True)
class RunRecord(ShownRow):
    """A run as the catalogue knows it.

    Parameters
    ----------
    id : str
        ``YYYYMMDD-HHMMSS-xxxxxx``; sorted as text, in order of creation.
    status : RunStatus
    created, started, ended, heartbeat : datetime or None
        In UTC. The heartbeat is the last sign of life.
    file, file_sha256 : str or None
        The NetCDF file, relative to the workspace, and its digest.
    loss : float
        NaN where there is none.
    error : str or None
        Why it failed or diverged.
    mlflow_run : str or None
        MLflow's id.
    timings : mapping of str to float
        Seconds, by phase.
    name, seed, hash, toml, variant, rule, notes, tags, versions
        As in `NewRun`.
    realizations : int or None
        That it was measured over; None where it has no measures.
    git_commit, git_dirty, host, pid, process_started, group_id
        As in `NewRun`.
    damage : mapping of str to str
        What cannot be read in the row, by column; such a column has a stand-in here.
    """

    id: str
    name: str
    status: RunStatus
    created: datetime
    started: datetime | None
    ended: datetime | None
    heartbeat: datetime | None
    host: str
    pid: int
    process_started: str | None
    seed: int
    hash: str
    toml: str
    variant: str
    rule: str
    notes: str
    git_commit: str | None
    git_dirty: bool | None
    versions: Mapping[str, str]
    file: str | None
    file_sha256: str | None
    loss: float
    error: str | None
    mlflow_run: str | None
    timings: Mapping[str, float]
    group_id: str | None
    tags: tuple[str, ...]
    realizations: int | None = None
    damage: Mapping[str, str] = field(default_factory=dict)
