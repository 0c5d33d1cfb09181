"""List runs, and find the run that a reference names."""

from __future__ import annotations

import re
import sqlite3
import time
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from l5tui.errors import UnknownRunError
from l5tui.runner.overview import find_ids, overview
from l5tui.store import listing
from l5tui.store.catalog import Catalog
from l5tui.store.listing import RunListing
from l5tui.store.records import NewRun, RunRecord, RunStatus
from l5tui.store.run_id import make_run_id
from l5tui.workspace import Workspace


@pytest.fixture
def three(workspace: Workspace, new_run: NewRun) -> list[RunRecord]:
    """Runs of two days, oldest first."""
    first = datetime(2026, 3, 1, 12, tzinfo=UTC)
    clock = iter([first, first + timedelta(seconds=1), first + timedelta(days=1), first + timedelta(days=2)])
    catalog = Catalog.open(workspace, clock=clock.__next__)
    runs = [
        catalog.start(replace(new_run, rule="bcm", tags=("a", "b"), group_id="g")),
        catalog.start(replace(new_run, rule="oja", tags=("b",), group_id="g")),
        catalog.start(replace(new_run, rule="oja", tags=())),
    ]
    catalog.end(runs[0].id, status=RunStatus.FAILED, error="x")
    return [catalog.find(run.id) for run in runs]


def test_newest_first_and_narrowed(catalog: Catalog, three: list[RunRecord]) -> None:
    a, b, c = three
    assert catalog.runs() == [c, b, a]
    assert catalog.runs(limit=2) == [c, b]
    assert catalog.runs(limit=0) == []
    assert catalog.runs(status=RunStatus.FAILED) == [a]
    assert catalog.runs(status=RunStatus.RUNNING, rule="oja", limit=1) == [c]
    assert catalog.runs(tag="b") == [b, a]
    assert catalog.runs(tag="b", limit=1) == [b]
    assert catalog.runs(tag="b", rule="bcm") == [a]
    assert catalog.runs(tag="B") == []
    assert catalog.runs(rule="none") == []
    assert catalog.runs(group="g") == [b, a]
    assert catalog.runs(group="g", rule="oja") == [b]
    assert catalog.runs(group="") == catalog.runs(group="a") == []


def test_found_by_any_unique_part(catalog: Catalog, three: list[RunRecord]) -> None:
    a, b, c = three
    assert catalog.find("last") == c
    for run in three:
        assert catalog.find(run.id) == run
        assert catalog.find(run.id[:-1]) == run
    assert catalog.find(a.id[:15]) == a
    assert catalog.find("20260302") == c
    assert catalog.find("20260302-120000-") == c
    assert catalog.find(f"  {b.id.upper()}\n") == b
    unlike = len({run.id[-6:] for run in three}) == 3
    assert not unlike or catalog.find(c.id[-6:]) == c


def test_several_are_named(catalog: Catalog, three: list[RunRecord]) -> None:
    a, b, _ = three
    with pytest.raises(
        UnknownRunError, match=f"'20260301' matches several ids: {b.id}, {a.id}; give more of its id"
    ):
        catalog.find("20260301")


def test_a_beginning_that_is_also_a_tail_is_not_guessed(
    workspace: Workspace, catalog: Catalog, new_run: NewRun
) -> None:
    catalog.start(new_run)
    with closing(sqlite3.connect(workspace.catalog)) as connection, connection:
        connection.execute("UPDATE run SET id = '20260301-120000-202605'")
    with closing(sqlite3.connect(workspace.catalog)) as connection, connection:
        columns = [row[1] for row in connection.execute("PRAGMA table_info(run)")][1:]
        connection.execute(f"INSERT INTO run SELECT '20260501-120000-000000', {', '.join(columns)} FROM run")
    assert catalog.find("20260301").id == "20260301-120000-202605"
    with pytest.raises(UnknownRunError, match="matches several ids:"):
        catalog.find("202605")


def test_a_long_list_of_candidates_is_cut(catalog: Catalog, new_run: NewRun) -> None:
    for _ in range(7):
        catalog.start(new_run)
    with pytest.raises(UnknownRunError, match=r"(\S+, ){4}\S+ and 2 more;"):
        catalog.find("2")


@pytest.mark.parametrize("reference", ["", " ", "nothing", "%", "2026030_", "-", "20260302-12000~", "\0"])
def test_nothing_found_says_where_to_look(catalog: Catalog, three: list[RunRecord], reference: str) -> None:
    assert len(three) == 3
    with pytest.raises(UnknownRunError, match=re.escape(f"no run {reference!r}; `l5tui runs`")):
        catalog.find(reference)


def test_empty_catalogue_says_so(catalog: Catalog) -> None:
    with pytest.raises(UnknownRunError, match="no runs yet"):
        catalog.find("last")
    assert catalog.runs() == []


def add_ten_thousand(workspace: Workspace, run: RunRecord) -> None:
    """Copy a run until there are 10,000, each a second later, all with the tag ``apple``."""
    with closing(sqlite3.connect(workspace.catalog)) as connection, connection:
        columns = [row[1] for row in connection.execute("PRAGMA table_info(run)")][1:]
        connection.executemany(
            f"INSERT INTO run SELECT ?, {', '.join(columns)} FROM run WHERE id = ?",
            [(make_run_id(run.created + timedelta(seconds=n)), run.id) for n in range(1, 10_000)],
        )
        connection.execute("INSERT OR IGNORE INTO run_tag SELECT id, 'apple', 0 FROM run")


def test_a_query_with_a_limit_reads_no_more_than_it_needs(
    workspace: Workspace, catalog: Catalog, new_run: NewRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_ten_thousand(workspace, catalog.start(new_run))
    whole = [run.id for run in overview(workspace)]
    read: list[str] = []

    def counted(*fields: Any) -> RunListing:
        read.append(fields[0])
        return RunListing(*fields)

    monkeypatch.setattr(listing, "RunListing", counted)
    assert find_ids(workspace, "rule:oja", limit=5) == whole[:5]
    assert len(read) == listing.PAGE
    read.clear()
    assert find_ids(workspace, "status:running rule:oja tag:ap", tag="apple", limit=450) == whole[:450]
    assert read == whole[: 3 * listing.PAGE]
    read.clear()
    assert find_ids(workspace, "rule:bcm", rule="bcm", limit=5) == []
    assert read == []
    assert find_ids(workspace, "rule:oja") == whole
    assert len(read) == 10_000


def test_ten_thousand_runs_are_listed_quickly(
    workspace: Workspace, catalog: Catalog, new_run: NewRun
) -> None:
    add_ten_thousand(workspace, catalog.start(replace(new_run, toml="x = 1\n" * 500)))
    began = time.perf_counter()
    runs = catalog.runs()
    listed = time.perf_counter() - began
    newest = catalog.runs(tag="apple", rule="oja", status=RunStatus.RUNNING, limit=50)
    narrowed = time.perf_counter() - began - listed
    assert len(runs) == 10_000
    assert runs[:50] == newest
    assert listed < 2
    assert narrowed < 0.5
