"""The command line in processes of its own."""

from __future__ import annotations

import itertools
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

PROJECT = Path(__file__).parents[2]
PATIENCE_S = 180.0


def clean_environment(**more: str) -> dict[str, str]:
    """The environment without settings that would change what is tested."""
    strays = (
        "L5TUI_WORKSPACE",
        "L5TUI_MLFLOW_LATER",
        "COLUMNS",
        "LINES",
        "NO_COLOR",
        "FORCE_COLOR",
        "TERM",
        "PYTHONIOENCODING",
    )
    kept = {name: value for name, value in os.environ.items() if name not in strays}
    return {**kept, "TERM": "xterm-256color", "PYTHONPATH": str(PROJECT), **more}


def l5tui(*arguments: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run ``python -m l5tui`` to its end."""
    return subprocess.run(
        [sys.executable, "-m", "l5tui", *arguments],
        cwd=folder,
        env=clean_environment(**environment),
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        stdin=subprocess.DEVNULL,
        check=False,
    )


def wait_until(condition: Callable[[], object], what: str) -> None:
    """Wait for a condition, looking often."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain until {what}"
        time.sleep(0.002)


@dataclass
class Running:
    """A command that runs in a fork of the preloaded process."""

    pid: int
    output: Path
    errors: Path
    _server: subprocess.Popen[str] = field(repr=False)
    code: int | None = None

    def signal(self, number: signal.Signals) -> float:
        """Send a signal; the time at which it was sent."""
        os.kill(self.pid, number)
        return time.monotonic()

    def kill(self) -> None:
        """End it without a chance to tidy up."""
        self.signal(signal.SIGKILL)
        self.wait()

    def wait(self) -> int:
        """Exit status: negative where a signal ended it."""
        if self.code is None:
            assert self._server.stdout is not None
            self.code = int(self._server.stdout.readline())
        return self.code

    @property
    def stdout(self) -> str:
        """What it printed; nothing where it ended before its output was there."""
        return self.output.read_text() if self.output.exists() else ""

    @property
    def stderr(self) -> str:
        """What it printed on standard error."""
        return self.errors.read_text() if self.errors.exists() else ""


class Preloaded:
    """Starts commands within milliseconds; see ``preloaded.py``. One at a time."""

    def __init__(self, scratch: Path) -> None:
        self._scratch = scratch
        self._numbers = itertools.count()
        self._last: Running | None = None
        self._server = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("preloaded.py"))],
            cwd=scratch,
            env=clean_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._server.stdout is not None
        assert self._server.stdout.readline() == "0\n"

    def start(
        self,
        *arguments: str,
        folder: Path,
        terminal: str | None = None,
        stdout: str | None = None,
        largest_file: int = 0,
        user: int = 0,
        environment: Mapping[str, str] | None = None,
    ) -> Running:
        """Start a command; on a terminal or to a file, if its path is given; as another user, where root starts it."""
        number = next(self._numbers)
        output, errors = self._scratch / f"{number}.out", self._scratch / f"{number}.err"
        request = {
            "arguments": arguments,
            "folder": str(folder),
            "stdin": terminal or os.devnull,
            "stdout": terminal or stdout or str(output),
            "stderr": terminal or str(errors),
            "largest_file": largest_file,
            "user": user,
            "environment": dict(environment or {}),
        }
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        self._server.stdin.write(json.dumps(request) + "\n")
        self._server.stdin.flush()
        self._last = Running(int(self._server.stdout.readline()), output, errors, self._server)
        return self._last

    def end_last(self) -> None:
        """End the last command, where a test has left it running."""
        if self._last is not None and self._last.code is None:
            self._last.kill()

    def close(self) -> None:
        """End the process."""
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        self._server.stdin.close()
        self._server.wait(PATIENCE_S)
        self._server.stdout.close()
