"""Where the command line begins and ends: signals, streams, and the exit code."""

from __future__ import annotations

import gc
import io
import logging
import os
import sys

from l5tui.cli.interrupts import interrupts

INTERRUPTED = 130
COMPLETION = "_L5TUI_COMPLETE"
"""Environment variable by which a shell asks what could be typed next; it gives no arguments."""

log = logging.getLogger(__name__)


def main() -> None:
    """Run the command line and leave with its exit code: 0, 1, 2, 3 or 130."""
    if not sys.argv[1:] and COMPLETION not in os.environ:
        from l5tui.tui.start import open_app

        # It takes signals itself, and is on the screen sooner without the words of the command line.
        open_app()
    interrupts.install()
    # A command is short and what it imports stays: looking for garbage as often as by default is a tenth of it.
    gc.set_threshold(50_000, 20, 20)
    try:
        _keep_screen_clean()
        # Imported here, so that Ctrl+C is told in one line from the first moment on.
        from l5tui.cli.commands import app

        try:
            app(prog_name="l5tui")
        except SystemExit as stop:
            if not _is_written() and not stop.code:
                sys.exit(1)
            raise
        except OSError:
            if _is_written():
                raise
            sys.exit(1)
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
        sys.exit(INTERRUPTED)
    finally:
        interrupts.release()
        # Where an interrupt came inside an exec, as dataclasses use it, Python would end by that signal instead
        # of with the exit code, unless there is another exec.
        exec("")


def _is_written() -> bool:
    """Whether standard output takes what a command has printed; says in one line that a full disk does not."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        return True
    except OSError as error:
        # What is left in the buffer would fail again when Python ends.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
        sys.stderr.write(f"standard output cannot be written: {error.strerror or error}\n")
        return False
    return True


def _keep_screen_clean() -> None:
    """Show as ``?`` what a terminal has no character for; warnings and the like are for the log alone."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    logging.captureWarnings(True)
    logging.getLogger("l5tui").addHandler(logging.NullHandler())
    sys.unraisablehook = _log_unraisable


def _log_unraisable(error: sys.UnraisableHookArgs) -> None:
    """Log what went wrong where Python cannot pass it on, such as a destructor; it may be an interrupt."""
    log.warning("%s %r", error.err_msg or "exception ignored in", error.object, exc_info=error.exc_value)
    if isinstance(error.exc_value, KeyboardInterrupt):
        interrupts.repeat()
