"""The terminal, which may go away: a window that is closed, a connection that breaks."""

from __future__ import annotations

import os
import select
import signal
from typing import IO, Any

from textual.drivers.linux_driver import LinuxDriver


class TerminalDriver(LinuxDriver):
    """Textual's driver, which lets the app end where its terminal is gone.

    Textual's own thread that writes dies at the first write to a terminal that is gone; the app then waits for
    it for good, deaf to SIGHUP, while the thread that reads goes round at full speed.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._file: Any = _Output(self._file)

    def is_gone(self) -> bool:
        """Whether the terminal has been hung up."""
        poll = select.poll()
        poll.register(self.fileno, select.POLLIN)
        return any(event & (select.POLLHUP | select.POLLERR | select.POLLNVAL) for _, event in poll.poll(0))


class _Output:
    """A file that swallows what cannot be written any more, once it has sent the process SIGHUP."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file
        self._is_gone = False

    def write(self, text: str) -> None:
        """Write, where there still is somewhere."""
        self._try(lambda: self._file.write(text))

    def flush(self) -> None:
        """Flush, where there still is somewhere."""
        self._try(self._file.flush)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def _try(self, action: Any) -> None:
        if self._is_gone:
            return
        try:
            action()
        except OSError:
            self._is_gone = True
            os.kill(os.getpid(), signal.SIGHUP)
