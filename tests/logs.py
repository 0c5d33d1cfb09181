"""Letting go of a log, so that it is not another test's."""

from __future__ import annotations

import logging

from l5tui.runner.logs import LOGGERS, LogFile, LogOnScreen


def let_go_of_logs() -> None:
    """Close what l5tui logs to, and leave its loggers as they are before."""
    for name in LOGGERS:
        logger = logging.getLogger(name)
        for handler in [each for each in logger.handlers if isinstance(each, LogFile | LogOnScreen)]:
            logger.removeHandler(handler)
            handler.close()
        logger.setLevel(logging.NOTSET)
        logger.propagate = True
