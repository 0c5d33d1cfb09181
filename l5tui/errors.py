"""The errors that l5tui raises on purpose: what went wrong, where, and what to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class L5Error(Exception):
    """Base class of all errors that l5tui reports in one line, without a traceback.

    Attributes
    ----------
    exit_code : int
        Exit code of the command: 2 for bad input, 1 for all other errors.
    """

    exit_code = 1


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong with an experiment.

    Parameters
    ----------
    key : str
        Dotted path of the key, such as ``plasticity.tau_learn``; empty when the whole file is meant.
    got : str
        What was there, in words or as TOML prints it.
    allowed : str
        What would be accepted; empty where `got` says it all, as in "no such file".
    depends_on : tuple of str
        Other keys that a cross check compares with.
    """

    key: str
    got: str
    allowed: str
    depends_on: tuple[str, ...] = ()

    def __str__(self) -> str:
        text = f"got {self.got}, allowed {self.allowed}" if self.allowed else self.got
        return f"{self.key}: {text}" if self.key else text


class ConfigError(L5Error):
    """An experiment that cannot be used; carries every fault that was found.

    Parameters
    ----------
    faults : sequence of Fault
        At least one.
    source : str
        The file (or ``--set``) that the faults are in.
    """

    exit_code = 2

    def __init__(self, faults: Sequence[Fault], source: str = "") -> None:
        self.faults = tuple(faults)
        self.source = source
        super().__init__("\n".join(self.lines()))

    def lines(self) -> list[str]:
        """One line a fault, each beginning with the file."""
        prefix = f"{self.source}: " if self.source else ""
        return [f"{prefix}{fault}" for fault in self.faults]


class WorkspaceError(L5Error):
    """No workspace where one is needed, or one that cannot be used."""

    exit_code = 2


class UnknownRunError(L5Error):
    """No run, or more than one, matches a reference."""

    exit_code = 2


class UnknownFigureError(L5Error):
    """There is no figure of that name."""

    exit_code = 2


class UnsuitableRunError(L5Error):
    """The operation does not support these runs, or this number of runs."""

    exit_code = 2


class OutputError(L5Error):
    """An output file or folder exists already, or cannot be created or written."""

    exit_code = 2


class MemoryShortageError(L5Error):
    """A simulation needs more memory than is free.

    As text it names the argument of the Python functions that overrides it.

    Parameters
    ----------
    shortage : str
        How much is needed, how much is free, and what needs less.
    """

    exit_code = 2

    def __init__(self, shortage: str) -> None:
        super().__init__(shortage)
        self.shortage = shortage

    def __str__(self) -> str:
        return self.with_override("force=True")

    def with_override(self, override: str) -> str:
        """Return the message for an interface.

        Parameters
        ----------
        override : str
            What starts the simulation anyway, such as ``--force``.
        """
        return f"{self.shortage}; `{override}` starts it anyway"


class StoreError(L5Error):
    """The result database could not be read or written."""


class LockedStoreError(StoreError):
    """Another process holds the lock of the result database."""


class IllegalIdError(StoreError):
    """A text that is not the id of a run or study stands for one; it must not become a path."""


class DamagedRowError(StoreError):
    """A row of the result database that holds what cannot be read."""


class UnrecordedRunError(StoreError):
    """A run whose file is whole, and whose row could not be written; a later command writes it from the file."""


class TrackingError(L5Error):
    """MLflow could not record or show a run; the run itself is safe in the store."""


class RunFailedError(L5Error):
    """A run that ended without a result, where one was needed to go on."""


class StudyFailedError(L5Error):
    """A study that has ended without a result."""


class MissingExtraError(L5Error):
    """A library is wanted that is not installed."""

    exit_code = 2


class ClusterError(L5Error):
    """No cluster where one was named, or none of its workers can run trials."""

    exit_code = 2


class ClusterLostError(L5Error):
    """The cluster of a running study is gone; the study is stopped and can be resumed."""


def one_line(error: BaseException) -> str:
    """Return the type and the text of an error in one line."""
    return " ".join(f"{type(error).__name__}: {error}".split())
