"""Where the command line begins and ends: signals, streams, and the exit code."""

from __future__ import annotations

import contextlib
import gc
import io
import logging
import os
import sys
import threading

from l5tui.cli.interrupts import INTERRUPTED, interrupts

FAILED = 1
COMPLETION = "_L5TUI_COMPLETE"
"""Environment variable that a shell sets to request completions; there are no arguments then."""

log = logging.getLogger(__name__)


def main() -> None:
    """Run the command line and leave with its exit code: 0, 1, 2, 3 or 130."""
    if None in (sys.stdin, sys.stdout, sys.stderr):
        from l5tui.cli.standard_streams import open_closed_streams

        open_closed_streams()
    if not sys.argv[1:] and COMPLETION not in os.environ:
        from l5tui.tui.start import open_app

        # It takes signals itself, and is on the screen sooner without the words of the command line.
        open_app()
    interrupts.install()
    code: str | int | None = INTERRUPTED
    try:
        try:
            code = _command()
        finally:
            interrupts.finish()
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
    _leave_busy_threads(code)
    # Where an interrupt came inside an exec, as dataclasses use it, Python would end by that signal instead of with
    # the exit code, unless there is another exec.
    exec("")
    sys.exit(code)


def _leave_busy_threads(code: str | int | None) -> None:
    """End at once where a cancelled run has left a thread in a call that cannot be interrupted.

    Python would wait for that thread: for a large network a minute and more.
    """
    if isinstance(code, int) and any(
        thread.name.startswith("realization") for thread in threading.enumerate()
    ):
        logging.shutdown()
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError, ValueError):
                stream.flush()
        os._exit(code)


def _command() -> str | int | None:
    """Run the command of the command line; return its exit code."""
    # A command is short and what it imports stays: looking for garbage as often as by default is a tenth of it.
    gc.set_threshold(50_000, 20, 20)
    _keep_screen_clean()
    # Imported here, so that Ctrl+C is reported in one line from the first moment on.
    from l5tui.cli.commands import app
    from l5tui.cli.output import flushed

    try:
        app(prog_name="l5tui")
        code: str | int | None = 0
    except SystemExit as end:
        code = end.code
    if reason := flushed():
        sys.stderr.write(f"{reason}\n")
        code = code or FAILED
    return code


def _keep_screen_clean() -> None:
    """Write ``?`` for characters that the terminal lacks; warnings and the like go to the log alone."""
    from l5tui.cli.output import protect_streams

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    protect_streams()
    logging.captureWarnings(True)
    logging.getLogger("l5tui").addHandler(logging.NullHandler())
    sys.unraisablehook = _log_unraisable


def _log_unraisable(error: sys.UnraisableHookArgs) -> None:
    """Log what went wrong where Python cannot pass it on, such as a destructor; it may be an interrupt."""
    log.warning("%s %r", error.err_msg or "exception ignored in", error.object, exc_info=error.exc_value)
    if isinstance(error.exc_value, KeyboardInterrupt):
        interrupts.repeat()
