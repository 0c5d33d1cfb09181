"""The log file of a workspace: what the screen leaves out, tracebacks above all."""

from __future__ import annotations

import logging
import logging.handlers
import sys

from l5tui.workspace import Workspace

MAX_BYTES = 1_000_000
KEPT_FILES = 3

LOGGERS = {"l5tui": logging.INFO, "py.warnings": logging.WARNING, "sqlalchemy": logging.WARNING}
"""Whose messages are kept, from which level on: our own, warnings, and what SQLAlchemy says of connections that
an interrupt has cut off."""


class LogFile(logging.handlers.RotatingFileHandler):
    """A workspace's log; where it cannot be written, that is said once, in one line."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__(
            workspace.log, maxBytes=MAX_BYTES, backupCount=KEPT_FILES, encoding="utf-8", delay=True
        )
        self.setFormatter(logging.Formatter("%(asctime)s %(process)d %(levelname)s %(name)s %(message)s"))
        self._told = False

    def handleError(self, record: logging.LogRecord) -> None:
        """Say on standard error that the log cannot be written, instead of logging's own traceback."""
        if not self._told and sys.stderr is not None:
            self._told = True
            sys.stderr.write(f"{self.baseFilename} could not be written: {sys.exc_info()[1]}\n")


def log_to(workspace: Workspace) -> None:
    """Send the messages of l5tui, and warnings, to the workspace's log file and nowhere else."""
    handler = LogFile(workspace)
    for name, level in LOGGERS.items():
        logger = logging.getLogger(name)
        for old in [each for each in logger.handlers if isinstance(each, LogFile)]:
            logger.removeHandler(old)
            old.close()
        logger.addHandler(handler)
        logger.setLevel(level)
        logger.propagate = False
