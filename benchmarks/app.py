"""How quick the app is, as a person meets it in a terminal. ``make bench-app`` runs it, in two to three minutes.

Opens `l5tui` in pseudo-terminals of 140 by 45, presses keys and watches the screen; prints milliseconds, each beside
the limit, scaled by how long ``python -c "import textual.app"`` takes on this machine.
"""

from __future__ import annotations

import fcntl
import os
import queue
import shutil
import sqlite3
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from statistics import median

import pyte

from l5tui.runner.opening import open_catalog
from l5tui.runner.processors import processor_count
from l5tui.workspace import Workspace, create_workspace

COLUMNS, LINES = 140, 45
REFERENCE_MS = 190.0
"""What the import took where the wishes were measured."""
PATIENCE_S = 60.0
STARTS = 5
ROWS = 10_000


class Terminal:
    """A pseudo-terminal with a program in it, and its screen.

    Parameters
    ----------
    arguments : list of str
        Of Python.
    folder : Path
        Where it is started; what it remembers is kept beside it, afresh for each.
    """

    def __init__(self, arguments: list[str], folder: Path) -> None:
        self._ours, theirs = os.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
        self._screen = pyte.Screen(COLUMNS, LINES)
        self._stream = pyte.ByteStream(self._screen)
        self.begun = time.perf_counter()
        state = tempfile.mkdtemp(prefix="state-", dir=folder.parent)
        surroundings = {**os.environ, "XDG_STATE_HOME": state, "TERM": "xterm-256color"}
        self._process = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=folder,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
            env=surroundings,
        )
        os.close(theirs)
        # Read apart from the emulation, which takes longer than what is measured: each piece has its own time.
        self._arrived: queue.Queue[tuple[float, bytes]] = queue.Queue()
        threading.Thread(target=self._collect, daemon=True).start()

    @property
    def text(self) -> str:
        """What is on the screen."""
        return "\n".join(self._screen.display)

    def press(self, keys: str) -> float:
        """Send keys; the time at which that was."""
        os.write(self._ours, keys.encode())
        return time.perf_counter()

    def until(self, holds: Callable[[str], object]) -> float:
        """Wait until the screen is so; the time at which what made it so was read."""
        deadline = time.perf_counter() + PATIENCE_S
        while not holds(self.text):
            if time.perf_counter() > deadline:
                raise SystemExit(f"waited in vain for this screen:\n{self.text}")
            read = self._read(0.05)
        return read if "read" in locals() else time.perf_counter()

    def until_shown(self, wanted: str) -> float:
        """Wait until a text is below the first line, which has the sections' names."""
        return self.until(lambda text: wanted in text.split("\n", 1)[1])

    def until_changed(self, before: str) -> float:
        """Wait until the screen is another."""
        return self.until(lambda text: text != before)

    def settle(self, seconds: float) -> None:
        """Read whatever comes for a while."""
        deadline = time.perf_counter() + seconds
        while (left := deadline - time.perf_counter()) > 0:
            self._read(left)

    def quit(self) -> None:
        """Leave the app; confirm every dialog."""
        self.press("\x11")
        for answer in "dcs":
            self.settle(0.7)
            if self._process.poll() is None:
                self.press(answer)
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        os.close(self._ours)

    def _read(self, seconds: float) -> float:
        try:
            read, data = self._arrived.get(timeout=seconds)
        except queue.Empty:
            return time.perf_counter()
        self._stream.feed(data)
        return read

    def _collect(self) -> None:
        while True:
            try:
                data = os.read(self._ours, 65536)
            except OSError:  # the program is gone
                return
            self._arrived.put((time.perf_counter(), data))


def say(what: str, seconds: float, wish: str, more: str = "") -> None:
    """Print one figure."""
    sys.stdout.write(f"{what:<52}{1000 * seconds:>7.0f} ms   limit: {wish:<12} {more}\n")
    sys.stdout.flush()


def imported() -> float:
    """Seconds that importing Textual takes."""
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import textual.app"], check=True)
    return time.perf_counter() - begun


def starts(workspace: Workspace) -> None:
    """First paint and completeness, each after an import of Textual alone, as machines are not always as quick."""
    imports, paints, completes = [], [], []
    for _ in range(STARTS):
        imports.append(imported())
        terminal = Terminal(["-m", "l5tui"], workspace.root)
        paints.append(terminal.until(lambda text: "1 Experiments" in text) - terminal.begun)
        completes.append(terminal.until(lambda text: "on disk" in text and "✓" in text) - terminal.begun)
        terminal.quit()
    unit = median(imports)
    say("import textual.app alone", unit, "")
    say("first paint", median(paints), f"{2500 * unit:.0f} ms")
    wish = f"{600_000 * unit / REFERENCE_MS:.0f} ms"
    say(
        "complete: list, last runs, form, forecast",
        median(completes),
        wish,
        f"best {1000 * min(completes):.0f}",
    )


def many_runs(workspace: Workspace) -> None:
    """Opening and filtering a table of thousands of rows."""
    fill(workspace)
    terminal = Terminal(["-m", "l5tui"], workspace.root)
    terminal.until(lambda text: "on disk" in text)
    terminal.settle(3)
    pressed = terminal.press("3")
    say(
        f"open the table of {ROWS:,} runs",
        terminal.until(lambda text: "Runs (10," in text) - pressed,
        "500 ms",
    )
    terminal.settle(3)
    terminal.press("/")
    terminal.settle(0.3)
    waits, typed = [], ""
    for key in "rule:oja loss<3":
        typed += key
        shown = f" {typed.strip()}"
        pressed = terminal.press(key)
        waits.append(terminal.until_shown(shown) - pressed)
        terminal.settle(0.3)
    say("filter it, longest of 15 keys", max(waits), "100 ms", f"median {1000 * median(waits):.0f}")
    terminal.press("\r")
    terminal.settle(0.3)
    waits = []
    for _ in range(10):
        before = terminal.text
        pressed = terminal.press("j")
        waits.append(terminal.until_changed(before) - pressed)
        terminal.settle(0.05)
    say("move in it, longest of 10 keys", max(waits), "100 ms", f"median {1000 * median(waits):.0f}")
    terminal.quit()


