"""Files and rows that disagree are found, reported and repaired."""

from __future__ import annotations

import json
import os
import shutil
import threading
from dataclasses import replace
from pathlib import Path

import netCDF4
import psutil
import pytest

from l5tui.errors import StoreError
from l5tui.runner.curation import delete_run
from l5tui.runner.doctor import examine
from l5tui.runner.doctor.file_reading import FileReader
from l5tui.runner.doctor.files import Files
from l5tui.runner.doctor.finding import Kind
from l5tui.store.catalog import Catalog
from l5tui.workspace import Workspace
from tests.runner.doctor.examining import as_rebuilt, look, mend, runs, snapshot, sql

NEW_ATTRIBUTES = ("pid", "process_started", "group_id", "timings", "error", "measured")


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


def test_files_that_are_not_runs_are_reported_and_not_changed(
    workspace: Workspace, reader: FileReader
) -> None:
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
    (found,) = look(workspace, reader)[Kind.FILE_FOREIGN]
    assert "is not a run of l5tui" in found.what
    assert not trap.exists()


def test_a_row_cannot_lead_out_of_the_workspace(workspace: Workspace, reader: FileReader) -> None:
    outside = workspace.root.parent / "precious.nc"
    outside.write_bytes(b"precious")
    (victim, *_) = runs(workspace)
    sql(workspace.catalog, f"UPDATE run SET file = '../precious.nc' WHERE id = '{victim.id}'")
    (found,) = look(workspace, reader)[Kind.ROW_DISAGREES]
    assert found.columns == ("file",)
    own = workspace.runs / f"{victim.id}.nc"
    own.rename(workspace.root / "away.nc")
    (found,) = [each for each in look(workspace, reader)[Kind.FILE_FOREIGN] if each.where.startswith("run")]
    assert "../precious.nc" in found.what
    (workspace.root / "away.nc").rename(own)
    assert mend(workspace, reader)[0].findings == ()
    assert runs(workspace)[0].file == victim.file
    delete_run(workspace, victim.id)
    assert outside.read_bytes() == b"precious"


def test_a_reader_that_hangs_or_dies_is_replaced(workspace: Workspace) -> None:
    good = workspace.runs / f"{runs(workspace)[0].id}.nc"
    with FileReader(patience_s=60.0) as reader:
        known = set(psutil.Process().children())
        assert reader.read(good)["attributes"]["run_id"] == good.stem
        (child,) = set(psutil.Process().children()) - known
        child.suspend()
        threading.Timer(0.3, child.kill).start()
        with pytest.raises(StoreError, match=r"crashes the NetCDF library \(SIGKILL\)"):
            reader.read(good)
        assert reader.read(good)["attributes"]["run_id"] == good.stem
        reader.patience_s = 0.3
        (child,) = set(psutil.Process().children()) - known
        child.suspend()
        with pytest.raises(StoreError, match="could not be read within"):
            reader.read(good)
        assert set(psutil.Process().children()) == known


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write everything")
def test_output_that_cannot_be_written_is_reported(workspace: Workspace, reader: FileReader) -> None:
    workspace.runs.chmod(0o500)
    try:
        assert [each.where for each in look(workspace, reader)[Kind.FOLDER]] == ["store/runs"]
    finally:
        workspace.runs.chmod(0o700)


def test_findings_can_be_printed_as_json(workspace: Workspace, reader: FileReader) -> None:
    (workspace.runs / "x.nc").touch()
    found = json.loads(json.dumps(examine(workspace, files=Files(workspace, reader)).as_dict()))
    (finding,) = found["findings"]
    assert finding["kind"] == "file-foreign"
    assert finding["where"] == "store/runs/x.nc"
    assert finding["mendable"] is False
    assert found["missing_extras"] == sorted(
        found["missing_extras"], key=["cluster", "inference", "bench"].index
    )
