"""Inferences and sensitivity designs: begun from the editor, followed, stopped, taken up again, and shown."""

from __future__ import annotations

import importlib.util
import re
from typing import Any

import pytest
from textual.pilot import Pilot

from l5tui.store.id_paths import inference_file
from l5tui.tui.app import L5App
from l5tui.tui.screens.experiments import ExperimentsScreen
from l5tui.tui.screens.study_page import StudyPage
from l5tui.tui.widgets.line_table import LineTable
from l5tui.tuning.study import list_studies, show_study
from l5tui.workspace import Workspace
from tests.tui.driving import LARGE, drive, notifications, screen_text, type_text, until, until_shown
from tests.tui.test_experiments import open_file
from tests.tuning.searches import search, study_toml

SPACE = """
[tuning.space]
"stimulus.amplitude.CC" = {low = 1.0, high = 20.0}
"stimulus.amplitude.PV" = {low = 1.0, high = 20.0}
"""
TARGETS = """
[targets]
"after/rate.CC" = {value = 2.0, uncertainty = 0.2, source = "made up"}
"after/rate.PV" = {value = 3.0, uncertainty = 0.5, source = "made up"}
"""
needs_extra = pytest.mark.skipif(
    any(importlib.util.find_spec(name) is None for name in ("arviz", "SALib")),
    reason="the extra inference is not installed",
)


def write_tiny(workspace: Workspace, extra: str = TARGETS) -> None:
    """The tiny experiment with two parameters to infer."""
    (workspace.experiments / "tiny.toml").write_text(study_toml(space=SPACE) + extra)


async def start_inference(pilot: Pilot[Any], way: str, proposed: str, amount: str) -> None:
    """Start an inference or a design of ``tiny`` with another amount than the proposed one."""
    await open_file(pilot, "tiny")
    await pilot.press("i")
    await until_shown(pilot, "Posterior by vbmc")
    await pilot.press(way)
    await until_shown(pilot, proposed)
    await pilot.press(*["backspace"] * len(proposed))
    await type_text(pilot, amount)
    await pilot.press("enter")


async def shown_page(pilot: Pilot[Any]) -> StudyPage:
    """The page of the study that has begun."""
    await until(pilot, lambda: isinstance(pilot.app.screen, StudyPage), "the study is shown")
    await until(pilot, lambda: pilot.app.screen.query(LineTable), "its page is drawn")
    assert isinstance(pilot.app.screen, StudyPage)
    return pilot.app.screen


@needs_extra
@pytest.mark.slow
def test_an_inference_is_followed_stopped_taken_up_again_and_its_posterior_shown(
    app: L5App, workspace: Workspace
) -> None:
    write_tiny(workspace)

    async def act(pilot: Pilot[Any]) -> None:
        await start_inference(pilot, "a", "300", "200")
        page = await shown_page(pilot)
        await until_shown(pilot, "Posterior so far")
        await until_shown(pilot, "% of the likelihood")
        await until_shown(pilot, "no posterior yet")
        assert "abc inference" in screen_text(app)
        assert "simulations" in screen_text(app)
        await pilot.press("f")
        await until(
            pilot,
            lambda: any("has no posterior yet" in text for text in notifications(app)),
            "f says why not",
        )
        await pilot.press("x")
        await until_shown(pilot, "– stopped")
        before = show_study(workspace, page.chosen).record
        assert 0 < before.ended_trials < before.trials
        await pilot.press("r")
        await until(pilot, lambda: inference_file(workspace, page.chosen).exists(), "there is a posterior")
        await until_shown(pilot, "✓ completed")
        await until(pilot, lambda: "Posterior so far" not in screen_text(app), "its file is read")
        await until_shown(pilot, "log evidence")
        shown = screen_text(app)
        assert re.search(r"amplitude\.CC.*[▁-█].*\d…\d", shown)
        await pilot.press("r")
        await until(
            pilot, lambda: any("has its posterior" in text for text in notifications(app)), "it is complete"
        )
        await pilot.press("f")
        picture = workspace.figures / f"{page.chosen}-pairs.png"
        await until(pilot, picture.exists, "the pair plot is drawn")
        await until(pilot, lambda: any(picture.name in text for text in notifications(app)), "it says where")
        for each in app.studies.processes:
            await each.ended()

    drive(app, act, LARGE)
    (record,) = list_studies(workspace)
    assert (record.status, record.method, record.trials) == ("completed", "abc", 224)


