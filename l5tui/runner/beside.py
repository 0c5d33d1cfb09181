"""Processes of our own beside this one: out of reach of the terminal's signals, spoken to through pipes."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import l5tui

NICENESS = 5
"""Of processes that compute beside a screen; where nothing else wants the processor, they are as quick."""


def own_environment() -> dict[str, str]:
    """The environment of a process that is to have this very l5tui, wherever it is found."""
    here = str(Path(l5tui.__file__).parents[1])
    paths = [here, *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}


def start_beside(module: str, *arguments: str) -> subprocess.Popen[bytes]:
    """Run a module as a process whose standard input and output are pipes.

    Parameters
    ----------
    module : str
    *arguments : str
    """
    return subprocess.Popen(
        # -P: the current folder, which may be a stranger's, is not searched for modules.
        [sys.executable, "-P", "-m", module, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        env=own_environment(),
    )


def give_way(process: subprocess.Popen[bytes]) -> None:
    """Let a process that computes, and all that it starts, have the processor only as far as screens leave it."""
    with suppress(OSError, AttributeError):
        os.setpriority(os.PRIO_PROCESS, process.pid, NICENESS)
