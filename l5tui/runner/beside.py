"""Processes of our own beside this one: out of reach of the terminal's signals, spoken to through pipes."""

from __future__ import annotations

import subprocess
import sys


def start_beside(module: str, *arguments: str) -> subprocess.Popen[bytes]:
    """Run a module as a process whose standard input and output are pipes.

    Parameters
    ----------
    module : str
    *arguments : str
    """
    return subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
