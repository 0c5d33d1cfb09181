"""The app as a whole: what is kept, how it is left, what it loads, and that it fits."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from l5tui.tui.app import L5App
from l5tui.tui.sections import SECTIONS
from l5tui.tui.start import NO_TERMINAL
from l5tui.tui.state import State
from l5tui.tui.welcome import WelcomeApp
from l5tui.workspace import Workspace, is_workspace
from tests.cli.processes import PROJECT, clean_environment, l5tui
from tests.tui.driving import LARGE, SMALL, drive, screen_text, until, until_shown

HEAVY = {
    "mlflow",
    "scipy",
    "matplotlib",
    "xarray",
    "numba",
    "pandas",
    "netCDF4",
    "h5py",
    "alembic",
    "sqlalchemy.orm",
}


def test_the_theme_is_kept(app: L5App, workspace: Workspace, state: State) -> None:
    async def act(pilot: Pilot[Any]) -> None:
        app.theme = "gruvbox"
        await until(pilot, lambda: state.get("theme") == "gruvbox", "it is noted")

    drive(app, act)
    assert json.loads(state.path.read_text())["theme"] == "gruvbox"
    assert L5App(workspace, state=State(state.path)).theme == "gruvbox"


@pytest.mark.parametrize(
    "content", ["", "[", '"x"', '{"theme": 5, "section": [], "runs-sort": 3}', '{"theme": "no"}']
)
def test_a_state_that_is_damaged_is_as_good_as_none(workspace: Workspace, state: State, content: str) -> None:
    state.path.write_text(content)
    app = L5App(workspace, state=State(state.path))

    async def act(pilot: Pilot[Any]) -> None:
        await until_shown(pilot, "default.toml")
        await pilot.press("3")
        await until_shown(pilot, "Runs (")

    drive(app, act)


def test_every_section_has_its_key_and_stands_in_the_palette(app: L5App) -> None:
    async def act(pilot: Pilot[Any]) -> None:
        for section in reversed(SECTIONS):
            await pilot.press(section.key)
            await until(pilot, lambda name=section.name: app.current_mode == name, section.title)  # type: ignore[misc]
            for each in SECTIONS:
                assert f"{each.key} {each.title}" in screen_text(app).splitlines()[0]
        await pilot.press("ctrl+p")
        await until(pilot, lambda: app.screen.query(Input), "the palette")
        await pilot.press(*"copy")
        await until_shown(pilot, "Copy command")

    drive(app, act)


def test_help_lists_the_keys_of_what_is_focused(app: L5App) -> None:
    async def act(pilot: Pilot[Any]) -> None:
        await pilot.press("3")
        await until_shown(pilot, "Runs (")
        await pilot.press("question_mark")
        await until_shown(pilot, "Rerun")
        assert "Mark" in screen_text(app)
        await pilot.press("question_mark")
        await until(pilot, lambda: not app.screen.query("HelpPanel"), "it is gone")

    drive(app, act)


def test_it_fits_whatever_the_size(app: L5App) -> None:
    async def act(pilot: Pilot[Any]) -> None:
        for width, height in (SMALL, LARGE, (140, 45), SMALL):
            await pilot.resize_terminal(width, height)
            for section in SECTIONS:
                await pilot.press(section.key)
                await pilot.pause()
                for widget in app.screen.query("*"):
                    if widget.is_on_screen and widget.size.area:
                        assert widget.region.right <= width, widget
                        assert widget.region.bottom <= height or widget.parent.is_scrollable, widget  # type: ignore[union-attr]

    drive(app, act)


def test_without_colours_all_information_remains(
    workspace: Workspace, state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = L5App(workspace, state=state)

    async def act(pilot: Pilot[Any]) -> None:
        await until_shown(pilot, "default.toml")
        for strip in app.screen._compositor.render_strips():
            for segment in strip:
                colour = segment.style.color.triplet if segment.style and segment.style.color else None
                assert colour is None or len(set(colour)) == 1

    drive(app, act)


def test_a_first_start_offers_to_make_a_workspace(tmp_path: Path, state: State) -> None:
    folder = tmp_path / "[empty]"
    folder.mkdir()
    app = WelcomeApp(folder, state=state)

    async def act(pilot: Pilot[Any]) -> None:
        # The folder's path may be broken anywhere.
        await until(pilot, lambda: "[empty]" in "".join(screen_text(app).replace("│", "").split()), "it")
        await pilot.press("enter")
        await until(pilot, lambda: app.return_value is not None, "it is made")

    drive(app, act)
    assert app.return_value == Workspace(folder.resolve())
    assert is_workspace(folder)
    refused = WelcomeApp(tmp_path / "state.json" / "x", state=state)
    state.path.write_text("{}")

    async def fail(pilot: Pilot[Any]) -> None:
        await until_shown(pilot, "Create it here")
        await pilot.press("enter")
        await until_shown(pilot, "cannot create a workspace here")
        await pilot.press("q")
        await until(pilot, lambda: not refused.is_running, "it is left")

    drive(refused, fail)
    assert refused.return_value is None


def test_without_a_terminal_it_says_so(tmp_path: Path) -> None:
    for arguments in ((), ("run", str(PROJECT / "experiments" / "quickstart.toml"))):
        done = l5tui(*arguments, folder=PROJECT)
        assert done.returncode == 2
        assert done.stderr == "l5tui: the app needs a terminal; `l5tui --help` lists what works without one\n"
        assert done.stdout == ""


@pytest.mark.parametrize(
    "streams", ["<&-", "< <(true)", ">&-", ">/dev/null", "2>errors", "2>&-", "<&- >&- 2>&-"]
)
def test_each_stream_that_is_no_terminal_is_refused_in_one_line(
    workspace: Workspace, tmp_path: Path, streams: str
) -> None:
    ours, theirs = os.openpty()
    command = ["bash", "-c", f'exec "$0" -m l5tui {streams}', sys.executable]
    environment = clean_environment(
        L5TUI_WORKSPACE=str(workspace.root), XDG_STATE_HOME=str(tmp_path / "home")
    )
    done = subprocess.run(
        command,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        cwd=tmp_path,
        env=environment,
        timeout=30,
        check=False,
    )
    os.close(theirs)
    printed = os.read(ours, 4096).decode() if "2>" not in streams else ""
    os.close(ours)
    if "2>errors" in streams:
        printed = (tmp_path / "errors").read_text()
    assert done.returncode == 2
    assert printed.split() == ("" if "2>&-" in streams else f"{NO_TERMINAL}\n").split()


def test_the_first_paint_waits_for_nothing_heavy(workspace: Workspace, tmp_path: Path) -> None:
    script = """
import asyncio, sys
from pathlib import Path
from l5tui.tui.app import L5App
from l5tui.tui.state import State
from l5tui.workspace import Workspace
async def main():
    app = L5App(Workspace(Path(sys.argv[1])), state=State(Path(sys.argv[2])))
    async with app.run_test() as pilot:
        while app.current_mode != "experiments":
            await pilot.pause(0.01)
        print(*sys.modules, sep="\\n")
asyncio.run(main())
"""
    done = subprocess.run(
        [sys.executable, "-c", script, str(workspace.root), str(tmp_path / "s.json")],
        check=True,
        capture_output=True,
        text=True,
        env=clean_environment(PATH=os.environ["PATH"]),
    )
    loaded = set(done.stdout.split())
    assert "l5tui.tui.screens.experiments" in loaded
    assert not loaded & HEAVY
