"""Commands that only read work while another process writes, whatever rows are left to be closed."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing

import pytest

import l5tui
from l5tui.cli.completion import complete_run
from l5tui.runner.overview import overview
from l5tui.store import connection
from l5tui.store.studies import Studies
from l5tui.tuning.study import StudyStatus, list_studies
from l5tui.workspace import Workspace
from tests.cli.conftest import CommandLine
from tests.runner.running import run
from tests.tuning.searches import search, study_toml
from tests.workspaces import locked

DEAD = 4_194_000
"""A process id that no process has."""

READERS = (
    ("studies",),
    ("studies", "--json"),
    ("runs",),
    ("runs", "--json", "--status", "running"),
    ("show", "last"),
    ("show", "last", "--json"),
    ("export", "--table", "table.csv"),
    ("export", "last", "--to", "out"),
    ("figures", "last", "--which", "tuning", "--out", "figures"),
)


@pytest.mark.parametrize("is_stale", [False, True])
def test_reading_needs_no_lock(cli: CommandLine, monkeypatch: pytest.MonkeyPatch, is_stale: bool) -> None:
    monkeypatch.setattr(connection, "BUSY_TIMEOUT_S", 0.2)
    workspace = cli.workspace
    study = search(workspace, study_toml(trials=1)).record.id
    first, report = run(workspace), run(workspace)
    if is_stale:
        _leave_running(workspace, study)
    with locked(workspace):
        for arguments in (*READERS, ("compare", first.record.id, "last")):
            assert "locked" not in cli(*arguments).output
        shown = json.loads(cli("show", study, "--json").stdout)
        assert shown["status"] == ("running" if is_stale else "completed")
        ids = [report.record.id, first.record.id]
        assert [each.id for each in overview(workspace)] == ids
        assert [each for each, _ in complete_run("")] == ["last", *ids]
        assert list(l5tui.runs(workspace=workspace).index) == ids
        assert l5tui.open_run(workspace=workspace).id == report.record.id
        assert l5tui.open_study(workspace=workspace).id == study
    status = StudyStatus.STOPPED if is_stale else StudyStatus.COMPLETED
    assert [record.status for record in list_studies(workspace)] == [status]


def _leave_running(workspace: Workspace, study: str) -> None:
    """Leave a study and a run as a kill does."""
    assert Studies.open(workspace).find(study).status is StudyStatus.COMPLETED
    with closing(sqlite3.connect(workspace.catalog)) as opened, opened:
        for table in ("study", "run"):
            opened.execute(
                f"UPDATE {table} SET status = 'running', ended = NULL, pid = ?, process_started = NULL",
                (DEAD,),
            )
