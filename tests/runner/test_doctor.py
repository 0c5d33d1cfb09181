"""What is wrong in a workspace is found, told and mended."""

from __future__ import annotations

import json
import os
import shutil
import socket
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import netCDF4
import psutil
import pytest

from l5tui.errors import StoreError
from l5tui.runner.curation import delete_run, note_run, tag_run
from l5tui.runner.doctor import Examination, Finding, examine, repair
from l5tui.runner.doctor.file_reading import FileReader
from l5tui.runner.doctor.files import Files
from l5tui.runner.doctor.finding import Kind
from l5tui.store.catalog import Catalog
from l5tui.store.process import process_start_time
from l5tui.store.records import NewRun, RunRecord, RunStatus
from l5tui.tracking.mlflow_database import relocate_all
from l5tui.workspace import Workspace
from tests.runner.running import in_mlflow, run
from tests.workspaces import DIVERGING, TINY
from tests.workspaces import snapshot as whole_snapshot

DEAD = 4_194_000
"""A process id that no process has."""

NEW_ATTRIBUTES = ("pid", "process_started", "group_id", "timings", "error", "measured")


@pytest.fixture(scope="module")
def full(original: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A workspace with four runs, the last of which diverged; two got notes and tags after they had ended."""
    root = tmp_path_factory.mktemp("full") / "workspace"
    shutil.copytree(original.root, root)
    made = Workspace(root)
    ids = [run(made).record.id for _ in range(3)]
    run(made, DIVERGING)
    tag_run(made, ids[0], add=["later"])
    note_run(made, ids[1], "noted later")
    return made


@pytest.fixture
def workspace(full: Workspace, tmp_path: Path) -> Workspace:
    """A copy of it in the same condition but for its place, which MLflow is told."""
    shutil.copytree(full.root, tmp_path / "copy")
    made = Workspace(tmp_path / "copy")
    relocate_all(made)
    return made


@pytest.fixture
def new_run() -> NewRun:
    """A run of this process."""
    pid = os.getpid()
    return NewRun(
        "new", 1, "0" * 64, TINY, "corrected", "none", socket.gethostname(), pid, process_start_time(pid)
    )


@pytest.fixture(scope="module")
def reader() -> Iterator[FileReader]:
    """One child for all tests, as it takes a second to begin."""
    with FileReader(patience_s=5.0) as begun:
        yield begun


def look(workspace: Workspace, reader: FileReader) -> dict[Kind, list[Finding]]:
    """What is wrong, by kind; each thing in one line."""
    found: dict[Kind, list[Finding]] = {}
    for each in examine(workspace, files=Files(workspace, reader)).findings:
        assert each.told().isprintable()
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
    return {name: told for name, told in whole_snapshot(folder).items() if not name.endswith("-shm")}


def runs(workspace: Workspace) -> list[RunRecord]:
    """Oldest first."""
    return Catalog.open(workspace).runs()[::-1]


def as_rebuilt(record: RunRecord) -> RunRecord:
    """What a file knows of a run: not how long the last phases took, and its times to some seconds."""
    return replace(record, timings={}, started=None, ended=None, heartbeat=None)


def test_nothing_is_wrong_and_nothing_is_changed(workspace: Workspace, reader: FileReader) -> None:
    examined = examine(workspace, files=Files(workspace, reader))
    assert (examined.findings, examined.runs, examined.files, examined.studies) == ((), 4, 4, 0)
    assert {"l5tui", "python", "numpy", "mlflow", "platform"} <= examined.versions.keys()
    before = snapshot(workspace.root)
    assert look(workspace, reader) == {}
    assert mend(workspace, reader)[1] == []
    assert snapshot(workspace.root) == before


def test_files_that_are_missing_truncated_or_altered(workspace: Workspace, reader: FileReader) -> None:
    missing, truncated, altered, _ = (workspace.runs / f"{each.id}.nc" for each in runs(workspace))
    missing.unlink()
    os.truncate(truncated, truncated.stat().st_size // 2)
    with netCDF4.Dataset(altered, "a") as file:
        file.setncattr("title", "another")
    found = look(workspace, reader)
    assert {kind: [Path(each.where).stem for each in some] for kind, some in found.items()} == {
        Kind.FILE_MISSING: [missing.stem],
        Kind.FILE_UNREADABLE: [truncated.stem],
        Kind.FILE_ALTERED: [altered.stem],
    }
    before = snapshot(workspace.store)
    examined, said = mend(workspace, reader)
    assert (len(examined.findings), said) == (3, [])
    assert snapshot(workspace.store) == before


def test_rows_are_made_again_from_files(workspace: Workspace, reader: FileReader) -> None:
    before, catalog = runs(workspace), Catalog.open(workspace)
    tables = [repr(catalog.tables(each.id)) for each in before]
    for suffix in ("", "-wal", "-shm"):
        workspace.catalog.with_name(f"catalog.sqlite{suffix}").unlink(missing_ok=True)
    assert len(look(workspace, reader)[Kind.ROW_MISSING]) == 4
    assert mend(workspace, reader)[0].findings == ()
    after = runs(workspace)
    assert list(map(as_rebuilt, after)) == list(map(as_rebuilt, before))
    assert [repr(catalog.tables(each.id)) for each in after] == tables
    assert [(each.tags[-1], each.notes) for each in after[:2]] == [
        ("later", "a note"),
        ("apple", "noted later"),
    ]
    assert after[3].error is not None
    for old, new in zip(before, after, strict=True):
        assert old.ended is not None
        assert new.ended is not None
        assert abs((new.ended - old.ended).total_seconds()) < 60


@pytest.mark.slow
def test_rows_are_made_again_from_files_of_an_older_version(workspace: Workspace, reader: FileReader) -> None:
    before = runs(workspace)
    for each in before:
        with netCDF4.Dataset(workspace.runs / f"{each.id}.nc", "a") as file:
            for name in NEW_ATTRIBUTES:
                file.delncattr(name)
    workspace.catalog.unlink()
    assert mend(workspace, reader)[0].findings == ()
    for old, new in zip(before, runs(workspace), strict=True):
        own = {"file_sha256": None, "pid": 0, "process_started": None}
        assert replace(as_rebuilt(old), **own) == replace(as_rebuilt(new), **own)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda raw: raw[: len(raw) // 2], id="half of it", marks=pytest.mark.slow),
        pytest.param(lambda raw: raw[:5000], id="its first page", marks=pytest.mark.slow),
        pytest.param(lambda raw: b"something else" * 1000, id="something else"),
        pytest.param(
            lambda raw: raw[:90_000] + os.urandom(20_000) + raw[110_000:],
            id="random bytes",
            marks=pytest.mark.slow,
        ),
    ],
)
def test_a_damaged_catalogue_is_made_anew(
    workspace: Workspace, reader: FileReader, damage: Callable[[bytes], bytes]
) -> None:
    before = runs(workspace)
    sql(workspace.catalog, "PRAGMA journal_mode=DELETE")
    broken = damage(workspace.catalog.read_bytes())
    workspace.catalog.write_bytes(broken)
    (told,) = look(workspace, reader)[Kind.CATALOGUE_DAMAGED]
    assert told.where == "store/catalog.sqlite"
    examined, said = mend(workspace, reader)
    assert examined.findings == (), said
    assert [as_rebuilt(each) for each in runs(workspace)] == [as_rebuilt(each) for each in before]
    (aside,) = workspace.store.glob("catalog.sqlite.damaged-*")
    assert aside.read_bytes() == broken
    assert len(in_mlflow(workspace)) == 4


@pytest.mark.slow
def test_what_has_no_file_is_saved_from_a_damaged_catalogue(
    workspace: Workspace, reader: FileReader, new_run: NewRun
) -> None:
    catalog = Catalog.open(workspace)
    failed = catalog.end(catalog.start(new_run).id, status=RunStatus.FAILED, error="no luck")
    sql(workspace.catalog, "PRAGMA journal_mode=DELETE")
    with closing(sqlite3.connect(workspace.catalog)) as connection:
        query = "SELECT rootpage FROM sqlite_master WHERE name = 'weight'"
        (page,), (size,) = (
            connection.execute(query).fetchone(),
            connection.execute("PRAGMA page_size").fetchone(),
        )
    with workspace.catalog.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(os.urandom(size))
    assert Kind.CATALOGUE_DAMAGED in look(workspace, reader)
    assert mend(workspace, reader)[0].findings == ()
    assert replace(runs(workspace)[-1], mlflow_run=None) == failed
    assert len(runs(workspace)) == 5


def test_a_row_that_was_changed_says_again_what_its_file_does(
    workspace: Workspace, reader: FileReader
) -> None:
    before = runs(workspace)
    first, second = before[0].id, before[1].id
    sql(
        workspace.catalog,
        f"UPDATE run SET loss = 1.5, rule = 'oja' WHERE id = '{first}'",
        f"UPDATE selectivity SET value = 9 WHERE run_id = '{second}' AND measure = 'DS'",
    )
    told = [each.what for each in look(workspace, reader)[Kind.ROW_DISAGREES]]
    assert [each.partition(": ")[2] for each in told] == ["rule, loss", "table selectivity"]
    assert mend(workspace, reader)[0].findings == ()
    assert runs(workspace) == before
    assert len(list(workspace.store.glob("catalog.sqlite.bak-*"))) == 1


@pytest.mark.slow
def test_stale_runs_and_leftovers(workspace: Workspace, reader: FileReader, new_run: NewRun) -> None:
    catalog = Catalog.open(workspace)
    stale = catalog.start(replace(new_run, pid=DEAD, process_started=None))
    alive = catalog.start(new_run)
    killed = runs(workspace)[0]
    # Killed after its file was in place and before its row was told.
    sql(
        workspace.catalog,
        f"UPDATE run SET status = 'running', file = NULL, file_sha256 = NULL, loss = NULL, ended = NULL,"
        f" pid = {DEAD}, process_started = NULL WHERE id = '{killed.id}'",
        f"DELETE FROM selectivity WHERE run_id = '{killed.id}'",
    )
    gone = workspace.runs / f"x.{socket.gethostname()}.{DEAD}.part"
    own = workspace.runs / f"y.{socket.gethostname()}.{os.getpid()}.part"
    for part in (gone, own):
        part.write_bytes(b"x")
    found = look(workspace, reader)
    assert {each.subject for each in found[Kind.STALE_RUN]} == {stale.id, killed.id}
    assert [each.subject for each in found[Kind.LEFTOVER]] == [gone.name]
    assert mend(workspace, reader)[0].findings == ()
    assert (gone.exists(), own.exists()) == (False, True)
    assert catalog.find(stale.id).status == RunStatus.FAILED
    assert str(catalog.find(stale.id).error).startswith("interrupted: process")
    assert catalog.find(alive.id).status == RunStatus.RUNNING
    again = catalog.find(killed.id)
    assert (again.status, again.file, again.file_sha256) == (killed.status, killed.file, killed.file_sha256)


def test_files_of_strangers_are_told_and_left_alone(workspace: Workspace, reader: FileReader) -> None:
    (workspace.runs / "noise.nc").write_bytes(b"\x89HDF\r\n\x1a\n" + os.urandom(5000))
    (workspace.runs / "text.nc").write_text("not a file of numbers")
    with netCDF4.Dataset(workspace.runs / "other.nc", "w") as file:
        file.createDimension("x", 3)
        file.createVariable("y", "f8", ("x",))[:] = 1
    name = runs(workspace)[0].id
    shutil.copy(workspace.runs / f"{name}.nc", workspace.runs / "20200101-000000-000000.nc")
    found = look(workspace, reader)
    assert found.keys() == {Kind.FILE_FOREIGN}
    assert [Path(each.where).name for each in found[Kind.FILE_FOREIGN]] == [
        *("20200101-000000-000000.nc", "noise.nc", "other.nc", "text.nc"),
    ]
    before = snapshot(workspace.runs)
    assert len(mend(workspace, reader)[0].findings) == 4
    assert snapshot(workspace.runs) == before


def test_attributes_are_data(workspace: Workspace, reader: FileReader, tmp_path: Path) -> None:
    trap = tmp_path / "trap"
    (victim, *_) = runs(workspace)
    path = workspace.runs / f"{victim.id}.nc"
    with netCDF4.Dataset(path, "a") as file:
        file.setncattr("experiment_toml", f"__import__('os').mkdir({str(trap)!r})")
        file.setncattr("versions", f"!!python/object/apply:os.mkdir [{str(trap)!r}]")
    sql(workspace.catalog, f"DELETE FROM run WHERE id = '{victim.id}'")
    (told,) = look(workspace, reader)[Kind.FILE_FOREIGN]
    assert "is not a run of l5tui" in told.what
    assert not trap.exists()


def test_a_row_cannot_lead_out_of_the_workspace(workspace: Workspace, reader: FileReader) -> None:
    outside = workspace.root.parent / "precious.nc"
    outside.write_bytes(b"precious")
    (victim, *_) = runs(workspace)
    sql(workspace.catalog, f"UPDATE run SET file = '../precious.nc' WHERE id = '{victim.id}'")
    (told,) = [each for each in look(workspace, reader)[Kind.FILE_FOREIGN] if each.where.startswith("run")]
    assert "../precious.nc" in told.what
    mend(workspace, reader)
    delete_run(workspace, victim.id)
    assert outside.read_bytes() == b"precious"


@pytest.mark.slow
def test_a_reader_that_hangs_or_dies_is_replaced(workspace: Workspace, tmp_path: Path) -> None:
    trap, good = tmp_path / "trap.nc", workspace.runs / f"{runs(workspace)[0].id}.nc"
    # Opening a pipe that nobody writes to waits for ever.
    os.mkfifo(trap)
    with FileReader(patience_s=60.0) as reader:
        known = set(psutil.Process().children())
        assert reader.read(good)["attributes"]["run_id"] == good.stem
        (child,) = set(psutil.Process().children()) - known
        threading.Timer(0.3, child.kill).start()
        with pytest.raises(StoreError, match=r"crashes the NetCDF library \(SIGKILL\)"):
            reader.read(trap)
        assert reader.read(good)["attributes"]["run_id"] == good.stem
        reader.patience_s = 0.3
        with pytest.raises(StoreError, match="could not be read within"):
            reader.read(trap)
        assert set(psutil.Process().children()) == known


def test_a_workspace_that_was_moved(full: Workspace, tmp_path: Path, reader: FileReader) -> None:
    shutil.copytree(full.root, tmp_path / "elsewhere")
    moved = Workspace(tmp_path / "elsewhere")
    assert look(moved, reader).keys() == {Kind.MLFLOW_MOVED}
    assert mend(moved, reader)[0].findings == ()
    for each in in_mlflow(moved).values():
        assert str(each.info.artifact_uri).startswith(moved.mlflow_artifacts.as_uri())
        assert Path(each.data.tags["l5tui.file"]).is_relative_to(moved.runs)


@pytest.mark.slow
def test_mlflow_is_made_to_agree(workspace: Workspace, reader: FileReader) -> None:
    lost, wrong, bare, twice = runs(workspace)
    (workspace.mlflow_artifacts / str(bare.mlflow_run)).rename(workspace.root / "away")
    sql(
        workspace.mlflow_database,
        f"UPDATE runs SET status = 'FAILED' WHERE run_uuid = '{wrong.mlflow_run}'",
        f"UPDATE tags SET value = '{twice.id}' WHERE key = 'l5tui.run_id' AND run_uuid = '{lost.mlflow_run}'",
    )
    sql(workspace.catalog, f"UPDATE run SET mlflow_run = 'gone' WHERE id = '{lost.id}'")
    found = look(workspace, reader)
    assert {kind: len(some) for kind, some in found.items()} == {
        Kind.MLFLOW_MISSING: 2,
        Kind.MLFLOW_DISAGREES: 1,
        Kind.MLFLOW_UNFINISHED: 1,
    }
    assert mend(workspace, reader)[0].findings == ()
    told = in_mlflow(workspace)
    assert {each.id: each.mlflow_run for each in runs(workspace)} == {
        run_id: each.info.run_id for run_id, each in told.items()
    }
    assert told[wrong.id].info.status == "FINISHED"


@pytest.mark.slow
def test_a_damaged_mlflow_database_is_made_anew(workspace: Workspace, reader: FileReader) -> None:
    workspace.mlflow_database.write_bytes(b"no database" * 1000)
    assert look(workspace, reader).keys() == {Kind.MLFLOW_DAMAGED}
    assert mend(workspace, reader)[0].findings == ()
    assert in_mlflow(workspace).keys() == {each.id for each in runs(workspace)}
    assert [path.read_bytes()[:11] for path in workspace.mlruns.glob("mlflow.db.damaged-*")] == [
        b"no database"
    ]


def test_a_newer_catalogue_is_left_alone(workspace: Workspace, reader: FileReader) -> None:
    sql(workspace.catalog, "UPDATE alembic_version SET version_num = '0999'")
    (told,) = look(workspace, reader)[Kind.CATALOGUE_UNUSABLE]
    assert "newer l5tui" in told.what
    before = snapshot(workspace.store)
    mend(workspace, reader)
    assert snapshot(workspace.store) == before


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write everything")
def test_what_cannot_be_written_is_told(workspace: Workspace, reader: FileReader) -> None:
    workspace.runs.chmod(0o500)
    try:
        assert [each.where for each in look(workspace, reader)[Kind.FOLDER]] == ["store/runs"]
    finally:
        workspace.runs.chmod(0o700)


def test_it_can_be_told_as_json(workspace: Workspace, reader: FileReader) -> None:
    (workspace.runs / "x.nc").touch()
    told = json.loads(json.dumps(examine(workspace, files=Files(workspace, reader)).as_dict()))
    (finding,) = told["findings"]
    assert finding["kind"] == "file-foreign"
    assert finding["where"] == "store/runs/x.nc"
    assert finding["mendable"] is False
    assert told["missing_extras"] == sorted(told["missing_extras"], key=["cluster", "bench"].index)
