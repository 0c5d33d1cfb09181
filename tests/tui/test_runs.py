"""Runs: found, opened, tagged, noted, forked, run again, deleted."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from l5tui.store.catalog import Catalog
from l5tui.store.listing import RunListing
from l5tui.tui.app import L5App
from l5tui.tui.screens.compare import CompareScreen
from l5tui.tui.screens.experiments import ExperimentsScreen
from l5tui.tui.screens.runs import RunsScreen
from l5tui.tui.state import State
from l5tui.tui.widgets.line_table import LineTable
from l5tui.tui.widgets.run_table import RunTable
from l5tui.workspace import Workspace
from tests.runner.running import in_mlflow
from tests.runner.running import tracked_run as run
from tests.tui.driving import LARGE, SMALL, drive, notifications, screen_text, type_text, until, until_shown
from tests.workspaces import DIVERGING, TINY, copy_of, rows, run_files


@pytest.fixture(scope="module")
def ran(original: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A workspace with three runs, to be copied."""
    made = copy_of(original, tmp_path_factory.mktemp("ran") / "workspace")
    for toml in (
        TINY,
        TINY.replace('["zebra", "apple"]', '["paper"]'),
        DIVERGING.replace('"tiny"', '"wild"'),
    ):
        run(made, toml)
    return made


@pytest.fixture
def workspace(ran: Workspace, tmp_path: Path) -> Workspace:
    """A copy of it."""
    return copy_of(ran, tmp_path / "workspace")


async def open_runs(pilot: Pilot[Any]) -> RunTable:
    """The table, with all runs read."""
    await pilot.press("3")
    await until(pilot, lambda: isinstance(pilot.app.screen, RunsScreen), "the runs are shown")
    await until_shown(pilot, "Runs (")
    table = pilot.app.screen.query_one(RunTable)
    await until(pilot, lambda: table.found[1], "they are read")
    return table


def ids(table: RunTable) -> list[str]:
    """Ids of what is found, in order."""
    return [table._runs[index].id for index in table._rows]


def test_filter_as_you_type_then_open(app: L5App) -> None:
    async def act(pilot: Pilot[Any]) -> None:
        table = await open_runs(pilot)
        newest_first = ids(table)
        assert newest_first == sorted(newest_first, reverse=True)
        await pilot.press("slash")
        await type_text(pilot, "loss<abc")
        assert app.screen.query_one(Input).has_class("faulty")
        assert 'got "loss<abc", allowed a number' in screen_text(app)
        app.screen.query_one(Input).value = ""
        await type_text(pilot, "rule:oja")
        assert not app.screen.query_one(Input).has_class("faulty")
        assert len(ids(table)) == 1
        assert "Runs (1 of 3)" in screen_text(app)
        app.screen.query_one(Input).value = ""
        await type_text(pilot, "tag:paper")
        await pilot.press("enter")
        assert table.has_focus
        assert len(ids(table)) == 1
        await pilot.press("enter")
        await until_shown(pilot, "before → after")
        assert "#paper" in screen_text(app)
        for tab, text in (
            ("weights", "W − target"),
            ("rates", "learning from 120"),
            ("", "mean of 2 realizations"),
            ("", "sizes ="),
            ("", "sha256"),
            ("", "nothing of this run in"),
            ("", "tuning_polar"),
        ):
            await pilot.press("right")
            await until_shown(pilot, text)
            assert tab in ("", "weights", "rates")
        await pilot.press("escape")
        await until_shown(pilot, "tag:paper")
        await pilot.press("escape")
        assert len(ids(table)) == 3

    drive(app, act)


def test_sort_and_what_is_remembered(app: L5App, workspace: Workspace, state: State) -> None:
    async def act(pilot: Pilot[Any]) -> None:
        table = await open_runs(pilot)
        await pilot.press("s", "s")
        assert table.sort == ("loss", False)
        losses = [table._runs[index].loss for index in table._rows]
        assert losses[0] is not None
        assert losses[-1] is None
        await pilot.press("S")
        assert [table._runs[index].loss for index in table._rows][-1] is None
        await pilot.press("slash")
        await type_text(pilot, "loss<99")
        await pilot.press("enter", "ctrl+q")
        await until(pilot, lambda: not app.is_running, "it is left")

    drive(app, act)

    async def again(pilot: Pilot[Any]) -> None:
        await until(pilot, lambda: isinstance(pilot.app.screen, RunsScreen), "the section is kept")
        table = pilot.app.screen.query_one(RunTable)
        await until(pilot, lambda: table.found == (2, 3), "the filter is kept")
        assert table.sort == ("loss", True)

    drive(L5App(workspace, state=State(state.path)), again)


def test_open_then_compare(app: L5App, workspace: Workspace) -> None:
    def compared() -> dict[object, list[str]]:
        table = app.screen.query_one(LineTable)
        return {
            key: [str(cell) for cell in cells] for key, cells in zip(table._keys, table._cells, strict=True)
        }

    async def act(pilot: Pilot[Any]) -> None:
        await open_runs(pilot)
        await pilot.press("c")
        await until(
            pilot, lambda: any("mark 2 to 6 runs" in text for text in notifications(app)), "the notification"
        )
        await pilot.press("space", "space", "c")
        await until(pilot, lambda: isinstance(app.screen, CompareScreen), "they are compared")
        await until_shown(pilot, "Mean rate of CS")
        await until(pilot, compared, "there is a table")
        assert compared()["plasticity.rule"][1:] == ["sliding_bcm", "oja"]
        assert set(compared()) >= {"plasticity.tau_learn", "loss/rmse"}
        assert "network.sizes" not in compared()
        first = screen_text(app).splitlines()[1]
        assert first.split()[1] == sorted(row["id"] for row in rows(workspace))[1]
        await pilot.press("p")
        await until_shown(pilot, "Mean rate of CC")
        await pilot.press("a")
        await until(
            pilot, lambda: compared()["plasticity.rule"][1:] == ["oja", "sliding_bcm"], "A is the other"
        )
        await pilot.press("escape")
        await until_shown(pilot, "2 marked")

    drive(app, act, LARGE)


