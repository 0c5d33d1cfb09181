"""Transactions, and what is said when SQLite fails."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from l5tui.analysis.tables import RunTables
from l5tui.errors import StoreError
from l5tui.store import connection as store_connection
from l5tui.store import filesystem
from l5tui.store.catalog import Catalog
from l5tui.store.connection import connect
from l5tui.store.database import Database
from l5tui.store.records import NewRun, RunStatus
from l5tui.workspace import Workspace


@pytest.fixture
def database(workspace: Workspace, catalog: Catalog, new_run: NewRun) -> Database:
    """A database with one run."""
    catalog.start(new_run)
    return Database(workspace.catalog)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Another connection that writes."""
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def names(database: Database) -> list[str]:
    with database.session() as session:
        return [row[0] for row in session.execute(text("SELECT name FROM run"))]


def _execute(database: Database, *statements: str) -> None:
    with database.session(write=True) as session:
        for statement in statements:
            session.execute(text(statement))


def test_settings_of_every_connection(database: Database) -> None:
    for write in (False, True):
        with database.session(write=write) as session:
            got = {
                name: session.scalar(text(f"PRAGMA {name}"))
                for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
            }
        assert got == {"journal_mode": "wal", "synchronous": 1, "foreign_keys": 1, "busy_timeout": 30_000}


def test_shared_file_systems_get_the_rollback_journal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, new_run: NewRun
) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(f"server:/x {tmp_path} nfs4 rw 0 0\n")
    monkeypatch.setattr(filesystem, "MOUNTS", mounts)
    (tmp_path / "store").mkdir()
    workspace = Workspace(tmp_path)
    Catalog.open(workspace).start(new_run)
    with closing(connect(workspace.catalog)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)
        assert connection.execute("PRAGMA synchronous").fetchone() == (2,)


def _change_and_raise(database: Database, error: type[BaseException]) -> None:
    with database.session(write=True) as session:
        session.execute(text("UPDATE run SET name = 'changed'"))
        raise error


def test_changes_are_undone_on_any_exception(database: Database) -> None:
    before = names(database)
    for error in (RuntimeError, KeyboardInterrupt):
        with pytest.raises(error):
            _change_and_raise(database, error)
    assert names(database) == before


def test_writers_wait_for_each_other(database: Database) -> None:
    order: list[str] = []

    def late() -> None:
        with database.session(write=True) as session:
            order.append("late")
            session.execute(text("UPDATE run SET name = name || ' late'"))

    thread = threading.Thread(target=late)
    with database.session(write=True) as session:
        session.execute(text("SELECT count(*) FROM run"))
        thread.start()
        thread.join(0.3)
        order.append("early")
        session.execute(text("UPDATE run SET name = 'early'"))
    thread.join()
    assert order == ["early", "late"]
    assert names(database) == ["early late"]


def test_readers_do_not_wait_and_see_one_state(database: Database) -> None:
    before = names(database)
    with database.session() as reader:
        first = reader.execute(text("SELECT name FROM run")).all()
        with database.session(write=True) as writer:
            writer.execute(text("UPDATE run SET name = 'changed'"))
        assert reader.execute(text("SELECT name FROM run")).all() == first
    assert [row.name for row in first] == before
    assert names(database) == ["changed"]


def test_what_belongs_to_a_run_goes_with_it(
    database: Database, catalog: Catalog, tables: RunTables, new_run: NewRun
) -> None:
    run_id = catalog.start(new_run).id
    catalog.complete(run_id, status=RunStatus.COMPLETED, file="x.nc", sha256="0", tables=tables, timings={})
    children = ("run_tag", "selectivity", "weight", "summary", "loss_term")
    count = " + ".join(f"(SELECT count(*) FROM {table} WHERE run_id = :id)" for table in children)
    cells = 2 + len(tables.selectivity) + len(tables.weights) + len(tables.summary) + len(tables.loss_terms)
    with database.session(write=True) as session:
        assert session.scalar(text(f"SELECT {count}"), {"id": run_id}) == cells
        session.execute(text("DELETE FROM run WHERE id = :id"), {"id": run_id})
        assert session.scalar(text(f"SELECT {count}"), {"id": run_id}) == 0
    assert len(names(database)) == 1


def test_unknown_status_is_refused(database: Database) -> None:
    with pytest.raises(StoreError, match="known_status"), database.session(write=True) as session:
        session.execute(text("UPDATE run SET status = 'done'"))


def test_full_disk(workspace: Workspace, database: Database) -> None:
    before = names(database)
    with pytest.raises(StoreError) as raised:
        _execute(database, "PRAGMA max_page_count = 1", "UPDATE run SET toml = hex(zeroblob(1000000))")
    assert str(raised.value) == f"{workspace.catalog} could not grow: the disk is full; free some space"
    assert names(database) == before


def test_locked(
    workspace: Workspace, catalog: Catalog, new_run: NewRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_connection, "BUSY_TIMEOUT_S", 0.05)
    with locked(workspace.catalog):
        with pytest.raises(StoreError, match=r"catalog.sqlite is locked by another process; wait for it"):
            catalog.start(new_run)
        assert catalog.runs() == []
    catalog.start(new_run)


def test_read_only(workspace: Workspace, database: Database) -> None:
    with pytest.raises(StoreError, match=r"catalog.sqlite is read-only; make it"):
        _execute(database, "PRAGMA query_only = ON", "DELETE FROM run")
    assert len(names(database)) == 1


def test_folder_without_permission(workspace: Workspace, catalog: Catalog, new_run: NewRun) -> None:
    workspace.store.chmod(0o500)
    workspace.catalog.chmod(0o400)
    try:
        if os.access(workspace.store, os.W_OK):
            pytest.skip("this user may write anything")
        with pytest.raises(StoreError, match=r"can(not)? be (opened|written)|read-only"):
            catalog.start(new_run)
        assert catalog.runs() == []
    finally:
        workspace.store.chmod(0o700)


def test_vanished_file_is_not_made_anew(workspace: Workspace, catalog: Catalog) -> None:
    workspace.catalog.unlink()
    with pytest.raises(
        StoreError, match=r"catalog.sqlite cannot be opened; check that it and its folder exist"
    ):
        catalog.runs()
    assert not workspace.catalog.exists()


def test_damage_is_reported_in_one_line(workspace: Workspace, database: Database) -> None:
    size = workspace.catalog.stat().st_size
    with workspace.catalog.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * (size - 4096))
    with pytest.raises(StoreError) as raised:
        names(database)
    assert str(raised.value).startswith(f"{workspace.catalog} is damaged; ")
    assert "\n" not in str(raised.value)
