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

from l5tui.tui.while_shown import while_shown
from tests.tui.driving import drive


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
