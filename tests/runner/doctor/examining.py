"""Examine and repair a workspace, with results that tests can compare."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from l5tui.runner.doctor import Examination, Finding, examine, repair
from l5tui.runner.doctor.file_reading import FileReader
from l5tui.runner.doctor.files import Files
from l5tui.runner.doctor.finding import Kind
from l5tui.store.catalog import Catalog
from l5tui.store.records import RunRecord
from l5tui.workspace import Workspace
from tests.workspaces import snapshot as whole_snapshot


def look(workspace: Workspace, reader: FileReader) -> dict[Kind, list[Finding]]:
    """What is wrong, by kind; each thing in one line."""
    found: dict[Kind, list[Finding]] = {}
    for each in examine(workspace, files=Files(workspace, reader)).findings:
        assert each.as_line().isprintable()
        found.setdefault(each.kind, []).append(each)
    return found


def mend(workspace: Workspace, reader: FileReader) -> tuple[Examination, list[str]]:
    """What is wrong still, and what was said."""
    said: list[str] = []
    return repair(workspace, said.append, reader=reader), said


def sql(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA foreign_keys=ON")
        for statement in statements:
            connection.execute(statement)


def snapshot(folder: Path) -> dict[str, tuple[int, int, str]]:
    """All that is in a folder, but for the memory that readers of SQLite share."""
    return {name: content for name, content in whole_snapshot(folder).items() if not name.endswith("-shm")}


def runs(workspace: Workspace) -> list[RunRecord]:
    """Oldest first."""
    return Catalog.open(workspace).runs()[::-1]


def as_rebuilt(record: RunRecord) -> RunRecord:
    """What a file knows of a run: not how long the last phases took, and its times to some seconds."""
    return replace(record, timings={}, started=None, ended=None, heartbeat=None)
