"""Creating the tables, and bringing old ones up to date."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from l5tui.analysis.tables import RunTables
from l5tui.errors import StoreError
from l5tui.store import (
    schema_version,
    study_models,  # noqa: F401  (its tables are part of the schema)
)
from l5tui.store.catalog import Catalog
from l5tui.store.connection import connect
from l5tui.store.database import make_engine
from l5tui.store.models import Base
from l5tui.store.records import NewRun, RunStatus
from l5tui.store.schema_version import HEAD, MIGRATIONS, ensure_schema, stored_revision
from l5tui.workspace import Workspace

FROZEN = Path(__file__).parent / "frozen"
NEXT = f"{int(HEAD) + 1:04}"

REBUILD = """
import time
from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "{new}"
down_revision = "{old}"


def upgrade():
    with op.batch_alter_table("run", recreate="always") as run:
        run.add_column(sa.Column("study", sa.Text()))
    {then}
"""


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def folder(path: Path) -> dict[str, str]:
    """What is in a folder, the lock left out."""
    return {file.name: digest(file) for file in path.iterdir() if file.suffix != ".lock"}


def restored(name: str, path: Path) -> None:
    """Make a database from its SQL."""
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript((FROZEN / name).read_text(encoding="utf-8"))


def next_migrations(tmp_path: Path, then: str) -> Path:
    """The migrations, and one more that rebuilds the table of runs and then does something."""
    migrations = tmp_path / "migrations"
    shutil.copytree(MIGRATIONS, migrations)
    (migrations / "versions" / f"{NEXT}_study.py").write_text(REBUILD.format(old=HEAD, new=NEXT, then=then))
    return migrations


@pytest.fixture
def finished(catalog: Catalog, new_run: NewRun, tables: RunTables) -> str:
    """Id of a completed run."""
    run_id = catalog.start(new_run).id
    catalog.complete(
        run_id, status=RunStatus.COMPLETED, file="x.nc", sha256="0", tables=tables, timings={"a": 1.0}
    )
    return run_id


def test_head_is_the_newest_migration() -> None:
    assert ScriptDirectory(str(MIGRATIONS)).get_current_head() == HEAD


def test_migrations_make_what_the_models_say(workspace: Workspace, catalog: Catalog) -> None:
    engine = make_engine(workspace.catalog)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_tables_are_word_for_word_those_of_the_models(workspace: Workspace, catalog: Catalog) -> None:
    def described(connection: sqlite3.Connection) -> dict[str, str]:
        rows = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")
        # A table that was rebuilt under another name and renamed has its name in quotes.
        plain = ((name, sql.replace(f'TABLE "{name}"', f"TABLE {name}")) for name, sql in rows)
        return {name: " ".join(sql.split()) for name, sql in plain if name != "alembic_version"}

    engine = make_engine(workspace.store / "models.sqlite", create=True)
    Base.metadata.create_all(engine)
    with closing(connect(workspace.store / "models.sqlite")) as connection:
        from_models = described(connection)
    with closing(connect(workspace.catalog)) as connection:
        from_migrations = described(connection)
    assert from_migrations == from_models
    assert "'running', 'completed', 'failed', 'cancelled', 'diverged'" in from_models["run"]


def test_empty_file_is_filled(workspace: Workspace, new_run: NewRun) -> None:
    workspace.catalog.touch()
    Catalog.open(workspace).start(new_run)
    assert stored_revision(workspace.catalog) == HEAD


def test_opening_again_changes_nothing_and_is_quick(workspace: Workspace, finished: str) -> None:
    before = folder(workspace.store)
    ensure_schema(workspace.catalog)
    assert folder(workspace.store) == before
    program = """
import sys
from pathlib import Path
from l5tui.store.catalog import Catalog
from l5tui.workspace import Workspace
catalog = Catalog.open(Workspace(Path(sys.argv[1])))
assert len(catalog.runs()) == 1
heavy = {"alembic", "mako", "filelock", "xarray", "netCDF4", "h5py", "numpy", "pandas", "mlflow"}
print(sorted(heavy & {name.partition(".")[0] for name in sys.modules}))
"""
    done = subprocess.run(
        [sys.executable, "-c", program, str(workspace.root)], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


def test_logging_is_left_alone(workspace: Workspace) -> None:
    program = """
