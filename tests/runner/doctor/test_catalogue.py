"""A catalogue that is damaged, or that runs left unfinished, is found and mended."""

from __future__ import annotations

import os
import socket
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace

import pytest

from l5tui.runner.doctor.file_reading import FileReader
from l5tui.runner.doctor.finding import Kind
from l5tui.store.catalog import Catalog
from l5tui.store.records import NewRun, RunStatus
from l5tui.workspace import Workspace
from tests.runner.doctor.examining import as_rebuilt, look, mend, runs, snapshot, sql
from tests.runner.running import in_mlflow

DEAD = 4_194_000
"""A process id that no process has."""


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
    (finding,) = look(workspace, reader)[Kind.CATALOGUE_DAMAGED]
    assert finding.where == "store/catalog.sqlite"
    examined, said = mend(workspace, reader)
    assert examined.findings == (), said
    assert [as_rebuilt(each) for each in runs(workspace)] == [as_rebuilt(each) for each in before]
    (aside,) = workspace.store.glob("catalog.sqlite.damaged-*")
    assert aside.read_bytes() == broken
    assert len(in_mlflow(workspace)) == 4


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
    finding = [each.what for each in look(workspace, reader)[Kind.ROW_DISAGREES]]
    assert [each.partition(": ")[2] for each in finding] == ["rule, loss", "table selectivity"]
    assert mend(workspace, reader)[0].findings == ()
    assert runs(workspace) == before
    assert len(list(workspace.store.glob("catalog.sqlite.bak-*"))) == 1


def test_stale_runs_and_leftovers(workspace: Workspace, reader: FileReader, new_run: NewRun) -> None:
    catalog = Catalog.open(workspace)
    stale = catalog.start(replace(new_run, pid=DEAD, process_started=None))
    alive = catalog.start(new_run)
    killed = runs(workspace)[0]
    # Killed after its file was in place and before its row was updated.
    sql(
        workspace.catalog,
        f"UPDATE run SET status = 'running', file = NULL, file_sha256 = NULL, loss = NULL, ended = NULL,"
        f" pid = {DEAD}, process_started = NULL WHERE id = '{killed.id}'",
        f"DELETE FROM selectivity WHERE run_id = '{killed.id}'",
    )
    gone = workspace.runs / f"{stale.id}.{socket.gethostname()}.{DEAD}.part"
    own = workspace.runs / f"{alive.id}.{socket.gethostname()}.{os.getpid()}.part"
    strangers = [
        workspace.runs / f"video.{socket.gethostname()}.{DEAD}.part",
        workspace.store / "catalog.sqlite-of-a-friend.part",
        workspace.mlruns / "mlflow.db.partition",
    ]
    for part in (gone, own, *strangers):
        part.write_bytes(b"x")
        os.utime(part, (0, 0))
    found = look(workspace, reader)
    assert {each.subject for each in found[Kind.STALE_RUN]} == {stale.id, killed.id}
    assert [each.subject for each in found[Kind.LEFTOVER]] == [gone.name]
    assert mend(workspace, reader)[0].findings == ()
    assert (gone.exists(), own.exists()) == (False, True)
    assert all(path.exists() for path in strangers)
    assert catalog.find(stale.id).status == RunStatus.FAILED
    assert str(catalog.find(stale.id).error).startswith("interrupted: process")
    assert catalog.find(alive.id).status == RunStatus.RUNNING
    again = catalog.find(killed.id)
    assert (again.status, again.file, again.file_sha256) == (killed.status, killed.file, killed.file_sha256)


def test_a_newer_catalogue_is_left_alone(workspace: Workspace, reader: FileReader) -> None:
    sql(workspace.catalog, "UPDATE alembic_version SET version_num = '0999'")
    (finding,) = look(workspace, reader)[Kind.CATALOGUE_UNUSABLE]
    assert "newer l5tui" in finding.what
    before = snapshot(workspace.store)
    mend(workspace, reader)
    assert snapshot(workspace.store) == before
