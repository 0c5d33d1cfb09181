"""The mouse: a click acts on the row and the cell under the pointer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual.app import App, ComposeResult
from textual.geometry import Offset
from textual.pilot import Pilot
from textual.widgets import Input

import l5tui.tui.app
from l5tui.store.listing import RunListing
from l5tui.tui.app import L5App
from l5tui.tui.screens.run_page import RunPage
from l5tui.tui.screens.runs import RunsScreen
from l5tui.tui.screens.studies import COLUMNS
from l5tui.tui.widgets.crumbs import Crumbs
from l5tui.tui.widgets.field_panel import FieldPanel
from l5tui.tui.widgets.form import Form
from l5tui.tui.widgets.line_table import LineTable
from l5tui.tui.widgets.run_table import RunTable
from l5tui.workspace import Workspace
from tests.tui.catalogue_rows import add_runs
from tests.tui.driving import drive, screen_text, until, until_shown
from tests.tui.terminal import AppTerminal
from tests.tuning.searches import study_toml

SIZES = ((80, 24), pytest.param((140, 45), marks=pytest.mark.slow))
NAMES = tuple(f"experiment-{number:02}" for number in range(60))


class TableApp(App[None]):
    """A table of lines as studies, trials, comparisons and figures have it."""

    CSS_PATH = Path(l5tui.tui.app.__file__).with_name("app.tcss")

    def compose(self) -> ComposeResult:
        """One line above it, as in the app."""
        yield Crumbs("studies")
        yield LineTable("nothing", name="table")


def place(text: str, screen: str) -> Offset:
    """Where a text stands on the screen, once."""
    found = [Offset(line.index(text), y) for y, line in enumerate(screen.splitlines()) if text in line]
    assert len(found) == 1, f"{text!r} at {found}\n{screen}"
    return found[0]


def name_of(run: RunListing | None) -> str:
    """Name of the run at the cursor."""
    assert run is not None
    return run.name


async def click(pilot: Pilot[Any], text: str, times: int = 1, by: int = 0) -> None:
    """Click on a text, or some columns to the right of where it begins."""
    at = place(text, screen_text(pilot.app)) + Offset(by, 0)
    await pilot.click(offset=(at.x, at.y), times=times)
    await pilot.pause()


@pytest.mark.parametrize("size", SIZES)
def test_a_click_in_runs_hits_the_run_under_the_pointer(
    app: L5App, workspace: Workspace, size: tuple[int, int]
) -> None:
    added = add_runs(workspace, NAMES)

    async def act(pilot: Pilot[Any]) -> None:
        await pilot.press("3")
        await until_shown(pilot, NAMES[-1])
        table = app.screen.query_one(RunTable)
        names: list[str] = []
        # The first, one further down, and one of a table that is scrolled to its end.
        for name, key in ((NAMES[-1], ""), (NAMES[-7], ""), (NAMES[3], "G")):
            if key:
                await pilot.press(key)
                await pilot.pause()
            await click(pilot, name)
            names.append(name_of(table.run))
        assert names == [NAMES[-1], NAMES[-7], NAMES[3]]
        # The last row that is drawn, and the border below it, which is no row.
        last = screen_text(app).splitlines()[table.content_region.bottom - 1]
        assert NAMES[0] in last
        await pilot.click(offset=(10, table.content_region.bottom))
        assert name_of(table.run) == NAMES[3]
        await click(pilot, NAMES[0])
        assert name_of(table.run) == NAMES[0]
        await click(pilot, NAMES[5], times=2)
        await until(pilot, lambda: isinstance(app.screen, RunPage), "its page is open")
        await until_shown(pilot, added[5].id)
        await pilot.press("escape", "g")
        await until(pilot, lambda: isinstance(app.screen, RunsScreen), "the table is back")
        await click(pilot, "status ", by=2)
        assert table.sort[0] == "status"
        # The last column of a heading, and the first.
        await click(pilot, "when  ")
        assert table.sort[0] == "created"

    drive(app, act, size)


@pytest.mark.parametrize("size", SIZES)
def test_a_click_in_the_form_hits_the_cell_under_the_pointer(
    app: L5App, workspace: Workspace, size: tuple[int, int]
) -> None:
    table = [[(600 + 10 * row + column) / 1000 for column in range(4)] for row in range(4)]
    (workspace.experiments / "aaa.toml").write_text(
        study_toml().replace("[network]", f"[network]\nconnection_probability = {table}")
    )

    async def act(pilot: Pilot[Any]) -> None:
        await until_shown(pilot, "on disk")
        form = app.screen.query_one(Form)
        await click(pilot, " aaa ", by=2)
        await until_shown(pilot, "aaa.toml")

        async def cells(*texts: str) -> list[str]:
            found = []
            for text in texts:
                await click(pilot, text, by=len(text) // 2)
                found.append(form.cell.key if form.cell else "")
            return found

        assert await cells("  seed  ", "  notes  ") == ["seed", "notes"]
        corners = await cells(" 0.6 ", "0.603", "0.621", "0.63 ", "0.633")
        assert corners == [
            f"network.connection_probability[{at}]" for at in ("0][0", "0][3", "2][1", "3][0", "3][3")
        ]
        # Scrolled to the end, with the search space open.
        form.focus()
        await pilot.press("G", "enter", "G")
        await until_shown(pilot, "+ add a parameter")
        assert form.scroll_offset.y
        space = "tuning.space.plasticity.tau_learn"
        assert await cells("  100.0", "4000.0", " log ") == [f"{space}.low", f"{space}.high", f"{space}.log"]
        # A heading folds with one click, and a second click edits the cell under it.
        while "▾ tuning" not in screen_text(app):
            await pilot.press("up")
            await pilot.pause()
        await click(pilot, "▾ tuning")
        await until_shown(pilot, "▸ tuning")
        await pilot.press("g")
        await pilot.pause()
        await click(pilot, "  seed  ", times=2)
        await until(pilot, lambda: isinstance(app.focused, Input), "it is being edited")
        assert app.screen.query_one(FieldPanel).is_editing
        assert form.cell is not None
        assert form.cell.key == "seed"

    drive(app, act, size)


@pytest.mark.parametrize("size", SIZES)
def test_a_click_in_a_table_of_lines_hits_the_row_under_the_pointer(size: tuple[int, int]) -> None:
    app = TableApp()

    async def act(pilot: Pilot[Any]) -> None:
        table = app.query_one(LineTable)
        rows = [(name, ["when", "status", "1/1", "1.0", "5", "1.1", name]) for name in NAMES]
        table.show(COLUMNS[:7], rows)
        await pilot.pause()
        await click(pilot, NAMES[0])
        assert table.key == NAMES[0]
        await click(pilot, NAMES[7])
        assert table.key == NAMES[7]
        # The heading is no row, though the one above the first that is shown is.
        await pilot.press("G")
        await pilot.pause()
        await click(pilot, " trials ")
        assert table.key == NAMES[-1]
        await click(pilot, NAMES[-3])
        assert table.key == NAMES[-3]

    drive(app, act, size)


@pytest.mark.slow
def test_mouse_reports_of_a_terminal_hit_what_is_under_the_pointer(
    workspace: Workspace, tmp_path: Path
) -> None:
    added = add_runs(workspace, NAMES)
    terminal = AppTerminal(["-m", "l5tui"], workspace.root, (140, 45), XDG_STATE_HOME=str(tmp_path / "home"))
    try:
        terminal.until_shown("on disk")

        def press(text: str) -> None:
            at = place(text, terminal.text)
            # SGR mouse reports, which count columns and rows from 1: the left button down and up.
            terminal.press(f"\x1b[<0;{at.x + 2};{at.y + 1}M\x1b[<0;{at.x + 2};{at.y + 1}m")

        press("  seed  ")
        terminal.until_shown("Seed of")
        press("3 Runs")
        terminal.until_shown(NAMES[-1])
        press(NAMES[-9])
        terminal.until_shown("seed 51")
        press(NAMES[-12])
        press(NAMES[-12])
        terminal.until_shown("Summary")
        terminal.until_shown(added[-12].id)
    finally:
        terminal.close()
