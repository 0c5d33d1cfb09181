"""Where the command line begins and ends: signals, streams, and the exit code."""

from __future__ import annotations

import io
import sys

from l5tui.cli.interrupts import interrupts

INTERRUPTED = 130


def main() -> None:
    """Run the command line and leave with its exit code: 0, 1, 2, 3 or 130."""
    interrupts.install()
    try:
        _prepare_streams()
        # Imported here, so that Ctrl+C is told in one line from the first moment on.
        from l5tui.cli.commands import app

        app(prog_name="l5tui")
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
        sys.exit(INTERRUPTED)
    finally:
        interrupts.release()


def _prepare_streams() -> None:
    """Show as ``?`` what a terminal has no character for, and keep warnings for the log."""
    import logging

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    logging.captureWarnings(True)
