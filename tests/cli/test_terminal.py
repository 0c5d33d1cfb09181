"""On a terminal: progress with the time left, 80 columns, and nothing that steers it."""

from __future__ import annotations

import fcntl
import json
import os
import re
import select
import signal
import struct
import termios
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console

from l5tui.cli.progress import ProgressView
from l5tui.runner.events import PhaseStarted, Progress, RunStarted, Warned
from l5tui.text import count, duration, filled, number, safe
from l5tui.workspace import Workspace
from tests.cli.conftest import CommandLine
from tests.cli.processes import Preloaded, wait_until
from tests.workspaces import ENDLESS, TINY, rows

RUN = ("run", "--headless", "experiments/tiny.toml")
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")

HOSTILE = [
    "two\nlines",
    "\x1b[31mred\x1b[0m \x1b]0;title\x07",
    "../../x",
    "$(touch x) `touch x`; touch x",
    "<script>alert(1)</script>",
    "[red]markup[/red] [/] [link=x]",
    "a\x00b\x7f\x9b31m\u202e'; --",
    "汉字" * 100,
    " ",
]


class Terminal:
    """A pseudo-terminal of 80 columns, and all that was written to it."""

    def __init__(self, columns: int = 80) -> None:
        self._ours, self._theirs = os.openpty()
        fcntl.ioctl(self._theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        self.path = os.ttyname(self._theirs)
        self._written = b""
        self._closing = threading.Event()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        while not self._closing.is_set():
            if select.select([self._ours], [], [], 0.02)[0]:
                self._written += os.read(self._ours, 65536)

    @property
    def text(self) -> str:
        """What was written so far."""
        return self._written.decode()

    def press(self, keys: bytes) -> None:
        """Send bytes as the keyboard does; a control character may become a signal."""
        os.write(self._ours, keys)

    def close(self) -> None:
        """Hang up; harmless where that has been done."""
        if not self._closing.is_set():
            self._closing.set()
            self._reader.join()
            os.close(self._theirs)
            os.close(self._ours)


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    """A pseudo-terminal of 80 columns."""
    made = Terminal()
    yield made
    made.close()


def run_on(
    terminal: Terminal, preloaded: Preloaded, workspace: Workspace, *more: str, **variables: str
) -> str:
    """Run the tiny experiment on a terminal; what it wrote."""
    running = preloaded.start(
        *RUN, *more, folder=workspace.root, terminal=terminal.path, environment=variables
    )
    assert running.wait() == 0
    wait_until(lambda: rows(workspace)[-1]["id"] in terminal.text, "all is written")
    time.sleep(0.05)
    return terminal.text


def test_a_bar_with_the_time_left_appears(
    workspace: Workspace, preloaded: Preloaded, terminal: Terminal
) -> None:
    (workspace.experiments / "tiny.toml").write_text(ENDLESS)
    running = preloaded.start(*RUN, folder=workspace.root, terminal=terminal.path)
    wait_until(
        lambda: re.search(r"0 of 2 realizations .*━.* (\d+ min|\d+ h|[\d.]+ s).* left", terminal.text),
        "a bar",
    )
    running.signal(signal.SIGINT)
    assert running.wait() == 130
    wait_until(lambda: "cancelled" in terminal.text, "the end is reported")
    # The bar is gone, and the cursor back.
    assert terminal.text.rindex("\x1b[?25h") > terminal.text.rindex("\x1b[?25l")


def test_the_report_fits_80_columns_in_colour(
    workspace: Workspace, preloaded: Preloaded, terminal: Terminal
) -> None:
    written = run_on(terminal, preloaded, workspace, "--name", "n" * 200)
    report = written[written.rindex("Rate and selectivity") :]
    assert "\x1b[1;32mcompleted" in report
    lines = [line for line in ESCAPES.sub("", report).splitlines() if not re.match("  [A-Za-z ]+: ", line)]
    assert len(lines) > 35
    assert max(map(len, lines)) <= 80
    assert "…" not in report


def test_no_color_is_heeded(workspace: Workspace, preloaded: Preloaded, terminal: Terminal) -> None:
    written = run_on(terminal, preloaded, workspace, NO_COLOR="1")
    assert not re.search(r"\x1b\[[0-9;]*3[0-9]m", written)


def test_a_dumb_terminal_gets_plain_text(
    workspace: Workspace, preloaded: Preloaded, terminal: Terminal
) -> None:
    assert "\x1b" not in run_on(terminal, preloaded, workspace, TERM="dumb")


def test_quiet_is_quiet_on_a_terminal_too(
    workspace: Workspace, preloaded: Preloaded, terminal: Terminal
) -> None:
    written = run_on(terminal, preloaded, workspace, "--quiet")
    assert ESCAPES.sub("", written) == f"{rows(workspace)[0]['id']}\r\n"


def test_a_terminal_that_hangs_up_cancels_the_run(
    workspace: Workspace, preloaded: Preloaded, terminal: Terminal
) -> None:
    (workspace.experiments / "tiny.toml").write_text(ENDLESS)
    running = preloaded.start(*RUN, folder=workspace.root, terminal=terminal.path)
    wait_until(lambda: "left" in terminal.text, "a bar")
    terminal.close()
    running.signal(signal.SIGHUP)
    assert running.wait() != 0
    assert rows(workspace)[0]["status"] == "cancelled"


def test_without_a_terminal_lines_are_sparse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("l5tui.cli.progress.LINE_SECONDS", 0.2)
    with (tmp_path / "errors").open("w+") as file:
        with ProgressView(Console(file=file)) as view:
            begun = time.monotonic()
            while (elapsed := time.monotonic() - begun) < 0.7:
                view.observe(Progress(1, 2, int(elapsed * 1000), 1000, elapsed))
        file.seek(0)
        lines = file.read().splitlines()
    assert 2 <= len(lines) <= 3
    for line in lines:
        assert re.fullmatch(r"1 of 2 realizations, \d+%, [\d.]+ s left", line)


def test_events_are_shown_and_a_quiet_console_shows_none(tmp_path: Path) -> None:
    for quiet, expected in ((False, ["warning: \\x1b[31m [red]oh"]), (True, [])):
        with (tmp_path / "errors").open("w+") as file:
            with ProgressView(Console(file=file, quiet=quiet)) as view:
                view.observe(RunStarted("1", "x"))
                for phase in ("simulate", "measure", "store", "track", "catch_up"):
                    view.observe(PhaseStarted(phase))
                view.observe(Warned("\x1b[31m [red]oh"))
            file.seek(0)
            assert file.read().splitlines() == expected


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_kept_and_does_no_harm(cli: CommandLine, name: str) -> None:
    outside = {path.name for path in cli.workspace.root.parent.iterdir()}
    printed = cli(*RUN, "--name", name)
    texts = [printed.stdout, cli("runs").stdout, cli("show", "last").stdout]
    for text in texts:
        assert all(line.isprintable() for line in text.split("\n"))
        lines = [line for line in text.splitlines() if not re.match("  [A-Za-z ]+: ", line)]
        assert max(map(len, lines)) <= 80
    assert rows(cli.workspace)[0]["name"] == name
    assert json.loads(cli("show", "last", "--json").stdout)["name"] == name
    assert {path.name for path in cli.workspace.root.parent.iterdir()} == outside
    assert {path.suffix for path in cli.workspace.runs.iterdir()} == {".nc"}
    assert rows(cli.workspace)[0]["mlflow_run"]


def test_hostile_notes_tags_and_file_names_do_no_harm(cli: CommandLine) -> None:
    text = TINY.replace('"a note"', '"\\u001b[2J"').replace('"zebra"', '"../\\n[red]"')
    (cli.workspace.experiments / "[red]\x1b[31m.toml").write_text(text.replace('name = "tiny"\n', ""))
    printed = cli("run", "--headless", "experiments/[red]\x1b[31m.toml")
    assert all(line.isprintable() for line in printed.stdout.split("\n"))
    assert "([red]\\x1b[31m) completed" in printed.stdout
    assert len(json.loads(cli("runs", "--json", "--tag", "../\n[red]").stdout)) == 1


def test_a_name_that_is_no_text_is_kept_as_far_as_it_is(cli: CommandLine) -> None:
    cli(*RUN, "--name", "a\udcffb", "--quiet")
    assert rows(cli.workspace)[0]["name"] == "a?b"


@pytest.mark.parametrize(
    ("value", "decimals", "signed", "shown"),
    [
        (0.38348, 3, False, "0.383"),
        (-0.38348, 3, False, "−0.383"),
        (12.3456, 3, False, "12.35"),
        (499.96, 3, False, "500.0"),
        (1234.5, 3, False, "1234"),
        (12345.6, 3, False, "1.23e+04"),
        (-3.1e18, 4, False, "−3.10e+18"),
        (-0.00004, 4, True, "0.0000"),
        (0.0, 4, True, "0.0000"),
        (0.00004, 6, True, "+0.000040"),
        (float("nan"), 3, False, "n/a"),
        (float("inf"), 3, False, "n/a"),
    ],
)
def test_numbers_keep_to_their_columns(value: float, decimals: int, signed: bool, shown: str) -> None:
    assert number(value, decimals, signed=signed) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0.04, "0.0 s"),
        (9.94, "9.9 s"),
        (9.96, "10 s"),
        (59.4, "59 s"),
        (59.6, "1 min 0 s"),
        (200, "3 min 20 s"),
        (3599.7, "1 h 0 min"),
        (7500, "2 h 5 min"),
    ],
)
def test_durations_are_said_as_people_do(seconds: float, shown: str) -> None:
    assert duration(seconds) == shown


def test_text_is_made_safe_counted_and_filled() -> None:
    assert safe("a\x1b\n\x9b\u202eü") == "a\\x1b\\n\\x9b\\u202eü"
    assert (count(1, "run"), count(0, "run"), count(2, "run")) == ("1 run", "0 runs", "2 runs")
    assert filled(["aa", "bb", "cc", "a very long one"], 10) == ["  aa  bb", "  cc", "  a very long one"]
