"""Ctrl+Z while a progress bar is drawn: the shell gets a terminal with a visible cursor, and ``fg`` continues."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console


@contextmanager
def cursor_shown_while_stopped(console: Console) -> Iterator[None]:
    """Show the cursor before this process is stopped by Ctrl+Z, and hide it once it continues.

    Only the main thread of a process that was not started to ignore the signal takes it.

    Parameters
    ----------
    console : Console
        Terminal on which a bar hides the cursor.
    """
    number = getattr(signal, "SIGTSTP", None)
    is_main = threading.current_thread() is threading.main_thread()
    if number is None or not is_main or signal.getsignal(number) is not signal.SIG_DFL:
        yield
        return

    def stop(_number: int, _frame: FrameType | None) -> None:
        console.show_cursor(True)
        os.kill(os.getpid(), signal.SIGSTOP)
        console.show_cursor(False)

    signal.signal(number, stop)
    try:
        yield
    finally:
        signal.signal(number, signal.SIG_DFL)