@needs_extra
@pytest.mark.slow
def test_a_sensitivity_design_shows_its_indices_as_bars(app: L5App, workspace: Workspace) -> None:
    write_tiny(workspace)

    async def act(pilot: Pilot[Any]) -> None:
        await start_inference(pilot, "s", "64", "4")
        page = await shown_page(pilot)
        await until_shown(pilot, "Sensitivity of the loss")
        shown = screen_text(app)
        assert "saltelli sensitivity" in shown
        assert "of 4 base samples" in shown
        assert re.search(r"amplitude\.(CC|PV) +[█░]+ +[−\d.]+±[\d.]+ +[−\d.]+±[\d.]+", shown)
        await pilot.press("r")
        await until(
            pilot,
            lambda: any("has its whole design" in text for text in notifications(app)),
            "it is complete",
        )
        await pilot.press("f")
        await until(pilot, (workspace.figures / f"{page.chosen}-sensitivity.png").exists, "it is drawn")
        await pilot.press("escape")
        await until_shown(pilot, "saltelli sensitivity of 2 parameters · loss, smaller is better")
        for each in app.studies.processes:
            await each.ended()

    drive(app, act, LARGE)
    (record,) = list_studies(workspace)
    assert dict(record.counts) == {"completed": 16}


def test_missing_settings_of_an_inference_are_reported_before_it_begins(
    app: L5App, workspace: Workspace
) -> None:
    write_tiny(workspace, "")

    async def act(pilot: Pilot[Any]) -> None:
        await start_inference(pilot, "a", "300", "7")
        await until(
            pilot,
            lambda: any("nothing to infer from" in text for text in notifications(app)),
            "the notification",
        )
        assert any("20 or more for 2 parameters" in text for text in notifications(app))
        assert isinstance(app.screen, ExperimentsScreen)
        assert not app.studies.processes

    drive(app, act)


def test_without_a_space_there_is_no_dialog(app: L5App) -> None:
    async def act(pilot: Pilot[Any]) -> None:
        await open_file(pilot, "tiny")
        await pilot.press("i")
        await until(
            pilot, lambda: any("[tuning.space]" in text for text in notifications(app)), "the notification"
        )
        assert isinstance(app.screen, ExperimentsScreen)

    drive(app, act)


def test_samples_that_are_no_power_of_two_are_refused(app: L5App, workspace: Workspace) -> None:
    write_tiny(workspace)

    async def act(pilot: Pilot[Any]) -> None:
        await start_inference(pilot, "s", "64", "5")
        await until(pilot, lambda: notifications(app), "the notification")
        (fault,) = notifications(app)
        assert "a power of two" in fault or "l5tui[inference]" in fault
        assert not app.studies.processes

    drive(app, act)


@pytest.mark.parametrize(("way", "missing"), [("v", "pyvbmc"), ("a", "arviz")])
def test_without_the_extra_it_says_what_to_install(
    app: L5App, workspace: Workspace, monkeypatch: pytest.MonkeyPatch, way: str, missing: str
) -> None:
    write_tiny(workspace)
    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *more: None if name == missing else found(name, *more)
    )

    async def act(pilot: Pilot[Any]) -> None:
        await start_inference(pilot, way, "300", "40")
        wanted = f"infer needs {missing}: pip install 'l5tui[inference]'"
        await until(pilot, lambda: wanted in notifications(app), "the notification")
        assert not app.studies.processes

    drive(app, act)


def test_a_search_has_no_posterior_and_says_so(app: L5App, workspace: Workspace) -> None:
    search(workspace, study_toml(trials=3))

    async def act(pilot: Pilot[Any]) -> None:
        await pilot.press("5")
        await until_shown(pilot, "random search of 4 parameters")
        await pilot.press("enter")
        await until_shown(pilot, "3 of 3 trials")
        await pilot.press("f")
        await until(
            pilot, lambda: any("is a search" in text for text in notifications(app)), "it says why not"
        )

    drive(app, act)
