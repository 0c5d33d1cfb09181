"""Errors as one line each and an exit code; a traceback goes to a log file, never to the screen."""

from __future__ import annotations

import functools
import logging
import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec

import typer

from l5tui.cli.text import safe
from l5tui.errors import L5Error

INTERRUPTED = 130
FAILED = 1

P = ParamSpec("P")


def with_exit_codes(command: Callable[P, None]) -> Callable[P, None]:
    """Wrap a command: what it raises becomes lines on standard error and an exit code."""

    @functools.wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except L5Error as error:
            for line in str(error).splitlines():
                typer.echo(safe(line), err=True)
            raise typer.Exit(error.exit_code) from error
        except KeyboardInterrupt as stop:
            typer.echo("interrupted", err=True)
            raise typer.Exit(INTERRUPTED) from stop
        except (typer.Exit, typer.Abort, BrokenPipeError):
            raise
        except Exception as error:
            if isinstance(error, OSError) or not _is_usage_error(error):
                typer.echo(f"{type(error).__name__}: {safe(str(error))}; details: {_log(error)}", err=True)
                raise typer.Exit(FAILED) from error
            raise

    return wrapped


def _is_usage_error(error: Exception) -> bool:
    """Whether the command line's own machinery will show an error."""
    return hasattr(error, "format_message")


def _log(error: Exception) -> Path:
    """Write a traceback to the workspace's log, or to a file of its own where there is none."""
    logger = logging.getLogger("l5tui")
    for handler in logger.handlers:
        if isinstance(handler, logging.FileHandler):
            logger.error("unexpected", exc_info=error)
            return Path(handler.baseFilename)
    with tempfile.NamedTemporaryFile(
        "w", prefix="l5tui-", suffix=".log", delete=False, encoding="utf-8"
    ) as file:
        file.write("".join(traceback.format_exception(error)))
    return Path(file.name)
