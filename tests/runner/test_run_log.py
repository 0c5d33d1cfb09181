"""What the log says of one run among others."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from l5tui.errors import StoreError
from l5tui.runner.logs import LogFile, log_to
from l5tui.runner.run_log import run_log, without_origin
from l5tui.workspace import Workspace
from tests.logs import let_go_of_logs


@pytest.fixture
def log(workspace: Workspace) -> Iterator[logging.Logger]:
    """Writes to the workspace's log, which is let go of afterwards."""
    log_to(workspace)
    yield logging.getLogger("l5tui.test")
    let_go_of_logs()


def test_entries_that_name_a_run_come_whole_and_in_order(log: logging.Logger, workspace: Workspace) -> None:
    assert run_log(workspace, "20260101-000000-aaaaaa") == []
    log.info("run %s: begun", "20260101-000000-aaaaaa")
    log.info("run %s: begun", "20260101-000000-bbbbbb")
    # The log is put away and begun anew.
    handler = next(each for each in logging.getLogger("l5tui").handlers if isinstance(each, LogFile))
    handler.doRollover()
    try:
        raise ZeroDivisionError("a bug")
    except ZeroDivisionError as error:
        log.error("run %s failed", "20260101-000000-aaaaaa", exc_info=error)
    log.info("run %s: completed", "20260101-000000-bbbbbb")
    first, second, *traceback = run_log(workspace, "20260101-000000-aaaaaa")
    assert first.endswith("run 20260101-000000-aaaaaa: begun")
    assert second.endswith("run 20260101-000000-aaaaaa failed")
    short = [without_origin(line, "20260101-000000-aaaaaa") for line in (first, second, *traceback)]
    assert [line[20:] for line in short[:2]] == ["INFO    begun", "ERROR   failed"]
    assert short[2] == "Traceback (most recent call last):"
    assert short[-1] == "ZeroDivisionError: a bug"
    assert len(run_log(workspace, "20260101-000000-bbbbbb")) == 2


def test_a_log_that_cannot_be_read_is_reported(workspace: Workspace) -> None:
    workspace.log.mkdir(parents=True)
    with pytest.raises(StoreError, match="could not be read"):
        run_log(workspace, "20260101-000000-aaaaaa")
