"""Errors as one line each and an exit code; a traceback goes to a log file, never to the screen."""

from __future__ import annotations

import functools
import logging
import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn, ParamSpec

import typer

from l5tui.cli.interrupts import INTERRUPTED, interrupts
from l5tui.errors import ConfigError, L5Error, MemoryShortageError, UnrecordedRunError
from l5tui.runner.process_limit import is_process_limit, limit_in_words
from l5tui.text import safe

FAILED = 1

P = ParamSpec("P")


def with_exit_codes(command: Callable[P, None]) -> Callable[P, None]:
    """Wrap a command: what it raises becomes lines on standard error and an exit code."""

    @functools.wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except L5Error as error:
            is_reported = isinstance(error, UnrecordedRunError)
            if error.exit_code == FAILED and interrupts.requested() and not is_reported:
                _leave_interrupted(error)
            for line in _lines(error):
                typer.echo(line, err=True)
            raise typer.Exit(error.exit_code) from error
        except KeyboardInterrupt as stop:
            _leave_interrupted(stop)
        except typer.Abort as stop:
            if interrupts.requested():
                _leave_interrupted(stop)
            raise
        except (typer.Exit, typer.BadParameter, BrokenPipeError):
            raise
        except Exception as error:
            if interrupts.requested():
                _leave_interrupted(error)
            message = _in_words(error)
            typer.echo(_with_details(safe(message), error), err=True)
            raise typer.Exit(FAILED) from error

    return wrapped


def _in_words(error: Exception) -> str:
    if is_process_limit(error):
        return f"no more processes or threads can be started: {limit_in_words()}"
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


def _leave_interrupted(error: BaseException) -> NoReturn:
    """Exit as after a signal, even if an import or C code turned the interrupt into another error."""
    if not isinstance(error, KeyboardInterrupt):
        logging.getLogger("l5tui").warning("an error after an interrupt", exc_info=error)
    typer.echo("interrupted", err=True)
    raise typer.Exit(INTERRUPTED) from error


def _lines(error: L5Error) -> list[str]:
    lines = error.lines() if isinstance(error, ConfigError) else [_message(error)]
    shown = [safe(line) for line in lines]
    return shown if error.exit_code != FAILED else [_with_details(" ".join(shown), error)]


def _message(error: L5Error) -> str:
    return error.with_override("--force") if isinstance(error, MemoryShortageError) else str(error)


def _with_details(line: str, error: Exception) -> str:
    return f"{line}; details: {_log(error)}"


def _log(error: Exception) -> str:
    """Write a traceback to the workspace's log, or to a file of its own where there is none."""
    logger = logging.getLogger("l5tui")
    for handler in logger.handlers:
        if isinstance(handler, logging.FileHandler):
            logger.error("the command failed", exc_info=error)
            if not getattr(handler, "has_failed", False):
                return safe(handler.baseFilename)
    with tempfile.NamedTemporaryFile(
        "w", prefix="l5tui-", suffix=".log", delete=False, encoding="utf-8", errors="backslashreplace"
    ) as file:
        file.write("".join(traceback.format_exception(error)))
    return safe(str(Path(file.name)))
