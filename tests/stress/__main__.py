"""Tries to break l5tui, and tells in a table what was tried, how often, and what was lost.

``python -m tests.stress`` runs every trial; ``--only NAME`` some of them, ``--share 0.1`` a tenth of each.
"""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
import time
import traceback
from importlib import import_module
from pathlib import Path

from tests.stress.tally import Tally

TRIALS = {
    "kill-run": "kill_run",
    "kill-tune": "kill_tune",
    "kill-infer": "kill_infer",
    "kill-app": "kill_app",
    "processes": "many_processes",
    "copies": "copies",
    "faults": "faults",
    "files": "bad_files",
    "dynamics": "divergent",
    "soak": "soak",
    "crowd": "crowd",
}
"""Names of the trials, and the modules that hold them."""


SELDOM_SECONDS = 30.0


class Progress:
    """Says how it goes: on a terminal in one line that changes, else in a line now and then.

    Parameters
    ----------
    begun : float
    """

    def __init__(self, begun: float) -> None:
        self._begun = begun
        self._said = 0.0

    def __call__(self, line: str, *, whole: bool = False) -> None:
        """Say something; always, and in a line of its own, where that is asked for."""
        # The app takes the other standard error for its screen.
        stream, now = sys.__stderr__, time.monotonic()
        assert stream is not None
        told = f"{now - self._begun:5.0f} s  {line}"
        if stream.isatty():
            stream.write(f"\r\x1b[2K{told}" + ("\n" if whole else ""))
        elif whole or now - self._said > SELDOM_SECONDS:
            self._said = now
            stream.write(f"{told}\n")
        stream.flush()


def main() -> int:
    """Run the trials that the command line names; gives the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.stress", description=__doc__.splitlines()[0])
    parser.add_argument("--only", action="append", choices=TRIALS, metavar="NAME", help=", ".join(TRIALS))
    parser.add_argument("--share", type=float, default=1.0, help="part of the attempts, such as 0.1")
    chosen = parser.parse_args()
    begun = time.monotonic()
    # What this process logs of what it finds is no loss, and no progress either.
    logging.getLogger("l5tui").addHandler(logging.NullHandler())

    tell = Progress(begun)
    with tempfile.TemporaryDirectory(prefix="l5tui-stress-") as folder:
        tally = Tally(Path(folder), tell)
        for name in chosen.only or TRIALS:
            tell(name, whole=True)
            (tally.scratch / name).mkdir()
            part = Tally(tally.scratch / name, tell)
            with tally.timed(name):
                _try(name, part, chosen.share)
            tally.rows += part.rows
            tell(f"{name} has ended, {part.lost} lost", whole=True)
    sys.stdout.write(f"{tally.table()}\n\n{time.monotonic() - begun:.0f} s: ")
    sys.stdout.write(", ".join(f"{name} {seconds:.0f}" for name, seconds in tally.seconds.items()) + "\n")
    return 1 if tally.lost else 0


def _try(name: str, tally: Tally, share: float) -> None:
    """Run one trial; one that breaks down is lost, and the others go on."""
    try:
        import_module(f"tests.stress.{TRIALS[name]}").trial(tally, share)
    except Exception as error:
        traceback.print_exc()
        tally.row(f"{name} to its end").tried([f"{type(error).__name__}: {error}"])


if __name__ == "__main__":
    sys.exit(main())
