"""Processes of our own beside this one: out of reach of the terminal's signals, spoken to through pipes."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import IO

NICENESS = 5
"""Of processes that compute beside a screen; where nothing else wants the processor, they are as quick."""


LONGEST_STDERR = 20_000
"""Bytes of the standard error of a process that are logged."""


def own_environment() -> dict[str, str]:
    """The environment of a process that is to have this very l5tui, wherever it is found."""
    here = str(Path(__file__).parents[2])
    paths = [here, *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}


def start_beside(
    module: str, *arguments: str, stderr: IO[bytes] | int = subprocess.DEVNULL
) -> subprocess.Popen[bytes]:
    """Run a module as a process whose standard input and output are pipes.

    Parameters
    ----------
    module : str
    *arguments : str
    stderr : file, optional
        Receives the standard error of the process. A file, not a pipe: the process may outlive this one.
    """
    return subprocess.Popen(
        # -P: the current folder, which may be a stranger's, is not searched for modules.
        [sys.executable, "-P", "-m", module, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=stderr,
        start_new_session=True,
        env=own_environment(),
    )


def give_way(process: subprocess.Popen[bytes]) -> None:
    """Let a process that computes, and all that it starts, have the processor only as far as screens leave it."""
    with suppress(OSError, AttributeError):
        os.setpriority(os.PRIO_PROCESS, process.pid, NICENESS)


def log_stderr(file: IO[bytes], logger: logging.Logger, level: int) -> None:
    """Log the end of the standard error of a process.

    Parameters
    ----------
    file : file
        As given to `start_beside`; closed afterwards.
    logger : Logger
    level : int
    """
    with file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - LONGEST_STDERR))
        for line in file.read().decode(errors="backslashreplace").splitlines():
            if line.strip():
                logger.log(level, "standard error: %s", line)
