"""What is copied out of a damaged catalogue: rows that can be read again, and no others."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from l5tui.store.catalog import Catalog
from l5tui.store.records import NewRun
from l5tui.store.salvage import salvage
from l5tui.store.schema_version import ensure_schema
from l5tui.workspace import Workspace


@pytest.mark.parametrize(
    ("column", "value"),
    [("versions", "[]"), ("versions", "{"), ("created", "yesterday"), ("seed", "many"), ("versions", 5)],
)
def test_a_row_that_could_not_be_read_is_left_behind(
    workspace: Workspace, catalog: Catalog, new_run: NewRun, tmp_path: Path, column: str, value: object
) -> None:
    sound, broken = catalog.start(new_run).id, catalog.start(new_run).id
    with closing(sqlite3.connect(workspace.catalog)) as connection, connection:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        connection.execute(f"UPDATE run SET {column} = ? WHERE id = ?", (value, broken))
    target = tmp_path / "new.sqlite"
    ensure_schema(target)
    assert salvage(workspace.catalog, target) == 1
    with closing(sqlite3.connect(target)) as connection:
        assert connection.execute("SELECT id FROM run").fetchall() == [(sound,)]
