"""Whether the process that wrote something still runs."""

from __future__ import annotations

import os
import socket
import time
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Final

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
NAMESPACE = Path("/proc/self/ns/pid")
INITIAL_NAMESPACE: Final = "4026531836"
"""Number of the PID namespace of a Linux machine itself; a container has another one."""


def process_start_time(pid: int) -> str | None:
    """Return when a process began; together with its number this identifies it.

    Parameters
    ----------
    pid : int

    Returns
    -------
    str or None
        The boot's identity, the clock ticks from boot to the process's start, and the PID namespace that its number
        belongs to: a mark to compare, which setting the clock does not change. Earlier versions wrote no namespace.
        None if there is no such process or no ``/proc``.
    """
    stat = _state_and_start(pid)
    return stat[1] if stat else None


def is_alive(pid: int, started: str | None) -> bool:
    """Whether a process of this machine still runs.

    Parameters
    ----------
    pid : int
    started : str or None
        The mark from `process_start_time`; None if it is not known, and then any process with the number counts.
    """
    stat = _state_and_start(pid)
    if stat is None:
        return _answers(pid)
    state, start = stat
    return state not in "ZX" and (started is None or _agree(started, start))


def is_visible(started: str | None) -> bool:
    """Whether a process belongs to this boot and PID namespace, so that `is_alive` can judge it.

    Parameters
    ----------
    started : str or None
        The mark from `process_start_time`; None if it is not known, and then it counts as visible.
    """
    if started is None or (own := process_start_time(os.getpid())) is None:
        return True
    mine, theirs = own.split(" "), started.split(" ")
    return theirs[0] == mine[0] and theirs[2:3] in ([], mine[2:3])


def is_gone(host: str, pid: int, started: str | None) -> bool:
    """Whether a process has certainly ended; False also for one that cannot be seen from here.

    Parameters
    ----------
    host : str
        Name of its machine.
    pid : int
    started : str or None
        The mark from `process_start_time`.
    """
    return host == socket.gethostname() and is_visible(started) and not is_alive(pid, started)


def is_before_boot(started: str | None, moment: datetime, now: datetime) -> bool:
    """Whether a process of an earlier boot was heard of before this boot, and not since.

    Parameters
    ----------
    started : str or None
        The mark from `process_start_time`.
    moment : datetime
        Last sign of life.
    now : datetime
    """
    if started is None or not hasattr(time, "CLOCK_BOOTTIME"):
        return False
    boot = now - timedelta(seconds=time.clock_gettime(time.CLOCK_BOOTTIME))
    return started.split(" ")[0] != boot_id() and moment < boot


def host_of_files() -> str:
    """Name of this machine in names of unfinished files, with the number of the namespace in a container."""
    host, own = socket.gethostname(), pid_namespace()
    return host if own in ("", INITIAL_NAMESPACE) else f"{host}+{own}"


@cache
def boot_id() -> str:
    """Identity of this boot."""
    try:
        return BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        return "unknown-boot"


def pid_namespace() -> str:
    """Return the number of this process's PID namespace; empty if there are none."""
    try:
        return str(NAMESPACE.readlink()).removeprefix("pid:[").removesuffix("]")
    except OSError:
        return ""


def _agree(one: str, other: str) -> bool:
    """Whether two marks are of the same process; one of an earlier version lacks the namespace."""
    return all(a == b for a, b in zip(one.split(" "), other.split(" "), strict=False))


def _state_and_start(pid: int) -> tuple[str, str] | None:
    name = "self" if pid == os.getpid() else str(pid)
    try:
        if name != "self" and str(Path("/proc/self").readlink()) != str(os.getpid()):
            return None  # /proc is of another namespace, in which the number is another process.
        stat = Path(f"/proc/{name}/stat").read_bytes()
    except OSError:
        return None
    # The second field is the command's name in parentheses, which may itself hold blanks and parentheses.
    fields = stat.rpartition(b")")[2].decode("ascii").split()
    return fields[0], " ".join(filter(None, (boot_id(), fields[19], pid_namespace())))


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
