"""Files for the standard error of worker processes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.cli.processes import clean_environment

DEAD = 2**22 + 1
"""A process id that no process has."""


def test_a_process_removes_its_file_and_those_of_killed_processes(tmp_path: Path) -> None:
    left = tmp_path / f"l5tui-pool-{DEAD}-abc.log"
    used = tmp_path / f"l5tui-pool-{os.getpid()}-abc.log"
    other = tmp_path / "l5tui-pool-notes-abc.log"
    for path in (left, used, other):
        path.touch()
    code = (
        "from pathlib import Path; from l5tui.tuning.pool_stderr import direct_stderr; direct_stderr();"
        f"print(len([*Path({str(tmp_path)!r}).iterdir()]))"
    )
    environment = clean_environment(TMPDIR=str(tmp_path))
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, check=True, capture_output=True, text=True
    )
    assert done.stdout.strip() == "3"
    assert {*tmp_path.iterdir()} == {used, other}
