"""Ctrl+Z and ``fg`` on a terminal."""

from __future__ import annotations

import signal
from pathlib import Path

import psutil
import pytest

from l5tui.workspace import Workspace
from tests.tui.terminal import AppTerminal
from tests.workspaces import TINY, assert_truthful, copy_of, rows

SHOWN, HIDDEN = b"\x1b[?25h", b"\x1b[?25l"


@pytest.mark.slow
def test_a_stopped_run_shows_the_cursor_and_goes_on(original: Workspace, tmp_path: Path) -> None:
    workspace = copy_of(original, tmp_path / "workspace")
    (workspace.experiments / "long.toml").write_text(
        TINY.replace("duration_tau = 30.0", "duration_tau = 1e4")
    )
    command = ["-m", "l5tui", "run", "--headless", "experiments/long.toml"]
    terminal = AppTerminal(command, workspace.root, controls=True)
    try:
        terminal.until_shown("simulating")
        terminal.press("\x1a")
        program = psutil.Process(terminal.process.pid)
        terminal.until(lambda: program.status() == psutil.STATUS_STOPPED, "it is stopped")
        terminal.until(lambda: terminal.written.rfind(SHOWN) > terminal.written.rfind(HIDDEN), "the cursor")
        # Another process that looks does not take a stopped run for one that has ended.
        assert [row["status"] for row in rows(workspace)] == ["running"]
        terminal.signal(signal.SIGCONT)
        assert terminal.wait() == 0
        assert terminal.left_behind() == []
        assert [row["status"] for row in rows(workspace)] == ["completed"]
        assert_truthful(workspace)
    finally:
        terminal.close()
