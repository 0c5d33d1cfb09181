"""An app in a terminal whose keys are random, and which is left and opened again."""

from __future__ import annotations

import random
import re
import signal
import time
from contextlib import suppress
from pathlib import Path

from l5tui.workspace import Workspace
from tests.stress.tally import Row
from tests.tui.terminal import AppTerminal

QUIET_S, LONGEST_S, LEAVE_S = 0.05, 2.0, 10.0
MOST_ATTEMPTS = 3
"""Number of times that ctrl+q is pressed."""

KEY_PAUSE_S = 0.4
"""Longest pause between two keys."""

ESCAPE_S = 0.25
"""A key that follows Esc sooner is read as Alt with that key."""

ESCAPE, ENTER, SAVE, QUIT, RELOAD, DOWN = "\x1b", "\r", "\x13", "\x11", "\x1b[15~", "\x1b[B"
SAFE = (*"12345?jkhlgG/svpnwy", ESCAPE, ENTER, DOWN, RELOAD, " ", "\t")
"""Keys that show something: sections, movements, sorting, pages."""

UNSAFE: tuple[tuple[str, ...], ...] = (
    ("1", ESCAPE, "r"),
    ("1", "t", ENTER),
    ("1", SAVE),
    ("1", "d", ENTER),
    ("3", "D", "y"),
    ("3", "D", ESCAPE),
    ("3", "t", *"crowd", ENTER),
    ("3", "f", ENTER),
    ("3", "r"),
    ("5", "x"),
    ("5", "b"),
)
"""Keys that write: run, tune, save, duplicate, delete, tag, fork, rerun, stop, best point."""

ANSWERS = {
    "Discard them": "d",
    "Leave without them": "l",
    "Stop it": "sl",
    "Cancel it": "cl",
    "Esc cancels": ESCAPE,
    "Keep it": ESCAPE,
    "Keep": ESCAPE,
    "Leave it": ESCAPE,
}
"""Keys that may answer a dialog, by a text that it shows; dialogs of earlier keys may be in front of the question."""

SHOWN = re.compile("|".join(ANSWERS))
STYLES = re.compile(r"\x1b\[[\d;]*m")


class CrowdApp:
    """One of several apps in a workspace.

    Parameters
    ----------
    row : Row
        Counts the keys, and has the losses.
    workspace : Workspace
    number : int
    chance : Random
    """

    def __init__(self, row: Row, workspace: Workspace, number: int, chance: random.Random) -> None:
        self.leaving_s: list[float] = []
        self._row = row
        self._workspace = workspace
        self._name = f"app {number}"
        self._home = workspace.root.parent / f"home-{number}"
        self._home.mkdir()
        self._chance = chance
        self._recent: list[str] = []

    def use(self, end: float) -> None:
        """Press keys until a time; leave and open again after 50 to 150 of them."""
        while time.monotonic() < end:
            stacks = self._home / "stacks.txt"
            terminal = AppTerminal(
                [str(Path(__file__).with_name("app_with_stacks.py")), str(stacks)],
                self._workspace.root,
                size=(100, 30),
                XDG_STATE_HOME=str(self._home),
            )
            self._recent.clear()
            try:
                terminal.until(lambda: "Experiments" in terminal.text, "the app is open")  # noqa: B023
                self._press_some(terminal, end)
                if terminal.process.poll() is not None:
                    self._lose("ended by itself")
                else:
                    self._leave(terminal, stacks)
                if b"Traceback" in terminal.written or b"crashed" in terminal.written:
                    self._lose(f"printed a failure:\n{terminal.text}")
            finally:
                terminal.close()

    def _press_some(self, terminal: AppTerminal, end: float) -> None:
        for _ in range(self._chance.randint(50, 150)):
            is_unsafe = self._chance.random() < 0.3
            for key in self._chance.choice(UNSAFE) if is_unsafe else (self._chance.choice(SAFE),):
                _wait_until_quiet(terminal)
                if terminal.process.poll() is None:
                    self._press(terminal, key)
                    self._row.tried([])
            if time.monotonic() > end or terminal.process.poll() is not None:
                return
            time.sleep(self._chance.random() * KEY_PAUSE_S)

    def _leave(self, terminal: AppTerminal, stacks: Path) -> None:
        """Press ctrl+q and answer the questions; the app ends with 0 within `LEAVE_S` of the last answer.

        The time that it waits for a processor, which it shares with all the others, does not count. An answer to a
        dialog that an earlier key has closed meanwhile may be lost, so that the user stays: then ctrl+q again, at most
        `MOST_ATTEMPTS` times.
        """
        for key in (ESCAPE, ESCAPE, QUIT):
            _wait_until_quiet(terminal)
            self._press(terminal, key)
        since, taken, size, attempts = _clock(terminal), 0.0, terminal.size, 1
        while terminal.process.poll() is None:
            if _answers(terminal, size):
                _wait_until_quiet(terminal)
                keys = _answers(terminal, size)
                size = terminal.size
                self._press(terminal, key := self._chance.choice(keys))
                if key == ESCAPE:
                    # Where a late dialog was in front, this may have answered the question: stay.
                    self._press(terminal, QUIT)
                since = _clock(terminal)
            if (taken := _clock(terminal) - since) > LEAVE_S:
                if (attempts := attempts + 1) <= MOST_ATTEMPTS:
                    self._press(terminal, QUIT)
                    since = _clock(terminal)
                    continue
                self._lose(
                    f"did not leave within {LEAVE_S:.0f} s:\n{terminal.text}\n{_stacks_of(terminal, stacks)}"
                )
                return
            time.sleep(0.05)
        self.leaving_s.append(taken)
        if code := terminal.wait():
            self._lose(f"left with exit code {code}:\n{terminal.text}")
        if left := terminal.left_behind():
            self._lose(f"left the terminal with {', '.join(left)}")

    def _press(self, terminal: AppTerminal, key: str) -> None:
        self._recent.append(f"{time.monotonic():.2f} {key!r}")
        with suppress(OSError):
            terminal.press(key)
        if key == ESCAPE:
            time.sleep(ESCAPE_S)

    def _lose(self, what: str) -> None:
        self._row.tried([f"{self._name}: after {self._recent[-20:]}: {what}"], times=0)


def _answers(terminal: AppTerminal, size: int) -> str:
    """Keys that answer the dialog that was drawn last after so many bytes of output; empty if there is none."""
    drawn = SHOWN.findall(STYLES.sub("", terminal.written[size:].decode(errors="replace")))
    return ANSWERS[drawn[-1]] if drawn else ""


def _clock(terminal: AppTerminal) -> float:
    """Seconds of a clock that stands still while the app's main thread is ready to run and has no processor."""
    delayed = 0.0
    with suppress(OSError, IndexError):
        delayed = int(Path(f"/proc/{terminal.process.pid}/schedstat").read_text().split()[1]) / 1e9
    return time.monotonic() - delayed


def _wait_until_quiet(terminal: AppTerminal) -> None:
    """Wait until nothing is drawn for 50 ms; a run that is drawn all the time does not delay keys for long."""
    latest = time.monotonic() + LONGEST_S
    size, since = terminal.size, time.monotonic()
    while (now := time.monotonic()) < min(since + QUIET_S, latest):
        time.sleep(0.01)
        if terminal.size != size:
            size, since = terminal.size, now


def _stacks_of(terminal: AppTerminal, stacks: Path) -> str:
    stacks.unlink(missing_ok=True)
    terminal.signal(signal.SIGUSR1)
    deadline = time.monotonic() + 3.0
    while not stacks.exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    return stacks.read_text() if stacks.exists() else "no stacks within 3 s"
