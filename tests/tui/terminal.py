"""A real pseudo-terminal with the app in it, and what a person would see there."""

from __future__ import annotations

import fcntl
import os
import re
import select
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Callable
from pathlib import Path

import pyte

from tests.cli.processes import clean_environment

PATIENCE_S = 60.0
MODE = re.compile(rb"\x1b\[\?([\d;]+)([hl])")
ON_BY_DEFAULT = {7, 25}
"""Long lines go on in the next one, and the cursor is visible."""
ONLY_WHILE_PAINTING = {2026}


TAKE_TERMINAL = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""
"""Becomes another command of Python's after it has made the terminal its controlling one."""


class AppTerminal:
    """A terminal, and a program that runs in it.

    Parameters
    ----------
    command : list of str
    folder : Path
        Where it is started.
    size : tuple of int
        Columns and lines.
    controls : bool
        Whether it is the program's controlling terminal, which signals it when it is closed.
    environment : str
        Further variables.
    """

    def __init__(
        self,
        command: list[str],
        folder: Path,
        size: tuple[int, int] = (80, 24),
        *,
        controls: bool = False,
        **environment: str,
    ) -> None:
        columns, lines = size
        self._ours, theirs = os.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self.settings = termios.tcgetattr(theirs)
        self._theirs = theirs
        self._screen = pyte.Screen(columns, lines)
        self._stream = pyte.ByteStream(self._screen)
        self._seen = 0
        with tempfile.TemporaryFile() as output:
            # A process of its own reads at once, however busy this one is: a full terminal stops the program.
            self._reader = subprocess.Popen(["cat"], stdin=self._ours, stdout=output, start_new_session=True)
            self._output = os.dup(output.fileno())
        self.process = subprocess.Popen(
            [sys.executable, *(["-c", TAKE_TERMINAL] if controls else []), *command],
            cwd=folder,
            env=clean_environment(**environment),
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        self._is_open = True

    @property
    def size(self) -> int:
        """Number of bytes that the program has written so far."""
        return os.fstat(self._output).st_size

    @property
    def written(self) -> bytes:
        """Everything that the program has written so far."""
        return os.pread(self._output, self.size, 0)

    @property
    def text(self) -> str:
        """What is on the screen."""
        unseen = os.pread(self._output, self.size - self._seen, self._seen)
        self._seen += len(unseen)
        self._stream.feed(unseen)
        return "\n".join(self._screen.display)

    def press(self, keys: str) -> None:
        """Send keys as a terminal sends them."""
        os.write(self._ours, keys.encode())

    def until(self, condition: Callable[[], object], what: str) -> None:
        """Wait for a condition."""
        deadline = time.monotonic() + PATIENCE_S
        while not condition():
            assert time.monotonic() < deadline, f"waited in vain until {what}\n{self.text}"
            time.sleep(0.02)

    def until_shown(self, text: str) -> None:
        """Wait until the screen shows a text."""
        self.until(lambda: text in self.text, f"{text!r} is shown")

    def wait(self) -> int:
        """Exit code, once all that it wrote has been read."""
        code = self.process.wait(PATIENCE_S)
        if self._is_open:
            self.until(self._is_read, "its output is read")
        return code

    def _is_read(self) -> bool:
        """Return whether the terminal has nothing left to read, and the reader has written what it has read."""
        size = self.size
        is_empty = not select.select([self._ours], [], [], 0.0)[0]
        time.sleep(0.02)
        return is_empty and self.size == size

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the program alone."""
        self.process.send_signal(number)

    def modes_changed(self) -> set[int]:
        """Private modes that are not as they were."""
        on = set(ON_BY_DEFAULT)
        for found in MODE.finditer(self.written):
            for number in map(int, found[1].split(b";")):
                (on.add if found[2] == b"h" else on.discard)(number)
        return (on ^ ON_BY_DEFAULT) - ONLY_WHILE_PAINTING

    def left_behind(self) -> list[str]:
        """In which ways the terminal is not as it was: modes, cursor, keyboard protocol, line settings."""
        found = [f"mode {mode}" for mode in sorted(self.modes_changed())]
        if self.written.count(b"\x1b[>1u") > self.written.count(b"\x1b[<u"):
            found.append("another keyboard protocol")
        if termios.tcgetattr(self._theirs) != self.settings:
            found.append("other line settings")
        return found

    def close(self) -> None:
        """End the program, and hang up where that is not done."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        if self._is_open:
            self.hang_up()
        if self._output >= 0:
            os.close(self._output)
            self._output = -1

    def hang_up(self) -> None:
        """Close the terminal, as closing its window or losing the connection does."""
        self._is_open = False
        self._reader.kill()
        self._reader.wait()
        os.close(self._theirs)
        os.close(self._ours)
