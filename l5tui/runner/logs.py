"""The log file of a workspace: what the screen leaves out, tracebacks above all."""

from __future__ import annotations

import logging
import logging.handlers

from l5tui.workspace import Workspace

MAX_BYTES = 1_000_000
KEPT_FILES = 3


def log_to(workspace: Workspace) -> None:
    """Send the messages of l5tui to the workspace's log file; only once a process for each file."""
    logger = logging.getLogger("l5tui")
    known = {getattr(handler, "baseFilename", None) for handler in logger.handlers}
    if str(workspace.log) in known:
        return
    handler = logging.handlers.RotatingFileHandler(
        workspace.log, maxBytes=MAX_BYTES, backupCount=KEPT_FILES, encoding="utf-8", delay=True
    )
    handler.setFormatter(logging.Formatter("%(asctime)s %(process)d %(levelname)s %(name)s %(message)s"))
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logger.propagate = False
