"""Another process holds the lock of MLflow's database: runs and studies complete, and MLflow has them later."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from l5tui.tuning.study import list_studies
from l5tui.workspace import Workspace
from tests.cli.processes import l5tui, wait_until
from tests.tuning.searches import study_toml, write
from tests.workspaces import rows


@pytest.mark.slow
def test_a_locked_database_is_reported_in_a_line_and_caught_up_with(workspace: Workspace) -> None:
    tiny = str(workspace.experiments / "tiny.toml")
    search = write(workspace, study_toml(trials=2))
    with closing(sqlite3.connect(workspace.mlflow_database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        for arguments in (("run", "--headless", tiny), ("tune", str(search))):
            ended = l5tui(*arguments, folder=workspace.root)
            assert ended.returncode == 0
            (warning,) = (line for line in ended.stderr.splitlines() if line.startswith("warning: "))
            assert "another process holds its lock" in warning
            assert "sql" not in warning.replace(str(workspace.root), "").lower()
        other.execute("ROLLBACK")
    assert [row["mlflow_run"] for row in rows(workspace)] == [None]
    assert l5tui("run", "--headless", tiny, folder=workspace.root).returncode == 0
    assert all(row["mlflow_run"] for row in rows(workspace))
    assert l5tui("tune", str(search), folder=workspace.root).returncode == 0
    wait_until(
        lambda: all(study.mlflow_run for study in list_studies(workspace)), "the process beside it caught up"
    )
