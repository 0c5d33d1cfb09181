"""What the user has started is what the screen shows, from the first moment on."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from textual.pilot import Pilot

from l5tui.config.toml_file import read_experiment
from l5tui.tui.app import L5App
from l5tui.tui.screens.choice import ChoiceScreen
from l5tui.tui.screens.live import LiveScreen
from l5tui.tui.screens.run_page import RunPage
from l5tui.tui.screens.studies import StudiesScreen
from l5tui.tui.screens.study_page import StudyPage
from l5tui.tui.screens.study_start import StudyStartPage
from l5tui.workspace import Workspace
from tests.tui.driving import drive, screen_text, until, until_shown
from tests.tui.test_experiments import open_file
from tests.tuning.searches import search, study_toml, write
from tests.workspaces import ENDLESS, TINY


def test_a_started_run_is_shown_in_place_of_an_older_page(app: L5App, workspace: Workspace) -> None:
    (workspace.experiments / "endless.toml").write_text(ENDLESS.replace('"tiny"', '"endless"'))
    (workspace.experiments / "later.toml").write_text(TINY.replace('"tiny"', '"later"'))

    async def act(pilot: Pilot[Any]) -> None:
        await open_file(pilot, "tiny")
        await pilot.press("r")
        await until(
            pilot, lambda: app.session.runs and app.session.runs[0].is_over, "the first run is complete"
        )
        await until_shown(pilot, "Enter opens its page")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, RunPage), "its page is open")
        await until_shown(pilot, "before → after")
        await pilot.press("1")
        await open_file(pilot, "endless")
        await pilot.press("r")
        await until(pilot, lambda: len(app.session.runs) == 2, "the second run is started")
        await pilot.pause()
        screen = app.screen
        assert isinstance(screen, LiveScreen)
        first, second = app.session.runs
        assert screen.run is second
        assert f"loss {first.report['loss']:.4f}"[:9] not in screen_text(app)  # type: ignore[index]
        # A third one waits: its own page says so, though the second one runs.
        await until(pilot, lambda: second.is_running, "the second run has begun")
        await pilot.press("1")
        await open_file(pilot, "later")
        await pilot.press("r")
        await until(pilot, lambda: len(app.session.runs) == 3, "the third run is started")
        await until_shown(pilot, "waits for its turn")
        assert isinstance(app.screen, LiveScreen)
        assert app.screen.run is app.session.runs[2]
        assert second.run_id not in screen_text(app)

    drive(app, act)


def test_a_late_change_of_section_does_not_hide_a_dialog(app: L5App, workspace: Workspace) -> None:
    """A dialog in a section that is left waits for an answer, and so would leaving the app."""

    async def act(pilot: Pilot[Any]) -> None:
        await open_file(pilot, "tiny")
        await pilot.press("3")
        dialog = ChoiceScreen("Quit", "A run goes on.", {"c": "Cancel it", "escape": "Stay here"})
        answers: list[str | None] = []
        app.push_screen(dialog, answers.append)
        late = asyncio.create_task(app.fork(TINY, "late"))
        app.start_run(read_experiment(workspace.experiments / "tiny.toml"))
        for _ in range(20):
            await pilot.pause(0.02)
            assert app.screen is dialog
        await pilot.press("c")
        await late
        assert answers == ["c"]
        assert app.current_mode in ("experiments", "live")

    drive(app, act)


@pytest.mark.slow
def test_a_started_study_is_shown_in_place_of_an_older_page(app: L5App, workspace: Workspace) -> None:
    older = search(workspace, study_toml()).record
    write(workspace, study_toml().replace('"tiny"', '"newer"'))

    async def act(pilot: Pilot[Any]) -> None:
        await pilot.press("5")
        await until_shown(pilot, "Studies (1)")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, StudyPage), "the older page is open")
        await until_shown(pilot, older.id)
        await pilot.press("1")
        await open_file(pilot, "search")
        await pilot.press("t")
        await until(pilot, lambda: isinstance(app.screen, StudyStartPage), "its own page is there at once")
        await until_shown(pilot, "newer: the study is being started")
        assert older.id not in screen_text(app)
        await until(pilot, lambda: isinstance(app.screen, StudyPage), "the study has its row")
        newer = app.studies.processes[0].study_id
        assert newer
        assert newer != older.id
        await until_shown(pilot, newer)
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, StudiesScreen), "the table is below it")
        await app.studies.leave(stop=True)

    drive(app, act)
