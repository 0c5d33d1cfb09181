"""Experiments: the list, the form and the TOML in step, and what is done with files."""

from __future__ import annotations

import re
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, OptionList, TextArea

from l5tui.config.toml_file import read_experiment
from l5tui.config.toml_text import parse_toml
from l5tui.tui.app import L5App
from l5tui.tui.screens.experiments import ExperimentsScreen
from l5tui.tui.widgets.form import Form
from tests.tui.driving import (
    LARGE,
    SMALL,
    drive,
    focused,
    notifications,
    screen_text,
    type_text,
    until,
    until_shown,
)


def editor(app: L5App) -> ExperimentsScreen:
    """The screen, which has to be the one that is shown."""
    assert isinstance(app.screen, ExperimentsScreen)
    return app.screen


async def open_file(pilot: Pilot[Any], name: str) -> ExperimentsScreen:
    """Put the cursor at a file and go into its form."""
    screen = editor(pilot.app)  # type: ignore[arg-type]
    paths = [path.stem for path in screen.app.workspace.experiments.glob("*.toml")]
    await until(pilot, lambda: screen.draft.path is not None, "the first file is open")
    files = screen.query_one("#files", OptionList)
    files.focus()
    for _ in paths:
        if screen.draft.path is not None and screen.draft.path.stem == name:
            break
        await pilot.press("down")
        await pilot.pause()
    assert screen.draft.path is not None
    assert screen.draft.path.stem == name
    await pilot.press("enter")
    assert isinstance(focused(pilot.app), Form)
    return screen


async def go_to(pilot: Pilot[Any], key: str) -> None:
    """Put the form's cursor at a key."""
    form = pilot.app.screen.query_one(Form)
    form.focus()
    await pilot.press("g")
    if form._folded:
        await pilot.press("z")
    await pilot.press("g")
    for _ in range(200):
        if form.cell is not None and form.cell.parameter.path == key:
            return
        await pilot.press("down")
    raise AssertionError(f"no {key} in the form")


@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_the_first_screen_lists_the_experiments_and_shows_one(app: L5App, size: tuple[int, int]) -> None:
    async def act(pilot: Pilot[Any]) -> None:
        await until_shown(pilot, "50,000 steps")
        await until_shown(pilot, "r Run")
        shown = screen_text(app)
        for path in app.workspace.experiments.glob("*.toml"):
            assert path.stem in shown
        assert "default.toml" in shown
        assert "400 neurons · sliding_bcm" in shown
        assert "1 Experiments" in shown
        assert max(map(len, shown.splitlines())) <= size[0]
        if size == LARGE:
            assert re.search(r"connection_probability +CS +CC +PV +SST +from ↓ to →", shown)

    drive(app, act, size)


def test_a_fault_is_shown_at_the_field_while_typing_then_corrected_and_saved(app: L5App) -> None:
    async def act(pilot: Pilot[Any]) -> None:
        screen = await open_file(pilot, "default")
        before = screen.draft.text
        await go_to(pilot, "plasticity.tau_learn")
        await pilot.press("enter")
        await type_text(pilot, "-")
        await until_shown(pilot, "✗")
        await type_text(pilot, "5")
        await until_shown(pilot, "plasticity.tau_learn: got -5")
        assert "✗ 1 fault" in screen_text(app)
        await pilot.press("enter", "ctrl+s")
        await pilot.pause()
        assert any("tau_learn" in message for message in notifications(app))
        assert screen.draft.path is not None
        assert screen.draft.path.read_text() == before
        await pilot.press("r")
        await pilot.pause()
        assert app.session.runs == []
        await pilot.press("enter")
        await type_text(pilot, "1500")
        await pilot.press("enter")
        await until_shown(pilot, "default.toml *")
        await pilot.press("ctrl+s")
        await until(pilot, lambda: not screen.draft.is_changed, "it is saved")
        after = screen.draft.path.read_text()
        assert read_experiment(screen.draft.path).experiment.plasticity.tau_learn == 1500
        # Comments and everything else stay as they were.
        changed = [
            pair for pair in zip(before.splitlines(), after.splitlines(), strict=True) if pair[0] != pair[1]
        ]
        assert len(changed) == 1
        assert changed[0][1].startswith("tau_learn = 1500 ")
        assert "# time constant of learning" in changed[0][1]

    drive(app, act)


