"""In a terminal with no room for a list, the keys that move in it leave the app running."""

from __future__ import annotations

from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import OptionList

from l5tui.config.toml_file import parse_experiment
from l5tui.tui.app import L5App
from l5tui.tui.screens.choice import ChoiceScreen
from l5tui.tui.screens.pick import PickScreen
from l5tui.workspace import Workspace
from tests.tui.driving import drive, until, until_shown
from tests.workspaces import TINY

KEYS = ("pagedown", "pageup", "end", "home", "down", "up")


@pytest.mark.parametrize("size", [(80, 3), pytest.param((12, 2), marks=pytest.mark.slow)])
def test_every_list_takes_the_keys_that_move_in_it(
    app: L5App, workspace: Workspace, size: tuple[int, int]
) -> None:
    for number in range(20):
        (workspace.experiments / f"more-{number}.toml").write_text(TINY)
    names = [f"name {number}" for number in range(20)]
    answers = {**dict(zip("abcdefgh", names, strict=False)), "escape": "None"}

    async def act(pilot: Pilot[Any]) -> None:
        await until(pilot, lambda: getattr(app.screen, "_is_shown", False), "the editor is there")
        await pilot.press(*KEYS)
        for dialog in (ChoiceScreen("Title", "Question", answers), PickScreen("Title", names)):
            app.push_screen(dialog)
            await until(pilot, lambda of=dialog: app.screen is of and of.is_mounted, "the dialog")  # type: ignore[misc]
            await pilot.press(*KEYS, "escape")
            await until(pilot, lambda: not app.screen.is_modal, "it is closed")
        await pilot.press("ctrl+p")
        await until(pilot, lambda: app.screen.is_modal, "the palette")
        await pilot.press("s", *KEYS, "escape")
        await until(pilot, lambda: not app.screen.is_modal, "it is closed")
        await pilot.press("2", *KEYS)
        app.session._new(parse_experiment(TINY, "tiny").experiment)
        queue = app.screen.query_one("#queue", OptionList)
        await until(pilot, lambda: queue.option_count, "the run is listed")
        await pilot.press(*KEYS, "1")
        await until(pilot, lambda: app.current_mode == "experiments", "the first section")
        await pilot.resize_terminal(80, 24)
        await until_shown(pilot, "default.toml")

    drive(app, act, size)
