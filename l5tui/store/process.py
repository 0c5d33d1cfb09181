"""Whether the process that wrote something is still there."""

from __future__ import annotations

import os
from pathlib import Path

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


def process_start_time(pid: int) -> str | None:
    """When a process of this machine began, to tell it from a later one with the same number.

    Parameters
    ----------
    pid : int

    Returns
    -------
    str or None
        The boot's identity and the clock ticks from boot to the process's start: a mark to compare, which
        setting the clock does not change. None where there is no such process or no ``/proc``.
    """
    stat = _state_and_start(pid)
    return stat[1] if stat else None


def is_alive(pid: int, started: str | None) -> bool:
    """Whether a process of this machine still runs.

    Parameters
    ----------
    pid : int
    started : str or None
        What `process_start_time` said of it; None where that is not known, and then any process with the
        number counts.
    """
    stat = _state_and_start(pid)
    if stat is None:
        return _answers(pid)
    state, start = stat
    return state not in "ZX" and started in (None, start)


def _state_and_start(pid: int) -> tuple[str, str] | None:
    try:
        stat = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return None
    # The second field is the command's name in parentheses, which may itself hold blanks and parentheses.
    fields = stat.rpartition(b")")[2].decode("ascii").split()
    try:
        boot = BOOT_ID.read_text().strip()
    except OSError:
        boot = "unknown-boot"
    return fields[0], f"{boot} {fields[19]}"


def _answers(pid: int) -> bool:
    # Windows takes signal 0 for Ctrl+C, so there a process counts as alive.
    if os.name == "nt":
        return True
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True