def test_escape_restores_undo_goes_back_and_revert_takes_the_file(app: L5App) -> None:
    async def act(pilot: Pilot[Any]) -> None:
        screen = await open_file(pilot, "default")
        text = screen.draft.text
        await go_to(pilot, "seed")
        await pilot.press("enter")
        await type_text(pilot, "77")
        assert screen.draft.experiment is not None
        assert screen.draft.experiment.seed == 77
        await pilot.press("escape")
        await pilot.pause()
        assert screen.draft.text == text
        for value in ("7", "8"):
            await pilot.press("enter")
            await type_text(pilot, value)
            await pilot.press("enter")
            await pilot.pause()
        assert screen.draft.experiment.seed == 8
        await pilot.press("u")
        assert screen.draft.experiment.seed == 7
        await pilot.press("ctrl+r")
        assert screen.draft.experiment.seed == 8
        await pilot.press("backspace")
        assert screen.draft.text == text
        await pilot.press("u", "u", "u")
        await pilot.press("ctrl+r")
        assert screen.draft.is_changed
        await pilot.press("R")
        assert not screen.draft.is_changed

    drive(app, act)


@pytest.mark.slow
def test_choices_switches_and_cells_of_a_table(app: L5App) -> None:
    async def act(pilot: Pilot[Any]) -> None:
        screen = await open_file(pilot, "default")
        await go_to(pilot, "plasticity.rule")
        await pilot.press("enter")
        await until_shown(pilot, "covariance")
        await pilot.press("4")
        await until(
            pilot, lambda: screen.draft.experiment and screen.draft.experiment.plasticity.rule == "oja", "oja"
        )
        await go_to(pilot, "plasticity.dale")
        await pilot.press("space")
        await pilot.pause()
        assert screen.draft.experiment is not None
        assert screen.draft.experiment.plasticity.dale
        await go_to(pilot, "network.target_weights")
        await pilot.press("down", "right", "right", "enter")
        await type_text(pilot, "-1")
        await until_shown(pilot, "0 or more, as CC is excitatory")
        await pilot.press("backspace", "backspace")
        await type_text(pilot, ".5")
        await pilot.press("enter")
        await pilot.pause()
        await pilot.press("left")
        assert screen.draft.faults != ()
        await pilot.press("right", "enter")
        await type_text(pilot, "0.5")
        await pilot.press("enter")
        await pilot.pause()
        assert screen.draft.experiment is not None
        assert screen.draft.experiment.network.target_weights[1][2] == 0.5
        await go_to(pilot, "network.sizes.CS")
        await pilot.press("right", "right", "enter")
        await type_text(pilot, "50")
        await pilot.press("enter")
        await pilot.pause()
        assert screen.draft.experiment.network.sizes.in_order() == (45, 275, 50, 34)

    drive(app, act)


def test_the_toml_and_the_form_stay_in_step(app: L5App) -> None:
    async def act(pilot: Pilot[Any]) -> None:
        screen = await open_file(pilot, "oja")
        await pilot.press("v")
        face = focused(app)
        assert isinstance(face, TextArea)
        assert face.text == screen.draft.text
        face.move_cursor(face.document.end)
        await type_text(pilot, "tau_learn = x")
        await until(pilot, lambda: screen.draft.fault_line == 4, "the line is marked")
        await until_shown(pilot, "line 5")
        await pilot.press("backspace")
        await type_text(pilot, "900")
        await until(pilot, lambda: screen.draft.experiment is not None, "it is mended")
        await pilot.press("escape")
        assert isinstance(focused(app), Form)
        await go_to(pilot, "plasticity.tau_learn")
        await until_shown(pilot, "900            time  default")
        await go_to(pilot, "seed")
        await pilot.press("enter")
        await type_text(pilot, "5")
        await pilot.press("enter", "v")
        await until_shown(pilot, "seed = 5")
        assert parse_toml(screen.draft.text)["plasticity"] == {"rule": "oja", "tau_learn": 900}
        await pilot.press("ctrl+s")
        await until(pilot, lambda: not screen.draft.is_changed, "it is saved")
        assert screen.draft.path is not None
        assert screen.draft.path.read_text() == screen.draft.text

    drive(app, act)


