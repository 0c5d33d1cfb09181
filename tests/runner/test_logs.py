"""The log of a workspace: one file for all processes, one line an entry."""

from __future__ import annotations

import logging
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from l5tui.runner import logs
from l5tui.runner.logs import concerning, log_to
from l5tui.workspace import Workspace
from tests.logs import let_go_of_logs
from tests.runner.running import run

RUN = "20260301-120005-yghz11"
HEAD = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} \d+ (DEBUG|INFO|WARNING|ERROR) (\S+) (\S+) (.+)")

log = logging.getLogger("l5tui.runner.test")


@pytest.fixture(autouse=True)
def _log(workspace: Workspace) -> Iterator[None]:
    log_to(workspace)
    yield
    let_go_of_logs()


def test_every_line_of_a_run_has_its_id(workspace: Workspace) -> None:
    with concerning(RUN):
        log.warning("no id in here")
        try:
            raise ValueError("two\nlines")
        except ValueError:
            log.exception("it went wrong")
    log.error("run %s, from outside", RUN)
    log.error("of no run")
    *lines, last = workspace.log.read_text().splitlines()
    assert len(lines) > 5
    assert all(RUN in line for line in lines)
    found = HEAD.fullmatch(last)
    assert found is not None
    assert found.groups() == ("ERROR", "-", "l5tui.runner.test", "of no run")


def test_what_people_wrote_cannot_make_a_line_or_steer_a_terminal(workspace: Workspace) -> None:
    log.error("run %s: %s", RUN, "x\n2026-01-01 00:00:00,000 1 ERROR - l5tui forged\x1b[2J\u202e")
    (line,) = workspace.log.read_text().splitlines()
    assert line.isprintable()


def test_a_run_that_fails_is_in_the_log_under_its_id(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("no measures")

    monkeypatch.setattr("l5tui.runner.run.measure", broken)
    failed = run(workspace).record
    lines = workspace.log.read_text().splitlines()
    assert any("RuntimeError: no measures" in line for line in lines)
    assert all(failed.id in line for line in lines)


@pytest.mark.slow
def test_rotation_by_several_processes_loses_nothing(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = f"""
import logging, sys
from pathlib import Path
from l5tui.runner import logs
from l5tui.workspace import Workspace
logs.MAX_BYTES, logs.KEPT_FILES = 4000, 100
logs.log_to(Workspace(Path({str(workspace.root)!r})))
for number in range(150):
    logging.getLogger("l5tui").info("message %s of %s.", number, sys.argv[1])
"""
    writers = [subprocess.Popen([sys.executable, "-c", program, name]) for name in ("one", "two", "three")]
    assert [writer.wait() for writer in writers] == [0, 0, 0]
    files = [path for path in workspace.store.glob("l5tui.log*") if path.suffix != ".lock"]
    found = re.findall(r"message (\d+) of (\w+)\.", "".join(path.read_text() for path in files))
    assert len(found) == len(set(found)) == 450
    assert len(files) > 5
    assert max(path.stat().st_size for path in files) < 8000


def test_it_stays_small(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "MAX_BYTES", 2000)
    log_to(workspace)
    for _ in range(200):
        log.info("x" * 100)
    files = [path for path in workspace.store.glob("l5tui.log*") if path.suffix != ".lock"]
    assert len(files) == logs.KEPT_FILES + 1
    assert sum(path.stat().st_size for path in files) < 10_000
