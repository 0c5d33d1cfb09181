"""A worker that comes back to a screen which has been left."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from textual.app import App, ComposeResult
from textual.css.query import NoMatches
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Static

from l5tui.tui.app import L5App
from l5tui.tui.screens.run_page import RunPage
from l5tui.tui.screens.study_page import StudyPage
from l5tui.tui.while_shown import while_shown
from tests.tui.driving import drive, until


class Page(Screen[None]):
    """Reads until it is let go on, then writes into one of its widgets."""

    def __init__(self, wanted: str) -> None:
        super().__init__()
        self.read = asyncio.Event()
        self._wanted = wanted

    def compose(self) -> ComposeResult:
        """One widget."""
        yield Static("", id="there")

    @while_shown
    async def fill(self) -> None:
        """Write."""
        await self.read.wait()
        self.query_one(self._wanted, Static).update("read")


def test_it_ends_in_peace_where_its_widgets_are_gone() -> None:
    async def act(pilot: Pilot[Any]) -> None:
        page = Page("#there")
        await pilot.app.push_screen(page)
        filling = asyncio.ensure_future(page.fill())
        await pilot.app.pop_screen()
        await page.remove_children()
        page.read.set()
        await filling

    drive(App[None](), act)


def test_a_widget_that_never_was_there_is_a_fault() -> None:
    async def act(pilot: Pilot[Any]) -> None:
        page = Page("#nowhere")
        await pilot.app.push_screen(page)
        page.read.set()
        with pytest.raises(NoMatches):
            await page.fill()

    drive(App[None](), act)


@pytest.mark.parametrize("page", [RunPage, StudyPage])
def test_a_page_that_is_left_before_it_has_opened_does_not_end_the_app(app: L5App, page: type[Any]) -> None:
    async def act(pilot: Pilot[Any]) -> None:
        await until(pilot, lambda: app.current_mode == "experiments", "the app has opened")
        for turns in range(12):
            app.push_screen(page("20260101-000000-aaaaaa"))
            for _ in range(turns):
                await asyncio.sleep(0)
            app.pop_screen()
        await pilot.pause()
        assert app.is_running

    drive(app, act)


def test_a_page_that_lacks_a_widget_while_it_is_open_ends_the_app(app: L5App) -> None:
    async def act(pilot: Pilot[Any]) -> None:
        await until(pilot, lambda: app.current_mode == "experiments", "the app has opened")
        app.screen.call_later(app.screen.query_one, "#nowhere")
        await until(pilot, lambda: app._exit, "the app has ended")

    with pytest.raises(NoMatches):
        drive(app, act)
