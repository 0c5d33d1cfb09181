"""The terminal while workers fail: no traceback, no line of a library, and the limit of processes in one line."""

from __future__ import annotations

import errno
import logging
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from l5tui.runner.process_limit import is_named_in, is_process_limit
from l5tui.tuning.process_pool import LocalPool
from l5tui.workspace import Workspace
from tests.tuning.searches import study_toml, write
from tests.workspaces import copy_of

USER = 54_000 + os.getpid() % 1000
"""A user without other processes, as they count."""


def write_to_stderr(text: str) -> None:
    """Write as a library in C does."""
    os.write(2, text.encode())


def test_what_workers_write_to_standard_error_is_logged_and_not_on_the_terminal(
    capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "l5tui")
    pool = LocalPool(1)
    pool.submit(write_to_stderr, "a line of a library\nand another\n").result(60)
    pool.close()
    assert capfd.readouterr().err == ""
    logged = [record.getMessage() for record in caplog.records if record.name == "l5tui.tuning.process_pool"]
    assert logged[-2:] == [
        "standard error of workers: a line of a library",
        "standard error of workers: and another",
    ]


@pytest.mark.parametrize(
    ("error", "is_limit"),
    [
        (BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN)), True),
        (RuntimeError("can't start new thread"), True),
        (OSError(errno.ENOMEM, os.strerror(errno.ENOMEM)), False),
        (EOFError("unexpected EOF"), False),
        (RuntimeError("another"), False),
    ],
)
def test_the_limit_of_processes_is_distinguished_from_other_causes(error: Exception, is_limit: bool) -> None:
    assert is_process_limit(error) is is_limit
    assert is_named_in(f"Traceback:\n{type(error).__name__}: {error}\n") is is_limit


@pytest.mark.slow
@pytest.mark.skipif(
    sys.platform != "linux" or not shutil.which("setpriv") or os.getuid() != 0,
    reason="root alone can become a user without processes",
)
@pytest.mark.parametrize("most", [5, 8, 11, 14])
def test_a_study_at_the_limit_of_processes_works_in_silence_or_says_why_not(
    original: Workspace, most: int
) -> None:
    # Folders of pytest are closed to other users.
    with tempfile.TemporaryDirectory() as home:
        workspace = copy_of(original, Path(home) / "workspace")
        path = write(workspace, study_toml(trials=3, workers=2))
        for each in [Path(home), *Path(home).rglob("*")]:
            os.chown(each, USER, -1)
        done = tune_at_the_limit(path, home, most)
    assert "Traceback" not in done.stderr
    assert "OpenBLAS" not in done.stderr
    if done.returncode:
        assert done.returncode == 1
        assert f"this user can have no more than {most} processes and threads" in done.stderr.splitlines()[-1]


def tune_at_the_limit(path: Path, home: str, most: int) -> subprocess.CompletedProcess[str]:
    """Run a study as a user who may have no more processes than so many."""
    allowed = "+dac_override,+dac_read_search"
    command = [
        *(
            "setpriv",
            f"--reuid={USER}",
            "--clear-groups",
            f"--inh-caps={allowed}",
            f"--ambient-caps={allowed}",
        ),
        *("bash", "-c", f'ulimit -u {most}; exec "$@"', "x"),
        *(sys.executable, "-m", "l5tui", "tune", str(path), "--workspace", str(path.parents[1])),
    ]
    # OpenBLAS starts as many threads in the command itself.
    environment = {**os.environ, "HOME": home, "TMPDIR": home, "OPENBLAS_NUM_THREADS": "2"}
    return subprocess.run(
        command,
        env=environment,
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
