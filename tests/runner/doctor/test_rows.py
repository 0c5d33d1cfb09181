"""Every column of a run's row is checked; a row that cannot be read stops no listing and is restored."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest
from typer.testing import CliRunner

import l5tui
from l5tui.cli.commands import app
from l5tui.errors import DamagedRowError
from l5tui.runner.curation import delete_run
from l5tui.runner.doctor.file_reading import FileReader
from l5tui.runner.doctor.finding import Kind
from l5tui.runner.history import list_runs, show_run
from l5tui.runner.overview import overview
from l5tui.runner.rerun import fork_run, rerun
from l5tui.store.catalog import Catalog
from l5tui.store.records import NewRun, RunRecord, RunStatus
from l5tui.workspace import Workspace
from tests.runner.doctor.examining import look, mend, runs, sql

GARBAGE = {
    "name": "x'ff00fe'",
    "created": "'yesterday'",
    "started": "'2026-01-01 00:00 or so'",
    "ended": "12",
    "heartbeat": "x'00'",
    "host": "'elsewhere'",
    "pid": "'many'",
    "process_started": "'never'",
    "seed": "'seed'",
    "hash": "'0'",
    "variant": "'other'",
    "rule": "'other'",
    "git_commit": "'0'",
    "git_dirty": "17",
    "file": "'../../elsewhere.nc'",
    "file_sha256": "x'00'",
    "loss": "'much'",
    "error": "'none'",
    "timings": '\'{"simulate": "long"}\'',
    "versions": "'[1]'",
    "notes": "x'ff'",
    "group_id": "'group'",
    "toml": "'name = \"another\"'",
}
"""A value that is none, or another one, for each column."""


def damage(workspace: Workspace, run_id: str, columns: dict[str, str] = GARBAGE) -> None:
    with closing(sqlite3.connect(workspace.catalog)) as connection, connection:
        connection.execute("PRAGMA ignore_check_constraints=ON")
        for name, value in columns.items():
            connection.execute(f"UPDATE run SET {name} = {value} WHERE id = ?", (run_id,))


def test_the_columns_are_all_that_a_row_has(workspace: Workspace) -> None:
    with closing(sqlite3.connect(workspace.catalog)) as connection:
        names = {row[1] for row in connection.execute("PRAGMA table_info(run)")}
    # An id, a status and a record in MLflow have tests of their own.
    assert names - {"id", "status", "mlflow_run"} == GARBAGE.keys()


@pytest.mark.parametrize("columns", [*({name: value} for name, value in GARBAGE.items()), GARBAGE], ids=len)
def test_a_damaged_row_stops_no_listing(workspace: Workspace, columns: dict[str, str]) -> None:
    before = runs(workspace)
    damage(workspace, before[0].id, columns)
    assert [run.id for run in list_runs(workspace)] == [run.id for run in before[::-1]]
    assert [run.id for run in overview(workspace)] == [run.id for run in before[::-1]]
    show_run(workspace, before[0].id).as_json()
    assert show_run(workspace, "last").record == before[-1]


def test_damaged_rows_are_shown_as_such(workspace: Workspace, new_run: NewRun) -> None:
    (first, *_) = before = runs(workspace)
    damage(workspace, first.id)
    sql(workspace.catalog, f"UPDATE selectivity SET value = 'x' WHERE run_id = '{before[1].id}'")
    place = ["--workspace", str(workspace.root)]
    for command in (["runs"], ["runs", "--json"], ["show", first.id], ["runs", "status:damaged"]):
        done = CliRunner().invoke(app, [*command, *place])
        assert done.exit_code == 0, done.output
        assert "damaged" in done.output
        assert "is not" in done.output
    assert "cannot be read" in CliRunner().invoke(app, ["show", before[1].id, "--json", *place]).output
    frame = l5tui.runs(workspace=workspace.root)
    assert list(frame["status"]) == [*(str(run.status) for run in before[:0:-1]), "damaged"]
    # Others go on.
    assert Catalog.open(workspace).start(new_run).status == RunStatus.RUNNING


def test_every_column_is_restored_from_the_file(workspace: Workspace, reader: FileReader) -> None:
    before = runs(workspace)
    first, second, third, fourth = (run.id for run in before)
    damage(workspace, first)
    # Another run's values, which are all of the right kind.
    sql(
        workspace.catalog,
        f"UPDATE run SET (toml, versions, timings) = (SELECT toml, '{{}}', '{{}}' FROM run WHERE id = '{fourth}')"
        f" WHERE id = '{second}'",
        f"UPDATE run SET file_sha256 = '{'0' * 64}' WHERE id = '{third}'",
    )
    found = look(workspace, reader)
    finding = {each.subject: set(each.columns) for each in found[Kind.ROW_DISAGREES]}
    assert finding.keys() == {first, second, third}
    assert GARBAGE.keys() - {"file_sha256"} <= finding[first] | {"file_sha256"}
    assert finding[second] == {"toml", "versions", "timings"}
    assert finding[third] == {"file_sha256"}
    examined, said = mend(workspace, reader)
    assert examined.findings == (), said
    after = runs(workspace)
    assert not any(line.startswith("not ") for line in said), said
    assert [_without_times(run) for run in after] == [_without_times(run) for run in before]
    assert after[0].timings.items() <= before[0].timings.items()


def test_what_has_no_file_is_restored_from_mlflow_or_reported(
    workspace: Workspace, reader: FileReader, new_run: NewRun
) -> None:
    catalog = Catalog.open(workspace)
    failed = catalog.end(catalog.start(new_run).id, status=RunStatus.FAILED, error="no luck")
    mend(workspace, reader)  # records it in MLflow
    assert catalog.find(failed.id).mlflow_run
    columns = {name: GARBAGE[name] for name in ("toml", "name", "created", "timings", "versions", "notes")}
    damage(workspace, failed.id, columns | {"toml": "x'00ff'"})
    (finding,) = look(workspace, reader)[Kind.ROW_DAMAGED]
    assert set(finding.columns) == columns.keys()
    examined, said = mend(workspace, reader)
    assert examined.findings == (), said
    after = catalog.find(failed.id)
    assert (after.toml, after.name, after.damage) == (failed.toml, failed.name, {})
    lost = [line for line in said if line.startswith("not recovered")]
    assert [line.split(": ")[2] for line in lost] == ["created", "timings", "versions"]


def test_a_row_with_another_experiment_is_not_run(workspace: Workspace) -> None:
    first, *_, other = runs(workspace)
    sql(
        workspace.catalog,
        f"UPDATE run SET toml = (SELECT toml FROM run WHERE id = '{other.id}') WHERE id = '{first.id}'",
    )
    record = Catalog.open(workspace).find(first.id)
    with pytest.raises(DamagedRowError, match="another experiment"):
        rerun(record, workspace)
    with pytest.raises(DamagedRowError, match="another experiment"):
        fork_run(record, workspace, workspace.root / "forked.toml")
    assert not (workspace.root / "forked.toml").exists()


@pytest.mark.parametrize("row_id", ["../../../../outside/victim", "*", "a/b", "99999999-999999-zzzzzz"])
def test_an_illegal_id_is_restored_from_the_file(
    workspace: Workspace, reader: FileReader, row_id: str
) -> None:
    before = runs(workspace)
    own = before[0].id
    with closing(sqlite3.connect(workspace.catalog)) as connection, connection:
        connection.execute("PRAGMA foreign_keys=OFF")
        connection.execute("UPDATE run SET id = ? WHERE id = ?", (row_id, own))
        for table in ("run_tag", "selectivity", "weight", "summary", "loss_term"):
            connection.execute(f"UPDATE {table} SET run_id = ? WHERE run_id = ?", (row_id, own))
    found = look(workspace, reader)
    (finding,) = found[Kind.ROW_ILLEGAL]
    assert finding.is_mendable
    assert not any("l5tui delete" in each.as_line() for some in found.values() for each in some)
    examined, said = mend(workspace, reader)
    assert examined.findings == (), said
    assert [_without_times(run) for run in runs(workspace)] == [_without_times(run) for run in before]


def test_a_row_of_an_illegal_id_without_a_file_gets_a_new_one(
    workspace: Workspace, reader: FileReader, new_run: NewRun
) -> None:
    catalog = Catalog.open(workspace)
    failed = catalog.end(catalog.start(new_run).id, status=RunStatus.FAILED, error="no luck")
    with closing(sqlite3.connect(workspace.catalog)) as connection, connection:
        connection.execute("PRAGMA foreign_keys=OFF")
        connection.execute("UPDATE run SET id = '*' WHERE id = ?", (failed.id,))
    examined, said = mend(workspace, reader)
    assert examined.findings == (), said
    after = next(run for run in runs(workspace) if run.error == "no luck")
    assert replace(after, id=failed.id, mlflow_run=None) == failed
    delete_run(workspace, after.id)
    assert len(runs(workspace)) == 4


def _without_times(record: RunRecord) -> RunRecord:
    """Times that a file has to the end of the measures only."""
    return replace(record, timings={}, started=None, ended=None, heartbeat=None)
