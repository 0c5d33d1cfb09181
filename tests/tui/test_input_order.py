"""Keys and clicks that arrive at once, as over a slow connection, act one after the other."""

from __future__ import annotations

from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from l5tui.tui.app import L5App
from l5tui.tui.widgets.run_table import RunTable
from tests.tui.driving import burst, drive, told, until
from tests.tui.test_experiments import go_to, open_file

LONG = "a note on the calibration of the inhibitory weights, " * 4


@pytest.mark.parametrize("leave", ["enter", "up", "down"])
def test_the_field_takes_every_key_before_the_one_that_ends_it(app: L5App, leave: str) -> None:
    async def act(pilot: Pilot[Any]) -> None:
        screen = await open_file(pilot, "default")
        await go_to(pilot, "seed")
        burst(app, "enter", "7", "8", "9", leave, "ctrl+s")
        await until(pilot, lambda: "default.toml is saved" in told(app), "it is saved")
        assert screen.draft.path is not None
        assert screen.draft.experiment is not None
        assert screen.draft.experiment.seed == 789
        assert "\nseed = 789" in screen.draft.path.read_text()

    drive(app, act)


def test_escape_drops_every_key_before_it_and_none_after(app: L5App) -> None:
    async def act(pilot: Pilot[Any]) -> None:
        screen = await open_file(pilot, "default")
        await go_to(pilot, "seed")
        burst(app, "enter", "7", "8", "9", "escape", "enter", "5", "backspace", "6", "enter")
        await until(pilot, lambda: not app.screen.query_one("#value", Input).has_focus, "the field is left")
        await until(
            pilot, lambda: screen.draft.experiment and screen.draft.experiment.seed == 6, "6 is taken"
        )

    drive(app, act)


def test_a_text_of_190_characters_arrives_whole(app: L5App) -> None:
    text = LONG[:190].replace(" ", "_").replace(",", "-")

    async def act(pilot: Pilot[Any]) -> None:
        screen = await open_file(pilot, "default")
        await go_to(pilot, "name")
        burst(app, "enter", *text, "enter", "ctrl+s")
        await until(pilot, lambda: "default.toml is saved" in told(app), "it is saved")
        assert screen.draft.experiment is not None
        assert screen.draft.experiment.name == text

    drive(app, act)


def test_a_prompt_gets_the_keys_that_follow_the_one_that_opens_it(app: L5App) -> None:
    async def act(pilot: Pilot[Any]) -> None:
        await open_file(pilot, "default")
        burst(app, "d", *["backspace"] * 12, *"abc", "enter")
        await until(pilot, lambda: (app.workspace.experiments / "abc.toml").exists(), "the copy is written")

    drive(app, act)


def test_the_filter_gets_the_keys_that_follow_the_one_that_opens_it(app: L5App) -> None:
    async def act(pilot: Pilot[Any]) -> None:
        burst(app, "3", "/", *"zz", "backspace", "backspace", *"wxy", "enter", "s")
        await until(pilot, lambda: app.current_mode == "runs" and app.screen.query(RunTable), "the runs")
        await until(pilot, lambda: app.focused is app.screen.query_one(RunTable), "the table")
        assert app.screen.query_one("#filter", Input).value == "wxy"

    drive(app, act)


def test_the_palette_runs_the_command_that_the_keys_before_enter_find(app: L5App) -> None:
    async def act(pilot: Pilot[Any]) -> None:
        await open_file(pilot, "default")
        burst(app, "ctrl+p", *"copy command", "enter")
        await until(pilot, lambda: any("l5tui run" in each for each in told(app)), "it is copied")
        await until(pilot, lambda: not app.screen.is_modal, "the palette is closed")

    drive(app, act)


def test_a_parameter_is_picked_by_the_words_before_enter(app: L5App) -> None:
    async def act(pilot: Pilot[Any]) -> None:
        screen = await open_file(pilot, "default")
        await pilot.press("z", "end")
        burst(app, "enter", *"tau_learn", "enter")
        await until(pilot, lambda: "plasticity.tau_learn" in screen.draft.text.partition("space]")[2], "it")

    drive(app, act)


def test_the_toml_takes_the_keys_in_their_order(app: L5App) -> None:
    async def act(pilot: Pilot[Any]) -> None:
        screen = await open_file(pilot, "default")
        burst(
            app,
            "v",
            *"# abc",
            "left",
            "backspace",
            *"xyz",
            "enter",
            *"# ",
            "up",
            "home",
            *"# ",
            "f2",
            "ctrl+s",
        )
        await until(pilot, lambda: "default.toml is saved" in told(app), "it is saved")
        assert screen.draft.path is not None
        assert screen.draft.path.read_text().startswith("# # axyz\n# c")

    drive(app, act)
