"""Standard input, output and error of a process that was started without some of them."""

from __future__ import annotations

import os
import sys
from pathlib import Path

MODES = {"stdin": (0, "r"), "stdout": (1, "w"), "stderr": (2, "w")}
"""Descriptor and mode of each stream."""


def open_closed_streams() -> None:
    """Open those streams on the null device that are closed, as after ``l5tui <&-``.

    Otherwise the next file that is opened, such as a run's file, gets the descriptor of standard error, and what
    a library writes to standard error is written into that file.
    """
    for name, (descriptor, mode) in MODES.items():
        if getattr(sys, name) is not None:
            continue
        _occupy(descriptor)
        stream = Path(os.devnull).open(mode, encoding="utf-8")  # noqa: SIM115 (open until the process ends)
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)


def _occupy(descriptor: int) -> None:
    try:
        os.fstat(descriptor)
    except OSError:
        opened = os.open(os.devnull, os.O_RDWR)
        if opened != descriptor:
            os.dup2(opened, descriptor)
            os.close(opened)
        # Subprocesses inherit the three standard descriptors.
        os.set_inheritable(descriptor, True)
