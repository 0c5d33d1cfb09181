"""The log of a workspace: what the screen leaves out, tracebacks above all; one file, which rotates.

Every line that concerns a run or a study has its id, the lines of a traceback too, so that looking for the id finds
them all.
"""

from __future__ import annotations

import errno
import logging
import logging.handlers
import os
import re
import stat
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from io import TextIOWrapper
from typing import Any

from l5tui.runner.anchor import Anchor
from l5tui.text import safe
from l5tui.workspace import Workspace

MAX_BYTES = 1_000_000
KEPT_FILES = 3
LOCK_S = 5.0

LOGGERS = {
    "l5tui": logging.INFO,
    "py.warnings": logging.WARNING,
    "sqlalchemy": logging.WARNING,
    "distributed": logging.WARNING,
    "tornado": logging.WARNING,
}
"""Loggers whose messages are logged, and from which level on: l5tui, warnings, SQLAlchemy (connections that an
interrupt has cut off), and Dask with its event loop (connections that were lost)."""

NO_RUN = "-"
RUN_ID = re.compile(r"\b\d{8}-\d{6}-[0-9a-z]{6}\b")

_concerned: ContextVar[str] = ContextVar("run that is worked on", default="")
_is_verbose = False
_scopes: list[tuple[int, bool]] = []
_scopes_lock = threading.Lock()


@contextmanager
def concerning(run_id: str = "") -> Iterator[Callable[[str], object]]:
    """Give what this thread logs inside to a run.

    Parameters
    ----------
    run_id : str, optional

    Yields
    ------
    callable
        Names the run, where its id is known only later.
    """
    token = _concerned.set(run_id)
    try:
        yield _concerned.set
    finally:
        _concerned.reset(token)


class _Lines(logging.Formatter):
    """Lines that each begin with the run, and hold nothing that could be taken for another line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the message in one line, and below it a traceback."""
        message = record.getMessage()
        found = RUN_ID.search(message)
        run = _concerned.get() or (found[0] if found else NO_RUN)
        head = f"{self.formatTime(record)} {record.process} {record.levelname} {run} {record.name} "
        lines = [head + safe(message)]
        if record.exc_info:
            lines += (f"{run} {safe(line)}" for line in self.formatException(record.exc_info).splitlines())
        return "\n".join(lines)


class LogFile(logging.handlers.RotatingFileHandler):
    """A workspace's log, which several processes may write; where it cannot be written, that is said once."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__(
            workspace.log,
            maxBytes=MAX_BYTES,
            backupCount=KEPT_FILES,
            encoding="utf-8",
            errors="backslashreplace",
            delay=True,
        )
        self.setFormatter(_Lines())
        self.has_failed = False
        self._anchor = Anchor(workspace)

    def emit(self, record: logging.LogRecord) -> None:
        """Write to the file that has the log's name now, even if it was rotated or the workspace was moved."""
        self.baseFilename = str(self._anchor.workspace().log.absolute())
        if self.stream is not None and not self._is_current():
            self.stream.close()
            self.stream = None
        super().emit(record)

    def close(self) -> None:
        """Close the file."""
        super().close()
        self._anchor.close()

    def _open(self) -> TextIOWrapper[Any]:
        """Open the file, which has to be a regular one: writing to a named pipe may wait for ever."""

        def opener(path: str, flags: int) -> int:
            descriptor = os.open(path, flags | getattr(os, "O_NONBLOCK", 0), 0o666)
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                os.close(descriptor)
                raise OSError(errno.EINVAL, "not a regular file", path)
            return descriptor

        return open(self.baseFilename, "a", encoding=self.encoding, errors=self.errors, opener=opener)

    def doRollover(self) -> None:
        """Rotate, unless another process has just done so."""
        from filelock import FileLock

        with FileLock(f"{self.baseFilename}.lock", timeout=LOCK_S):
            if self._is_current():
                super().doRollover()
            elif self.stream is not None:
                self.stream.close()
                self.stream = self._open()

    def handleError(self, record: logging.LogRecord) -> None:
        """Report once on standard error that the log cannot be written, instead of logging's own traceback.

        Without the permission to write, nothing is reported: a command that has to write says so itself.
        """
        has_failed, self.has_failed = self.has_failed, True
        error = sys.exc_info()[1]
        if isinstance(error, OSError) and error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            return
        if not has_failed and sys.stderr is not None:
            sys.stderr.write(f"{self.baseFilename} could not be written: {error}\n")

    def _is_current(self) -> bool:
        if self.stream is None:
            return True
        try:
            return os.path.samestat(os.stat(self.baseFilename), os.fstat(self.stream.fileno()))  # noqa: PTH116
        except FileNotFoundError:
            return False


class LogOnScreen(logging.StreamHandler):  # type: ignore[type-arg]
    """The same lines on standard error."""

    def __init__(self) -> None:
        super().__init__(sys.stderr)
        self.setFormatter(_Lines())


def log_to(workspace: Workspace) -> None:
    """Send the messages of l5tui, and warnings, to the workspace's log file and nowhere else."""
    _replace(LogFile, LogFile(workspace))


def take_over(*names: str) -> None:
    """Remove the handlers that a library has added to its loggers when it was imported, where `log_to` has them.

    Parameters
    ----------
    *names : str
        Keys of `LOGGERS`; the loggers below them are included.
    """
    for name in names:
        logger = logging.getLogger(name)
        if not any(isinstance(each, LogFile) for each in logger.handlers):
            continue
        below = [each for each in list(logging.root.manager.loggerDict) if each.startswith(f"{name}.")]
        for child in map(logging.getLogger, below):
            child.handlers.clear()
            child.propagate = True
        logger.handlers[:] = [each for each in logger.handlers if isinstance(each, LogFile | LogOnScreen)]


@contextmanager
def logged_to(workspace: Workspace) -> Iterator[None]:
    """Log the messages of l5tui to the workspace's file while a block lasts, in a process with logging of its own.

    Loggers of other packages stay as they are; that of l5tui is as before afterwards.

    Parameters
    ----------
    workspace : Workspace
    """
    logger, handler = logging.getLogger("l5tui"), LogFile(workspace)
    with _scopes_lock:
        _scopes.append((logger.level, logger.propagate))
        logger.addHandler(handler)
        logger.setLevel(LOGGERS["l5tui"])
        logger.propagate = False
    try:
        yield
    finally:
        with _scopes_lock:
            logger.removeHandler(handler)
            # Blocks of several threads end in any order: what was before the first comes back with the last.
            level, propagate = _scopes[0]
            _scopes.pop()
            if not _scopes:
                logger.setLevel(level)
                logger.propagate = propagate
        handler.close()


def log_on_screen() -> None:
    """Write the log to standard error too, at a level that includes the begin and end of each phase."""
    global _is_verbose
    _is_verbose = True
    _replace(LogOnScreen, LogOnScreen())


def _replace(kind: type[logging.Handler], handler: logging.Handler) -> None:
    for name, level in LOGGERS.items():
        logger = logging.getLogger(name)
        for old in [each for each in logger.handlers if isinstance(each, kind)]:
            logger.removeHandler(old)
            old.close()
        logger.addHandler(handler)
        logger.setLevel(logging.DEBUG if _is_verbose and name == "l5tui" else level)
        logger.propagate = False