def preview(workspace: Workspace) -> None:
    """From the last key of an edit to the preview's numbers."""
    (workspace.experiments / "default.toml").write_text("seed = 4\n")
    terminal = Terminal(["-m", "l5tui"], workspace.root)
    terminal.until(lambda text: "on disk" in text)
    terminal.press("p")
    terminal.until(lambda text: "completed" in text)
    terminal.press("v")
    terminal.until(lambda text: "TOML of" in text)
    terminal.press("\x05")
    waits = []
    for _ in range(5):
        terminal.settle(2)
        pressed, wait = terminal.press("1"), until_previewed(terminal)
        waits.append(wait - pressed)
    say(
        "preview, last key to numbers, longest of 5",
        max(waits),
        "500 ms",
        f"median {1000 * median(waits):.0f}",
    )
    terminal.quit()


def until_previewed(terminal: Terminal) -> float:
    """Wait until the preview is another."""
    before = shown_preview(terminal.text)
    return terminal.until(lambda text: shown_preview(text) != before)


def shown_preview(text: str) -> list[str]:
    """The right end of the screen, where the preview stands."""
    return [line[-44:] for line in text.splitlines()[1:-2] if "ms" in line or "." in line[-44:]]


def run(workspace: Workspace) -> None:
    """From the key to the stored summary of the default experiment."""
    terminal = Terminal(["-m", "l5tui"], workspace.root)
    terminal.until(lambda text: "on disk" in text)
    terminal.settle(6)
    pressed = terminal.press("r")
    say(
        "r to the stored summary of the default",
        terminal.until(lambda text: "Summary" in text) - pressed,
        "1500 ms",
    )
    terminal.settle(8)
    terminal.quit()


def live_keys(workspace: Workspace) -> None:
    """Keys in every section while a study and runs go on."""
    terminal = Terminal(["-m", "l5tui"], workspace.root)
    terminal.until(lambda text: "on disk" in text)
    terminal.settle(4)
    terminal.press("G")
    terminal.until(lambda text: "tuning.toml" in text)
    terminal.press("t")
    terminal.until(lambda text: "by trial" in text)
    terminal.press("1")
    terminal.until(lambda text: "tuning.toml" in text)
    for _ in range(3):
        terminal.press("1")
        terminal.settle(0.2)
        terminal.press("r")
        terminal.settle(0.3)
    marks = {"1": "Experiments (", "2": "Mean rate", "3": "Runs (", "4": "Compare", "5": "by trial"}
    # Each section is loaded when it is first shown; that time is reported separately.
    first: list[float] = []
    waits: list[float] = []
    for rounds in range(6):
        for key, mark in marks.items():
            pressed = terminal.press(key)
            wait = terminal.until_shown(mark) - pressed
            (waits if rounds else first).append(wait)
            terminal.settle(0.1)
            before = terminal.text
            if key in "13":
                pressed = terminal.press("k" if rounds % 2 else "j")
                waits.append(terminal.until_changed(before) - pressed)
    say("first sight of a section, longest of 5", max(first), "")
    note = f"median {1000 * median(waits):.0f}"
    say(f"a key while a study and runs are live, {len(waits)} keys", max(waits), "100 ms", note)
    terminal.press("5")
    terminal.settle(0.5)
    terminal.press("x")
    terminal.settle(0.3)
    terminal.press("x")
    terminal.settle(3)
    terminal.quit()


def fill(workspace: Workspace) -> None:
    """Make a run of the catalogue into thousands."""
    with closing(sqlite3.connect(workspace.catalog)) as connection, connection:
        names = [row[1] for row in connection.execute("PRAGMA table_info(run)")]
        changed = {
            "id": "printf('20250101-%06d-bench0', n)",
            "rule": "CASE n % 3 WHEN 0 THEN 'oja' WHEN 1 THEN 'bcm' ELSE 'sliding_bcm' END",
            "loss": "(n % 700) / 100.0",
            "name": "'experiment ' || (n % 37)",
        }
        chosen = ", ".join(changed.get(name, f'"{name}"') for name in names)
        columns = ", ".join(f'"{name}"' for name in names)
        connection.execute(
            f"WITH RECURSIVE many(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM many WHERE n < {ROWS}) "
            f"INSERT INTO run ({columns}) SELECT {chosen} FROM (SELECT * FROM run LIMIT 1), many"
        )
        connection.execute("INSERT INTO run_tag (run_id, position, tag) SELECT id, 0, 'paper' FROM run")


def main() -> None:
    """All of them, in a workspace that is thrown away."""
    folder = Path(tempfile.mkdtemp(prefix="l5tui-bench-"))
    try:
        workspace = create_workspace(folder / "workspace")
        open_catalog(workspace)
        quick = str(workspace.experiments / "quickstart.toml")
        ready = ["-m", "l5tui", "run", "--headless", quick]
        subprocess.run([sys.executable, *ready], check=True, cwd=workspace.root, stdout=subprocess.DEVNULL)
        load = os.getloadavg()[0]
        sys.stdout.write(f"{processor_count()} processors, load {load:.1f} before it began\n")
        for measure in (starts, run, preview, live_keys, many_runs):
            measure(workspace)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