import logging, sys
from pathlib import Path
before = (list(logging.root.handlers), logging.root.level)
from l5tui.store.schema_version import ensure_schema
ensure_schema(Path(sys.argv[1]))
assert (list(logging.root.handlers), logging.root.level) == before
for name, logger in logging.root.manager.loggerDict.items():
    if isinstance(logger, logging.Logger):
        assert not logger.disabled, name
        assert all(isinstance(handler, logging.NullHandler) for handler in logger.handlers), name
"""
    done = subprocess.run(
        [sys.executable, "-c", program, str(workspace.catalog)], capture_output=True, text=True, check=True
    )
    assert (done.stdout, done.stderr) == ("", "")


def test_newer_revision_is_refused_untouched(workspace: Workspace, finished: str) -> None:
    with closing(sqlite3.connect(workspace.catalog)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '0999'")
    before = folder(workspace.store)
    with pytest.raises(StoreError, match=r"written by a newer l5tui: it has revision 0999, .*; update l5tui"):
        Catalog.open(workspace)
    assert folder(workspace.store) == before


@pytest.mark.parametrize(
    "schema",
    ["CREATE TABLE t (x)", "CREATE TABLE alembic_version (version_num TEXT)", "CREATE TABLE run (id)"],
)
def test_database_of_something_else_is_refused_untouched(workspace: Workspace, schema: str) -> None:
    with closing(sqlite3.connect(workspace.catalog)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute(schema)
    before = folder(workspace.store)
    with pytest.raises(StoreError, match="is not a catalogue of l5tui"):
        Catalog.open(workspace)
    assert folder(workspace.store) == before


def test_what_is_no_database_is_refused_untouched(workspace: Workspace) -> None:
    workspace.catalog.write_text("not a database, and longer than the header of one\n" * 100)
    before = folder(workspace.store)
    with pytest.raises(StoreError, match="is not a SQLite database"):
        Catalog.open(workspace)
    assert folder(workspace.store) == before
    workspace.catalog.unlink()
    workspace.catalog.mkdir()
    with pytest.raises(StoreError, match="cannot be opened"):
        Catalog.open(workspace)


def test_missing_store_is_reported(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be created: its folder does not exist") as raised:
        Catalog.open(Workspace(tmp_path))
    assert "\n" not in str(raised.value)
    assert list(tmp_path.iterdir()) == []


def test_migration_keeps_everything_and_a_copy(
    workspace: Workspace, finished: str, tables: RunTables, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = Catalog.open(workspace)
    run = old.find(finished)
    monkeypatch.setattr(schema_version, "MIGRATIONS", next_migrations(tmp_path, "pass"))
    monkeypatch.setattr(schema_version, "HEAD", NEXT)
    new = Catalog.open(workspace)
    assert stored_revision(workspace.catalog) == NEXT
    assert new.find(finished) == run
    assert new.tables(finished).weights == tables.weights
    backup = workspace.catalog.with_name(f"catalog.sqlite.bak-{HEAD}")
    assert stored_revision(backup) == HEAD
    with closing(sqlite3.connect(backup)) as connection:
        assert connection.execute("SELECT id FROM run").fetchall() == [(finished,)]
        assert connection.execute("SELECT count(*) FROM weight").fetchone() == (len(tables.weights),)
    assert {name.partition("-")[0] for name in folder(workspace.store)} == {
        "catalog.sqlite",
        "catalog.sqlite.bak",
    }


def test_failed_migration_leaves_the_database_as_it_was(
    workspace: Workspace, finished: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Catalog.open(workspace).find(finished)
    failing = "op.execute('DELETE FROM run'); op.execute('INSERT INTO nowhere VALUES (1)')"
    with monkeypatch.context() as patched:
        patched.setattr(schema_version, "MIGRATIONS", next_migrations(tmp_path, failing))
        patched.setattr(schema_version, "HEAD", NEXT)
        with pytest.raises(StoreError, match=r"catalog.sqlite: no such table: nowhere"):
            Catalog.open(workspace)
    assert stored_revision(workspace.catalog) == HEAD
    assert Catalog.open(workspace).runs() == [run]


def test_migration_that_orphans_rows_is_undone(
    workspace: Workspace, finished: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Catalog.open(workspace).find(finished)
    with monkeypatch.context() as patched:
        patched.setattr(
            schema_version, "MIGRATIONS", next_migrations(tmp_path, "op.execute('DELETE FROM run')")
        )
        patched.setattr(schema_version, "HEAD", NEXT)
        with pytest.raises(StoreError, match=r"could not be migrated: \d+ rows refer to missing runs"):
            Catalog.open(workspace)
    assert Catalog.open(workspace).runs() == [run]


def test_migration_that_is_killed_is_done_by_the_next(
    workspace: Workspace, finished: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Catalog.open(workspace).find(finished)
    mark = tmp_path / "half way"
    then = f"p = Path({str(mark)!r}); first = not p.exists(); p.touch(); time.sleep(60 if first else 0)"
    migrations = next_migrations(tmp_path, then)
    program = f"""
