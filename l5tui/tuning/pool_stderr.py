"""Standard error of the fork server and of its workers: a file, whose lines the process that owns them logs.

The lines of libraries and the tracebacks of `multiprocessing` do not reach the terminal. OpenBLAS starts no threads in
these processes, as a trial uses one.
"""

from __future__ import annotations

import atexit
import logging
import os
import tempfile
import threading
from contextlib import suppress
from pathlib import Path
from typing import Final

VARIABLE: Final = "L5TUI_POOL_STDERR"
"""Environment variable of the fork server: the process that owns it, and the file for its standard error."""

PREFIX: Final = "l5tui-pool-"
"""Beginning of the names of the files; the id of the owner follows."""

LONGEST: Final = 20_000
"""Most bytes that are logged at a time."""

_lock = threading.Lock()
_read = 0


def direct_stderr() -> None:
    """Choose the file for fork servers that start later, unless there is one.

    Without a temporary folder that can be written, what they write there is lost.
    """
    with _lock:
        if _owner_and_file()[0] == os.getpid():
            return
        _remove_of_killed_owners()
        try:
            descriptor, name = tempfile.mkstemp(prefix=f"{PREFIX}{os.getpid()}-", suffix=".log")
        except OSError:
            name = os.devnull
        else:
            os.close(descriptor)
            atexit.register(_remove, name)
        os.environ[VARIABLE] = f"{os.getpid()} {name}"


def _remove_of_killed_owners() -> None:
    """Remove the files of processes that were killed; other users' files stay."""
    for path in Path(tempfile.gettempdir()).glob(f"{PREFIX}*-*.log"):
        owner = path.name.removeprefix(PREFIX).partition("-")[0]
        with suppress(OSError, ValueError):
            try:
                os.kill(int(owner), 0)
            except ProcessLookupError:
                path.unlink()


def log_stderr(logger: logging.Logger, level: int) -> str:
    """Log what fork servers and workers have written since the last call, and return it.

    Parameters
    ----------
    logger : Logger
    level : int
    """
    global _read
    content = b""
    owner, name = _owner_and_file()
    if owner != os.getpid():
        return ""
    with _lock, suppress(OSError), Path(name).open("rb") as file:
        _read = max(_read, file.seek(0, os.SEEK_END) - LONGEST)
        file.seek(_read)
        content = file.read()
        _read += len(content)
    text = content.decode(errors="backslashreplace")
    for line in filter(str.strip, text.splitlines()):
        logger.log(level, "standard error of workers: %s", line)
    return text


def take_over() -> None:
    """Write standard error to the file, in a fork server of the process that has chosen it; elsewhere do nothing."""
    owner, name = _owner_and_file()
    if owner != os.getppid():
        return
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    try:
        descriptor = os.open(name, os.O_WRONLY | os.O_APPEND)
    except OSError:
        descriptor = os.open(os.devnull, os.O_WRONLY)
    os.dup2(descriptor, 2)
    os.close(descriptor)


def _owner_and_file() -> tuple[int | None, str]:
    owner, _, name = os.environ.get(VARIABLE, "").partition(" ")
    return (int(owner), name) if owner.isdecimal() else (None, name)


def _remove(name: str) -> None:
    Path(name).unlink(missing_ok=True)
