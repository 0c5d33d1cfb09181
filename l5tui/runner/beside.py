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
        # -P: the current folder, which may be a stranger's, is not searched for modules.
        [sys.executable, "-P", "-m", module, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