def test_files_are_copied_renamed_and_deleted(app: L5App) -> None:
    folder = app.workspace.experiments

    async def act(pilot: Pilot[Any]) -> None:
        screen = await open_file(pilot, "oja")
        await pilot.press("d")
        await until_shown(pilot, "oja-copy")
        await pilot.press("enter")
        await until(pilot, (folder / "oja-copy.toml").exists, "it is copied")
        await until_shown(pilot, "oja-copy.toml")
        assert (folder / "oja-copy.toml").read_text() == (folder / "oja.toml").read_text()
        await pilot.press("m")
        await until_shown(pilot, "becomes")
        app.screen.query_one(Input).value = "oja"
        await pilot.press("enter")
        await until(
            pilot, lambda: any("is there already" in text for text in notifications(app)), "it is refused"
        )
        await until_shown(pilot, "becomes")
        app.screen.query_one(Input).value = "mine"
        await pilot.press("enter")
        await until(pilot, (folder / "mine.toml").exists, "it is renamed")
        assert not (folder / "oja-copy.toml").exists()
        await until_shown(pilot, "mine.toml")
        await pilot.press("D")
        await until_shown(pilot, "Delete mine.toml?")
        await pilot.press("escape")
        assert (folder / "mine.toml").exists()
        await pilot.pause()
        await pilot.press("D")
        await until_shown(pilot, "Delete mine.toml?")
        await pilot.press("y")
        await until(pilot, lambda: not (folder / "mine.toml").exists(), "it is deleted")
        await until(
            pilot, lambda: screen.draft.path == folder / "default.toml" or screen.draft.path, "another"
        )

    drive(app, act)


def test_leaving_edits_shows_a_dialog(app: L5App) -> None:
    async def act(pilot: Pilot[Any]) -> None:
        screen = await open_file(pilot, "default")
        path = screen.draft.path
        assert path is not None
        before = path.read_text()
        await go_to(pilot, "seed")
        await pilot.press("enter")
        await type_text(pilot, "9")
        await pilot.press("enter", "escape", "down")
        await until_shown(pilot, "has edits that are not saved")
        await pilot.press("escape")
        await pilot.pause()
        assert screen.draft.path == path
        assert screen.draft.is_changed
        await pilot.press("down")
        await until_shown(pilot, "has edits that are not saved")
        await pilot.press("d")
        await until(pilot, lambda: screen.draft.path != path, "the next is open")
        assert path.read_text() == before
        await pilot.press("ctrl+q")
        await until(pilot, lambda: not app.is_running, "it is left, as nothing is unsaved")

    drive(app, act)


def test_the_command_line_is_copied(app: L5App) -> None:
    async def act(pilot: Pilot[Any]) -> None:
        await open_file(pilot, "oja")
        await pilot.press("c")
        await pilot.pause()
        assert app.clipboard == "l5tui run --headless experiments/oja.toml"

    drive(app, act)


def test_hostile_files_do_no_harm(app: L5App) -> None:
    (app.workspace.experiments / "[red]\x1b[31m.toml").write_text('name = "[/] \\u001b[2J"\n')
    (app.workspace.experiments / "binary.toml").write_bytes(b"\0\xff")

    async def act(pilot: Pilot[Any]) -> None:
        await until_shown(pilot, "[red]\\x1b[31m")
        await open_file(pilot, "[red]\x1b[31m")
        assert "\x1b" not in screen_text(app)
        await pilot.press("escape")
        editor(app).query_one("#files", OptionList).highlighted = 0
        await pilot.pause()
        screens = []
        for _ in range(12):
            await pilot.press("down")
            await pilot.pause()
            screens.append(screen_text(app))
        assert any("binary.toml: got a binary file" in text for text in screens)

    drive(app, act)


def test_a_warning_is_shown_beside_its_field(app: L5App) -> None:
    async def act(pilot: Pilot[Any]) -> None:
        screen = await open_file(pilot, "bcm")
        await go_to(pilot, "network.gamma")
        await pilot.press("enter")
        await type_text(pilot, "2")
        await pilot.press("enter")
        await until_shown(pilot, "! with 2 the rule bcm")
        assert screen.draft.experiment is not None
        await until_shown(pilot, "! network.gamma: with 2 the rule bcm is ill-posed near silence")

    drive(app, act, LARGE)


def test_a_field_cannot_be_reverted_while_the_toml_is_invalid(app: L5App) -> None:
    async def act(pilot: Pilot[Any]) -> None:
        screen = await open_file(pilot, "default")
        await pilot.press("v")
        screen.query_one(TextArea).text = "name =\n"
        await until(pilot, lambda: screen.draft.experiment is None, "the text is invalid")
        await pilot.press("f2")
        await pilot.press("g", "down", "backspace")
        await until(
            pilot, lambda: any("cannot be edited" in text for text in notifications(app)), "the reason"
        )
        assert screen.draft.text == "name =\n"

    drive(app, act)
