"""Keys and clicks that arrive at once, as over a slow connection, act one after the other."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from l5tui.tui.app import L5App
from l5tui.tui.screens.prompt import PromptScreen
from l5tui.tui.screens.run_page import RunPage
from l5tui.tui.search_space import space_of
from l5tui.tui.widgets.run_table import RunTable
from tests.tui.driving import burst, click_at, drive, notifications, screen_text, until, until_shown
from tests.tui.test_experiments import editor, go_to, open_file

LONG = "a note on the calibration of the inhibitory weights, " * 4


@pytest.mark.parametrize("leave", ["enter", "up", "down"])
def test_the_field_takes_every_key_before_the_one_that_ends_it(app: L5App, leave: str) -> None:
    async def act(pilot: Pilot[Any]) -> None:
        screen = await open_file(pilot, "default")
        await go_to(pilot, "seed")
        burst(app, "enter", "7", "8", "9", leave, "ctrl+s")
        await until(pilot, lambda: "default.toml is saved" in notifications(app), "it is saved")
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
        await until(pilot, lambda: "default.toml is saved" in notifications(app), "it is saved")
        assert screen.draft.experiment is not None
        assert screen.draft.experiment.name == text

    drive(app, act)


def test_a_prompt_gets_the_keys_that_follow_the_one_that_opens_it(app: L5App) -> None:
    async def act(pilot: Pilot[Any]) -> None:
        await open_file(pilot, "default")
        burst(app, "d", *["backspace"] * 12, *"abc", "enter")
        await until(pilot, (app.workspace.experiments / "abc.toml").exists, "the copy is written")

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
        await until(pilot, lambda: any("l5tui run" in each for each in notifications(app)), "it is copied")
        await until(pilot, lambda: not app.screen.is_modal, "the palette is closed")

    drive(app, act)


def test_a_parameter_is_picked_by_the_words_before_enter(app: L5App) -> None:
    async def act(pilot: Pilot[Any]) -> None:
        screen = await open_file(pilot, "default")
        await pilot.press("z", "end")
        burst(app, "enter", *"tau_learn", "enter")
        await until(pilot, lambda: "plasticity.tau_learn" in space_of(screen.draft.data), "it is searched")

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
        await until(pilot, lambda: "default.toml is saved" in notifications(app), "it is saved")
        assert screen.draft.path is not None
        assert screen.draft.path.read_text().startswith("# # axyz\n# c")

    drive(app, act)


@pytest.mark.parametrize("keys", [("d", "enter", "enter"), ("D", "y", "y"), ("D", "escape", "escape")])
def test_a_double_key_answers_a_dialog_once(app: L5App, keys: tuple[str, ...]) -> None:
    async def act(pilot: Pilot[Any]) -> None:
        await open_file(pilot, "default")
        burst(app, *keys)
        await pilot.pause(0.3)
        await until(pilot, lambda: not app.screen.is_modal, "the dialog is closed")
        burst(app, "3")
        await until(pilot, lambda: app.current_mode == "runs", "the app goes on")

    drive(app, act)


def test_a_dialog_gives_one_answer_however_often_it_is_dismissed(app: L5App) -> None:
    async def act(pilot: Pilot[Any]) -> None:
        answers: list[str | None] = []
        dialog = PromptScreen("Title", "Question", "text")
        app.push_screen(dialog, answers.append)
        await until(pilot, lambda: app.screen is dialog and dialog.is_mounted, "the dialog")
        dialog.dismiss("first")
        dialog.dismiss("second")
        await pilot.pause()
        assert answers == ["first"]
        assert app.screen is editor(app)

    drive(app, act)


def test_two_clicks_outside_the_palette_close_the_palette_alone(app: L5App) -> None:
    async def act(pilot: Pilot[Any]) -> None:
        await open_file(pilot, "default")
        burst(app, "ctrl+p")
        await until(pilot, lambda: app.screen.is_modal and app.screen.query(Input), "the palette")
        click_at(app, 1, 20, times=2)
        await until(pilot, lambda: not app.screen.is_modal, "the palette is closed")
        assert app.screen is editor(app)

    drive(app, act)


def test_a_page_whose_run_is_gone_closes_in_front_and_behind_another_section(app: L5App) -> None:
    async def act(pilot: Pilot[Any]) -> None:
        await pilot.press("3")
        await until(pilot, lambda: app.current_mode == "runs" and app.screen.query(RunTable), "the runs")
        runs = app.screen
        for leaves in (False, True):
            page = RunPage("20260101-000000-none00")
            app.push_screen(page)
            await until(pilot, lambda page=page: app.screen is page and page.is_mounted, "the page")  # type: ignore[misc]
            if leaves:
                await pilot.press("1")
                await until(pilot, lambda: app.current_mode == "experiments", "another section")
            page.was_deleted(["20260101-000000-none00"])
            page.was_deleted(["20260101-000000-none00"])
            if leaves:
                await pilot.pause()
                assert app.current_mode == "experiments"
                await pilot.press("3")
            await until(pilot, lambda: app.screen is runs, "the runs are in front")

    drive(app, act)


def test_clicks_while_sections_change_do_no_harm(app: L5App) -> None:
    async def act(pilot: Pilot[Any]) -> None:
        await open_file(pilot, "default")
        for key in "2345123451":
            burst(app, key)
            click_at(app, 30, 12)
            click_at(app, 5, 5, times=2)
            burst(app, "escape")
        await until(pilot, lambda: app.current_mode == "experiments" and not app._input._held, "the end")

    drive(app, act)


def test_quit_waits_for_a_busy_handler_for_2_s_at_most(app: L5App) -> None:
    async def act(pilot: Pilot[Any]) -> None:
        await open_file(pilot, "default")
        app.screen.call_later(asyncio.sleep, 30.0)
        await asyncio.sleep(0.1)
        begun = time.monotonic()
        burst(app, "down", "down", "ctrl+q")
        while not app._exit and time.monotonic() - begun < 8.0:
            await asyncio.sleep(0.02)
        assert app._exit

    drive(app, act)


def test_keys_that_quit_overtakes_do_not_answer_its_question_and_act_if_the_user_stays(app: L5App) -> None:
    async def act(pilot: Pilot[Any]) -> None:
        await open_file(pilot, "default")
        begun, released = asyncio.Event(), asyncio.Event()

        async def dialog() -> None:
            while "2 keys before Ctrl+Q have not acted" not in screen_text(app):
                await asyncio.sleep(0.02)

        async def busy() -> None:
            begun.set()
            await released.wait()

        app.screen.call_later(busy)
        await begun.wait()
        burst(app, "3", "l", "ctrl+q")
        try:
            # The pilot itself would wait for the busy screen.
            await asyncio.wait_for(dialog(), 20.0)
            assert app.current_mode == "experiments"
            burst(app, "escape")
        finally:
            released.set()
        await until(pilot, lambda: app.current_mode == "runs", "the first key acts")
        assert not app._exit

    drive(app, act)


def test_quit_pressed_twice_shows_one_dialog(app: L5App) -> None:
    async def act(pilot: Pilot[Any]) -> None:
        screen = await open_file(pilot, "default")
        await go_to(pilot, "seed")
        burst(app, "enter", "7", "enter", "ctrl+q", "ctrl+q")
        await until_shown(pilot, "has edits that are not saved")
        await pilot.pause()
        assert app.screen_stack[:-1] == [screen]
        burst(app, "d")
        await until(pilot, lambda: app._exit, "the app is left")

    drive(app, act)
