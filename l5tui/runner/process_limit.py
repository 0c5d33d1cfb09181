"""The limit of processes and threads that a user may have, as a cause of failures in words."""

from __future__ import annotations

import errno
import os
import sys
from typing import Final

if sys.platform != "win32":
    import resource

LIMIT_TEXTS: Final = (os.strerror(errno.EAGAIN), "can't start new thread")
"""How errors of the system and of Python name this limit."""


def process_limit() -> int | None:
    """Return the most processes and threads that the user of this process may have; None without a limit."""
    if sys.platform == "win32":
        return None
    soft, _ = resource.getrlimit(resource.RLIMIT_NPROC)
    return None if soft in (resource.RLIM_INFINITY, -1) else int(soft)


def is_process_limit(error: BaseException) -> bool:
    """Return whether an exception means that no more processes or threads can be started."""
    if isinstance(error, OSError):
        return error.errno == errno.EAGAIN
    return isinstance(error, RuntimeError) and LIMIT_TEXTS[1] in str(error)


def is_named_in(written: str) -> bool:
    """Return whether the standard error of a process names this limit."""
    return any(text in written for text in LIMIT_TEXTS)


def limit_in_words() -> str:
    """Return this limit as a cause, with its remedy."""
    most = process_limit()
    number = "these processes and threads" if most is None else f"{most} processes and threads"
    return f"this user can have no more than {number}; end other programs, or raise the limit (`ulimit -u`)"