from pathlib import Path
from l5tui.store import schema_version
schema_version.MIGRATIONS, schema_version.HEAD = Path({str(migrations)!r}), {NEXT!r}
schema_version.ensure_schema(Path({str(workspace.catalog)!r}))
"""
    with subprocess.Popen([sys.executable, "-c", program]) as child:
        until = time.monotonic() + 30
        while not mark.exists() and time.monotonic() < until:
            time.sleep(0.01)
        child.kill()
    assert mark.exists()
    assert stored_revision(workspace.catalog) == HEAD
    monkeypatch.setattr(schema_version, "MIGRATIONS", migrations)
    monkeypatch.setattr(schema_version, "HEAD", NEXT)
    assert Catalog.open(workspace).runs() == [run]
    assert stored_revision(workspace.catalog) == NEXT


@pytest.mark.parametrize("name", sorted(path.name for path in FROZEN.glob("*.sql")))
def test_frozen_database_is_brought_up_to_date_and_used(
    workspace: Workspace, name: str, new_run: NewRun, tables: RunTables
) -> None:
    restored(name, workspace.catalog)
    assert stored_revision(workspace.catalog) == name.removesuffix(".sql")
    catalog = Catalog.open(workspace)
    assert stored_revision(workspace.catalog) == HEAD
    backup = workspace.catalog.with_name(f"catalog.sqlite.bak-{name.removesuffix('.sql')}")
    assert backup.exists() == (name != f"{HEAD}.sql")
    if backup.exists():
        assert stored_revision(backup) == name.removesuffix(".sql")
    assert [(run.id, run.status, run.tags) for run in catalog.runs()] == [
        ("20260303-120000-00001c", RunStatus.RUNNING, ()),
        ("20260302-120000-00001b", RunStatus.FAILED, ("apple",)),
        ("20260301-120000-00001a", RunStatus.COMPLETED, ("zebra", "apple")),
    ]
    first = catalog.find("00001a")
    assert (first.seed, first.rule, first.loss, first.timings) == (2**63 - 1, "oja", 1 / 3, {"simulate": 0.5})
    assert repr(catalog.tables(first.id)) == repr(tables).replace("-inf", "nan").replace("inf", "nan")
    (stale,) = catalog.close_stale(host="another")
    assert stale.id == "20260303-120000-00001c"
    assert catalog.runs(group="of three") == ([first] if name >= "0002" else [])
    run = catalog.start(replace(new_run, tags=("new",), group_id="new group"))
    done = catalog.complete(
        run.id, status=RunStatus.COMPLETED, file="x.nc", sha256="0", tables=tables, timings={}
    )
    assert catalog.runs(tag="new") == catalog.runs(group="new group") == [done]


def test_every_revision_has_a_frozen_database() -> None:
    revisions = {script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions()}
    assert {path.stem for path in FROZEN.glob("*.sql")} == revisions
