"""Stress test of l5tui; prints a table of what was tried, how often, and what was lost.

``python -m tests.stress`` runs every trial; ``--only NAME`` some of them, ``--share 0.1`` a tenth of each.
"""

from __future__ import annotations

import argparse
import logging
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
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
    "cluster": "cluster",
    "soak": "soak",
    "crowd": "crowd",
}
"""Names of the trials, and the modules that hold them."""

LONGEST = ("soak", "kill-run", "kill-tune", "kill-infer", "files", "processes")
LONGEST_FIRST = [*LONGEST, *(name for name in TRIALS if name not in LONGEST)]
"""The order in which trials start, so that no long one is left to run alone at the end."""

ALONE = ("crowd",)
"""Trials that need all processors, so that the time limits of others do not hold beside them."""

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
        """Write a line of progress; `whole` writes it always, and keeps it on the terminal."""
        # The app takes the other standard error for its screen.
        stream, now = sys.__stderr__, time.monotonic()
        assert stream is not None
        text = f"{now - self._begun:5.0f} s  {line}"
        if stream.isatty():
            stream.write(f"\r\x1b[2K{text}" + ("\n" if whole else ""))
        elif whole or now - self._said > SELDOM_SECONDS:
            self._said = now
            stream.write(f"{text}\n")
        stream.flush()


def main() -> int:
    """Run the trials that the command line names; gives the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.stress", description=__doc__.splitlines()[0])
    parser.add_argument("--only", action="append", choices=TRIALS, metavar="NAME", help=", ".join(TRIALS))
    parser.add_argument("--share", type=float, default=1.0, help="part of the attempts, such as 0.1")
    parser.add_argument(
        "--lanes", type=int, default=2, help="trials side by side, each in a process of its own"
    )
    parser.add_argument("--rows", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    # A shell lets what it starts in the background ignore SIGINT, and so would every command that is tried.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    begun = time.monotonic()
    # What this process logs of what it finds is no loss, and no progress either.
    logging.getLogger("l5tui").addHandler(logging.NullHandler())

    progress = Progress(begun)
    names = chosen.only or list(TRIALS)
    with tempfile.TemporaryDirectory(prefix="l5tui-stress-") as folder:
        tally = Tally(Path(folder), progress)
        if len(names) > 1:
            in_lanes(names, chosen.lanes, chosen.share, tally, progress)
        else:
            run_trial(names[0], tally, chosen.share)
        if chosen.rows:
            tally.save(chosen.rows)
            return 0
    sys.stdout.write(f"{tally.table()}\n\n{time.monotonic() - begun:.0f} s: ")
    sys.stdout.write(", ".join(f"{name} {seconds:.0f}" for name, seconds in tally.seconds.items()) + "\n")
    return 1 if tally.lost else 0


def in_lanes(names: Sequence[str], lanes: int, share: float, tally: Tally, progress: Progress) -> None:
    """Run trials side by side, each in a process of its own, which hands over its rows.

    Parameters
    ----------
    names : sequence of str
    lanes : int
        How many at once.
    share : float
        Part of the attempts.
    tally : Tally
        Receives the rows, in the order of `names`.
    progress : Progress
    """

    def one(name: str) -> Path:
        progress(name, whole=True)
        rows = tally.scratch / f"{name}.json"
        command = [
            sys.executable,
            "-m",
            "tests.stress",
            "--only",
            name,
            "--share",
            str(share),
            "--rows",
            str(rows),
        ]
        ended = subprocess.run(command, check=False).returncode
        if not rows.exists():
            broken = Tally(tally.scratch)
            broken.row(f"{name} to its end").tried([f"its process ended with {ended}"])
            broken.save(rows)
        progress(f"{name} has ended, {Tally.load(rows).lost} lost", whole=True)
        return rows

    with ThreadPoolExecutor(max(1, lanes)) as pool:
        beside = sorted(set(names) - set(ALONE), key=LONGEST_FIRST.index)
        ended = dict(zip(beside, pool.map(one, beside), strict=True))
    ended |= {name: one(name) for name in ALONE if name in names}
    for name in names:
        tally.add(Tally.load(ended[name]))


def run_trial(name: str, tally: Tally, share: float) -> None:
    """Run one trial; one that breaks down is itself a loss."""
    with tally.timed(name):
        try:
            import_module(f"tests.stress.{TRIALS[name]}").trial(tally, share)
        except Exception as error:
            traceback.print_exc()
            tally.row(f"{name} to its end").tried([f"{type(error).__name__}: {error}"])


if __name__ == "__main__":
    sys.exit(main())
