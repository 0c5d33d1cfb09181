"""Processes of our own beside this one: out of reach of the terminal's signals, spoken to through pipes."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, Final

NICENESS = 5
"""Of processes that compute beside a screen; where nothing else wants the processor, they are as quick."""


WITHOUT_THREADS: Final = {"OPENBLAS_NUM_THREADS": "1"}
"""Environment of a process that computes nothing large: where a thread cannot be started, OpenBLAS interrupts it."""

LONGEST_STDERR = 20_000
"""Bytes of the standard error of a process that are logged."""


def own_environment() -> dict[str, str]:
    """Return the environment of a process that imports this installation of l5tui."""
    here = str(Path(__file__).parents[2])
    paths = [here, *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}


def start_beside(
    module: str,
    *arguments: str,
    stderr: IO[bytes] | int = subprocess.DEVNULL,
    environment: Mapping[str, str] | None = None,
) -> subprocess.Popen[bytes]:
    """Run a module as a process whose standard input and output are pipes.

    Parameters
    ----------
    module : str
    *arguments : str
    stderr : file, optional
        Receives the standard error of the process. A file, not a pipe: the process may outlive this one.
    environment : mapping of str to str, optional
        Environment variables of the process, added to those of this one.
    """
    return subprocess.Popen(
        # -P: the current folder, which may be a stranger's, is not searched for modules.
        [sys.executable, "-P", "-m", module, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=stderr,
        start_new_session=True,
        env={**own_environment(), **(environment or {})},
    )


def give_way(process: subprocess.Popen[bytes]) -> None:
    """Let a process that computes, and all that it starts, have the processor only as far as screens leave it."""
    with suppress(OSError, AttributeError):
        os.setpriority(os.PRIO_PROCESS, process.pid, NICENESS)


def log_stderr(file: IO[bytes], logger: logging.Logger, level: int) -> str:
    """Log the end of the standard error of a process, and return it.

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
        text = file.read().decode(errors="backslashreplace")
    for line in filter(str.strip, text.splitlines()):
        logger.log(level, "standard error: %s", line)
    return text
