"""A run's page: its content, its figures, and its actions."""

from __future__ import annotations

import time
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import TabbedContent

from l5tui.store.netcdf import open_run
from l5tui.tui.app import L5App
from l5tui.tui.screens.live import LiveScreen
from l5tui.tui.screens.run_page import TABS, RunPage
from l5tui.tui.state import State
from l5tui.tui.widgets.figure_table import FIGURES, FigureTable
from l5tui.tui.widgets.tuning_chart import TuningChart
from l5tui.workspace import Workspace
from tests.runner.running import run
from tests.tui.driving import LARGE, SMALL, drive, notifications, screen_text, until, until_shown
from tests.tui.test_runs import open_runs
from tests.workspaces import TINY, copy_of, rows

PNG = b"\x89PNG"
MLFLOW_PATIENCE_S = 120.0


@pytest.fixture(scope="module")
def ran(original: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A workspace with one run, to be copied."""
    made = copy_of(original, tmp_path_factory.mktemp("ran") / "workspace")
    run(made, TINY)
    return made


@pytest.fixture
def workspace(ran: Workspace, tmp_path: Path) -> Workspace:
    """A copy of it."""
    return copy_of(ran, tmp_path / "workspace")


async def open_page(pilot: Pilot[Any], tab: str = "summary") -> RunPage:
    """The page of the newest run, and one part of it."""
    await open_runs(pilot)
    await pilot.press("enter")
    await until(pilot, lambda: isinstance(pilot.app.screen, RunPage), "the page")
    await until_shown(pilot, "before → after")
    screen = pilot.app.screen
    assert isinstance(screen, RunPage)
    tabs = screen.query_one(TabbedContent)
    for number in range(TABS.index(tab)):
        await pilot.press("right")
        await until(pilot, lambda at=number: tabs.active == f"tab-{at + 2}", "the next part")  # type: ignore[misc]
    return screen


@pytest.mark.parametrize("size", [SMALL, pytest.param(LARGE, marks=pytest.mark.slow)])
def test_tuning_and_what_differs_from_the_default(app: L5App, size: tuple[int, int]) -> None:
    async def act(pilot: Pilot[Any]) -> None:
        page = await open_page(pilot, "tuning")
        await until_shown(pilot, "mean of 2 realizations")
        chart = page.query_one(TuningChart)
        (row,) = rows(app.workspace)
        dataset = open_run(app.workspace.root / row["file"])
        # At what a neuron prefers it has its largest rate; all PV neurons are active.
        for curve, name in ((chart._before, "rates_before"), (chart._now, "rates_after")):
            largest = dataset[name].values[..., 31:38].max(axis=1)
            assert curve[2][2] == pytest.approx(largest.mean())
        shown = screen_text(app)
        assert "○ before  ━ after" in shown
        assert "SST" in shown
        await pilot.press("right")
        await until_shown(pilot, "Differs from the default experiment in")
        lines = [line.split() for line in screen_text(app).splitlines()]
        assert ["dynamics.duration_tau", "250.0", "30.0"] in lines
        assert ["plasticity.onset_step", "500", "120"] in lines

    drive(app, act, size)


def test_verify_says_in_words_whether_it_gives_the_same(app: L5App, workspace: Workspace) -> None:
    async def act(pilot: Pilot[Any]) -> None:
        await open_page(pilot)
        await pilot.press("v")
        await until(pilot, lambda: isinstance(app.screen, LiveScreen), "the run is shown")
        await until(
            pilot,
            lambda: any("The same bits: run" in text for text in notifications(app)),
            "the notification",
        )
        await until_shown(pilot, "The same bits: run")
        await pilot.press("l")
        await until_shown(pilot, "l shows the summary")
        assert "measuring" in " ".join(app.session.runs[0].log)
        await pilot.press("l")
        await until_shown(pilot, "kept in store/runs/")

    drive(app, act)
    first, second = rows(workspace)
    assert (first["hash"], first["loss"]) == (second["hash"], second["loss"])


@pytest.mark.slow
def test_verify_reports_what_has_changed(app: L5App, workspace: Workspace) -> None:
    (row,) = rows(workspace)
    path = workspace.root / row["file"]
    dataset = open_run(path)
    dataset["rates_after"][0, 0, 0] += 1.0
    path.unlink()
    dataset.to_netcdf(path)

    async def act(pilot: Pilot[Any]) -> None:
        await open_page(pilot)
        await pilot.press("v")
        await until(
            pilot, lambda: any("Not the same: run" in text for text in notifications(app)), "the notification"
        )
        assert "rates_after" in " ".join(notifications(app))
        await until_shown(pilot, "Not the same: run")

    drive(app, act)


@pytest.mark.slow
def test_a_figure_is_drawn_and_its_path_shown_if_there_is_no_viewer(
    app: L5App, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied: list[str] = []

    async def act(pilot: Pilot[Any]) -> None:
        monkeypatch.setattr(app, "copy_to_clipboard", copied.append)
        page = await open_page(pilot, "figures")
        table = page.query_one(FigureTable)
        assert table.has_focus
        await pilot.press("down", "enter")
        await until_shown(pilot, "drawing …")
        await until(pilot, lambda: any("No viewer" in text for text in notifications(app)), "it is drawn")
        path = workspace.figures / f"{rows(workspace)[0]['id']}-weights.png"
        assert path.read_bytes().startswith(PNG)
        assert copied == [str(path)]
        await until_shown(pilot, "drawn")
        await pilot.press("a")
        await until(pilot, lambda: len(list(workspace.figures.iterdir())) == len(FIGURES), "all are drawn")
        # With the run, its figures go.
        await pilot.press("D")
        await until_shown(pilot, "Delete 1 run?")
        await pilot.press("y")
        await until(pilot, lambda: not rows(workspace), "it is gone")
        assert not list(workspace.figures.iterdir())

    drive(app, act)


@pytest.mark.slow
def test_where_there_is_a_viewer_it_is_started(
    app: L5App, workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    viewer, seen = tmp_path / "bin" / "xdg-open", tmp_path / "seen"
    viewer.parent.mkdir()
    viewer.write_text(f'#!/bin/sh\necho "$1" > {seen}.part && mv {seen}.part {seen}\n')
    viewer.chmod(0o755)
    monkeypatch.setenv("PATH", f"{viewer.parent}:/usr/bin:/bin")
    monkeypatch.setenv("DISPLAY", ":0")
    path = workspace.figures / f"{rows(workspace)[0]['id']}-selectivity.png"
    path.parent.mkdir()
    path.write_bytes(PNG)

    async def act(pilot: Pilot[Any]) -> None:
        await open_page(pilot, "figures")
        await pilot.press("enter")
        await until(pilot, seen.exists, "the viewer is started")
        assert seen.read_text().strip() == str(path)

    drive(app, act)


def test_export_writes_a_folder_and_says_what_is_in_its_way(app: L5App, workspace: Workspace) -> None:
    async def act(pilot: Pilot[Any]) -> None:
        await open_page(pilot)
        for answer in ("is exported", "is there already"):
            await pilot.press("e")
            await until_shown(pilot, "Into which new folder?")
            await pilot.press("enter")
            await until(pilot, lambda: _is_notified(app, answer), answer)  # noqa: B023

    drive(app, act)
    (row,) = rows(workspace)
    folder = workspace.root / "exports" / row["id"]
    assert {path.name for path in folder.iterdir()} == {
        *("README.md", "experiment.toml", "tables", "figures"),
        f"{row['id']}.nc",
    }


def _is_notified(app: L5App, text: str) -> bool:
    return any(text in f"{each.title} {each.message}" for each in app._notifications)


def test_a_file_that_is_gone_is_reported_and_the_page_remains(app: L5App, workspace: Workspace) -> None:
    (row,) = rows(workspace)
    (workspace.root / row["file"]).unlink()

    async def act(pilot: Pilot[Any]) -> None:
        await open_page(pilot, "tuning")
        await until_shown(pilot, "could not be read")
        await pilot.press("right")
        await until_shown(pilot, "Differs from the default experiment in")

    drive(app, act)


def test_every_action_stands_in_the_palette(app: L5App, state: State) -> None:
    async def act(pilot: Pilot[Any]) -> None:
        await open_page(pilot)
        titles = {command.title for command in app.get_system_commands(app.screen)}
        assert {"Rerun", "Verify", "Export", "Fork", "Tag", "Note", "Delete", "MLflow", "Copy id"} <= titles
        await pilot.press("2")
        await until(pilot, lambda: isinstance(app.screen, LiveScreen), "the section")
        titles = {command.title for command in app.get_system_commands(app.screen)}
        assert {"Pause", "Cancel", "Freeze", "Tuning", "Log", "W/target"} <= titles

    drive(app, act)


@pytest.mark.slow
def test_mlflow_is_started_once_and_is_gone_with_the_app(app: L5App, monkeypatch: pytest.MonkeyPatch) -> None:
    copied: list[str] = []
    opened: list[str] = []
    servers: list[object] = []

    async def act(pilot: Pilot[Any]) -> None:
        monkeypatch.setattr(app, "copy_to_clipboard", copied.append)
        monkeypatch.setattr(app, "open_url", opened.append)
        await open_page(pilot)
        await pilot.press("M")
        await until(
            pilot,
            lambda: any("MLflow is starting" in text for text in notifications(app)),
            "the notification",
        )
        deadline = time.monotonic() + MLFLOW_PATIENCE_S
        while not copied:
            assert time.monotonic() < deadline
            await pilot.pause(0.1)
        servers.append(app._mlflow)
        assert answers(copied[0])
        await pilot.press("M")
        await until(pilot, lambda: len(copied) == 2, "the address is copied again")
        assert copied[0] == copied[1]
        assert app._mlflow is servers[0]
        # There is no display for a browser here.
        assert opened == []

    drive(app, act)
    with pytest.raises(OSError, match="refused"):
        answers(copied[0])


def answers(url: str) -> bool:
    """Whether there is a server at an address."""
    with urllib.request.urlopen(url, timeout=30) as response:
        return bool(response.status == 200)
