"""Names, tags and notes of whatever kind do no harm in the app."""

from __future__ import annotations

from typing import Any

from textual.pilot import Pilot
from textual.widgets import TabbedContent

from l5tui.store.catalog import Catalog
from l5tui.text import safe
from l5tui.tui.app import L5App
from l5tui.tui.live_run import LiveRun
from l5tui.tui.screens.run_page import RunPage
from l5tui.workspace import Workspace
from tests.hostile import HOSTILE, hostile_toml
from tests.runner.running import tracked_run as run
from tests.tui.driving import LARGE, drive, notifications, screen_text, until, until_shown


def harmless(app: L5App) -> None:
    """Everything on the screen prints, and no name has been taken for markup."""
    assert all(line.isprintable() for line in screen_text(app).split("\n"))


def test_runs_are_listed_opened_and_named_in_notifications(app: L5App, workspace: Workspace) -> None:
    run(workspace, hostile_toml(" ".join(HOSTILE)[:200]))
    catalog = Catalog.open(workspace)

    async def act(pilot: Pilot[Any]) -> None:
        await pilot.press("3")
        await until_shown(pilot, "Runs (1")
        await until_shown(pilot, "../../x two\\nlines")
        harmless(app)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, RunPage), "its page")
        await until_shown(pilot, "before → after")
        harmless(app)
        for _ in range(app.screen.query_one(TabbedContent).tab_count):
            await pilot.press("right")
            await pilot.pause(0.2)
            harmless(app)
        for text in (*HOSTILE, "[/]"):
            ended = LiveRun(1, text, 300, 100)
            ended.status = "completed"
            app._run_stored(ended)
            expected = safe(f"{text} is done")
            await until(pilot, lambda: expected in notifications(app), "the notification")  # noqa: B023
            harmless(app)

    drive(app, act, LARGE)
    assert len(catalog.runs()) == 1