def test_tag_note_and_delete(app: L5App, workspace: Workspace) -> None:
    async def act(pilot: Pilot[Any]) -> None:
        table = await open_runs(pilot)
        await pilot.press("space", "space")
        assert "2 marked" in screen_text(app)
        await pilot.press("t")
        await until_shown(pilot, "Tags for 2 runs")
        await type_text(pilot, "good, -zebra")
        await pilot.press("enter")
        await until(pilot, lambda: "2 runs tagged" in notifications(app), "they are tagged")
        await pilot.press("escape", "g", "n")
        await until_shown(pilot, "Notes of run")
        await type_text(pilot, " indeed")
        await pilot.press("enter")
        catalog = Catalog.open(workspace)
        await until(pilot, lambda: catalog.find("last").notes == "a note indeed", "it is noted")
        assert [record.tags for record in catalog.runs()] == [
            ("apple", "good"),
            ("paper", "good"),
            ("zebra", "apple"),
        ]
        await pilot.press("G", "D")
        await until_shown(pilot, "Row, file and MLflow")
        await pilot.press("escape")
        await pilot.pause()
        await pilot.press("D")
        await until_shown(pilot, "Row, file and MLflow")
        await pilot.press("y")
        await until(pilot, lambda: table.found == (2, 2), "it is gone")

    gone = Catalog.open(workspace).runs()[-1]
    drive(app, act, SMALL)
    assert gone.id not in {row["id"] for row in rows(workspace)}
    assert f"{gone.id}.nc" not in run_files(workspace)
    tracked = in_mlflow(workspace)
    assert gone.id not in tracked
    assert tracked[rows(workspace)[-1]["id"]].data.tags["l5tui.tags"] == "apple, good"
    assert tracked[rows(workspace)[-1]["id"]].data.tags["mlflow.note.content"] == "a note indeed"


def test_fork_edit_and_run(app: L5App, workspace: Workspace) -> None:
    async def act(pilot: Pilot[Any]) -> None:
        await open_runs(pilot)
        await pilot.press("G", "f")
        await until(pilot, lambda: isinstance(app.screen, ExperimentsScreen), "the editor")
        await until_shown(pilot, "tiny (no file yet)")
        screen = app.screen
        assert isinstance(screen, ExperimentsScreen)
        assert "# 44 neurons and 300 steps." in screen.draft.text
        await pilot.press("down", "down", "down", "down", "enter")
        await type_text(pilot, "7")
        await pilot.press("enter", "r")
        await until(pilot, lambda: app.session.runs and app.session.runs[0].report, "it has run")

    drive(app, act)
    assert [row["seed"] for row in rows(workspace)] == [42, 42, 42, 7]


@pytest.mark.slow
def test_rerun_gives_the_same(app: L5App, workspace: Workspace) -> None:
    async def act(pilot: Pilot[Any]) -> None:
        await open_runs(pilot)
        await pilot.press("G", "r")
        await until(pilot, lambda: app.session.runs and app.session.runs[0].report, "it has run")

    drive(app, act)
    first, *_, last = rows(workspace)
    assert (first["hash"], first["loss"]) == (last["hash"], last["loss"])


def listing(number: int) -> RunListing:
    """One of many runs."""
    return RunListing(
        id=f"20260101-{number:06}-abcdef",
        name=f"experiment {number % 17}",
        status="completed",
        rule=("oja", "bcm", "covariance")[number % 3],
        variant="corrected",
        seed=number,
        loss=number / 100,
        created=f"2026-01-01T{number // 3600 % 24:02}:{number // 60 % 60:02}:{number % 60:02}.000000+00:00",
        started=None,
        ended=None,
        error=None,
        notes="",
        hash="",
        tags=(),
    )


def test_losses_of_other_numbers_of_realizations_are_marked(app: L5App) -> None:
    """Where runs are sorted by loss, a line at the table's edge warns; in another order there is none."""

    async def act(pilot: Pilot[Any]) -> None:
        table = await open_runs(pilot)
        table.show([replace(listing(number), realizations=1 + number % 2) for number in range(6)])
        table.sort_by("loss")
        await pilot.pause()
        assert "losses of 1 and 2 realizations" in table.caveat
        assert "losses of 1 and 2 realizations" in str(table.border_subtitle)
        table.search("seed=2")
        assert table.caveat == ""
        table.search("")
        table.sort_by("created")
        await pilot.pause()
        assert not table.border_subtitle

    drive(app, act)


def test_ten_thousand_runs_do_not_stall(app: L5App) -> None:
    async def act(pilot: Pilot[Any]) -> None:
        table = await open_runs(pilot)
        runs = [listing(number) for number in range(10_000)][::-1]
        begun = time.perf_counter()
        table.show(runs)
        for text in ("r", "ru", "rule:oja", "rule:oja loss<50", "rule:oja loss<50 seed>100"):
            table.search(text)
        table.sort_by("loss")
        await pilot.pause()
        # Seven times all of it, within what a person takes for one: generous, as machines are busy.
        assert time.perf_counter() - begun < 5
        assert table.found[0] == len([run for run in runs if run.rule == "oja" and 100 < run.seed < 5000])
        await pilot.press("G")
        await pilot.pause()
        assert "20260101" not in screen_text(app).splitlines()[2]

    drive(app, act)
