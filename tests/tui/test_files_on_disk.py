"""Files that cannot be read are left as they are, and changes by other programs are noticed."""

from __future__ import annotations

import os
import shutil
import stat
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from l5tui.runner.unsaved import UnsavedEdits
from l5tui.store.process import process_start_time
from l5tui.tui.app import L5App
from l5tui.tui.disk_file import digest, read_disk
from l5tui.tui.screens.choice import ChoiceScreen
from l5tui.tui.screens.difference import DifferenceScreen
from l5tui.tui.screens.experiments import ExperimentsScreen
from l5tui.tui.widgets.file_list import FileList
from l5tui.workspace import Workspace
from tests.tui.driving import drive, notifications, screen_text, until, until_shown
from tests.workspaces import TINY, rows, snapshot

CHANGED = TINY.replace("# 44 neurons", "# Forty-four neurons")


async def editor_at(pilot: Pilot[Any], name: str) -> ExperimentsScreen:
    """The editor with a file open."""
    await until(pilot, lambda: getattr(pilot.app.screen, "_is_shown", False), "the editor is there")
    screen = pilot.app.screen
    assert isinstance(screen, ExperimentsScreen)
    screen.query_one(FileList).go_to(screen.app.workspace.experiments / name)
    await until(pilot, lambda: screen.draft.path and screen.draft.path.name == name, f"{name} is open")
    await pilot.pause()
    return screen


async def change_seed(pilot: Pilot[Any], screen: ExperimentsScreen) -> None:
    """Make an edit that is not saved."""
    screen.draft.set_text(screen.draft.text + "\n# mine\n")
    screen.draft_changed()
    await pilot.pause()
    assert screen.draft.is_changed


def make(kind: str, path: Path) -> None:
    """A file, or what stands in its place, that cannot be read."""
    match kind:
        case "latin-1":
            path.write_bytes(TINY.replace("a note", "une expérience").encode("latin-1"))
        case "folder":
            path.mkdir()
        case "large":
            path.write_bytes(b"# " + b"x" * 1_000_001)
        case "dangling":
            path.symlink_to("nowhere.toml")
        case "pipe":
            os.mkfifo(path)
        case "binary":
            path.write_bytes(b"a\0b")


REASONS = {
    "latin-1": "aaa.toml:3: got the byte 0xe9, which is not UTF-8",
    "folder": "aaa.toml: a folder",
    "large": "aaa.toml: got a file of 1.0 MB",
    "dangling": "aaa.toml: a link to nowhere.toml, which does not exist",
    "pipe": "aaa.toml: not a regular file",
    "binary": "aaa.toml: got a binary file",
}


@pytest.mark.parametrize("kind", REASONS)
def test_the_reason_is_one_line(tmp_path: Path, kind: str) -> None:
    make(kind, tmp_path / "aaa.toml")
    assert read_disk(tmp_path / "aaa.toml").fault.startswith(REASONS[kind])
    assert "\n" not in read_disk(tmp_path / "aaa.toml").fault


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_unreadable(tmp_path: Path) -> None:
    path = tmp_path / "aaa.toml"
    path.write_text(TINY)
    path.chmod(0)
    assert read_disk(path).fault == "aaa.toml: no permission to read this file"


@pytest.mark.parametrize(
    "kind",
    ["latin-1", *(pytest.param(kind, marks=pytest.mark.slow) for kind in ("folder", "dangling"))],
)
def test_an_unreadable_file_is_never_written(app: L5App, workspace: Workspace, kind: str) -> None:
    path = workspace.experiments / "aaa.toml"
    make(kind, path)

    def look() -> object:
        if kind == "dangling":
            return path.readlink(), path.exists()
        return snapshot(path) if path.is_dir() else path.read_bytes()

    before = look()

    async def act(pilot: Pilot[Any]) -> None:
        screen = await editor_at(pilot, "aaa.toml")
        await until_shown(pilot, "aaa.toml")
        reason = REASONS[kind]
        for key in ("ctrl+s", "S", "m", "d", "r", "t", "i", "v", "c", "u", "R", "backspace"):
            app.clear_notifications()
            await pilot.press(key)
            await pilot.pause()
            assert isinstance(app.screen, ExperimentsScreen), key
            if key not in ("u", "R", "backspace"):
                await until(
                    pilot, lambda: any(reason in each for each in notifications(app)), f"{key} is refused"
                )
        app.clear_notifications()
        await until_shown(pilot, "unreadable, left as it is")
        screen.draft.set_text("seed = 1\n")
        assert not screen.draft.is_changed
        # It lasts.
        await pilot.pause(1.2)
        assert "unreadable, left as it is" in screen_text(app)
        await editor_at(pilot, "tiny.toml")
        assert "unreadable, left" not in screen_text(app)
        assert "44 neurons" in screen_text(app)

    drive(app, act)
    assert look() == before
    assert not list((workspace.store / "unsaved").glob("*"))
    assert not rows(workspace)


def test_a_change_on_disk_is_reloaded_before_anything_is_run(app: L5App, workspace: Workspace) -> None:
    path = workspace.experiments / "tiny.toml"

    async def act(pilot: Pilot[Any]) -> None:
        screen = await editor_at(pilot, "tiny.toml")
        # Of the same length, and with the time that it had.
        status = path.stat()
        path.write_text(TINY.replace("[9, 22, 7, 6]", "[9, 22, 7, 8]"))
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
        await pilot.press("r")
        await until(pilot, lambda: any("reloaded" in each for each in notifications(app)), "it is reloaded")
        assert isinstance(app.screen, ExperimentsScreen)
        assert not app.session.runs
        await until_shown(pilot, "46 neurons")
        # Without a key it is noticed too, and undo brings the former text back.
        app.clear_notifications()
        path.write_text(CHANGED)
        await until(pilot, lambda: any("reloaded" in each for each in notifications(app)), "it is reloaded")
        assert screen.draft.text == CHANGED
        assert not screen.draft.is_changed
        await pilot.press("u")
        assert "[9, 22, 7, 8]" in screen.draft.text

    drive(app, act)


def test_edits_and_a_change_on_disk_are_decided_by_the_user(app: L5App, workspace: Workspace) -> None:
    path = workspace.experiments / "tiny.toml"
    path.chmod(0o640)

    async def conflict(pilot: Pilot[Any]) -> None:
        await until(pilot, lambda: isinstance(app.screen, ChoiceScreen), "the dialog")
        await until_shown(pilot, "Changed on disk")

    async def act(pilot: Pilot[Any]) -> None:
        screen = await editor_at(pilot, "tiny.toml")
        await change_seed(pilot, screen)
        path.write_text(CHANGED)
        await conflict(pilot)
        await pilot.press("s")
        await until(pilot, lambda: isinstance(app.screen, DifferenceScreen), "the difference is shown")
        await until_shown(pilot, "+# 44 neurons")
        assert "-# Forty-four neurons" in screen_text(app)
        await pilot.press("escape")
        await conflict(pilot)
        # Enter decides nothing, shows no second dialog, and neither runs nor saves.
        await pilot.press("enter")
        await until_shown(pilot, "differs on disk")
        await pilot.pause(1.2)
        assert app.screen is screen
        for key in ("r", "t", "ctrl+s"):
            await pilot.press(key)
            await conflict(pilot)
            await pilot.press("escape")
            await until(pilot, lambda: app.screen is screen, "back")
        assert path.read_text() == CHANGED
        assert not app.session.runs
        # Theirs, with mine one undo away.
        await pilot.press("ctrl+s")
        await conflict(pilot)
        await pilot.press("t")
        await until(pilot, lambda: screen.draft.text == CHANGED, "theirs")
        assert not screen.draft.is_changed
        # Mine: saved over theirs, as decided, with the file's mode.
        await change_seed(pilot, screen)
        path.write_text(TINY)
        await conflict(pilot)
        await pilot.press("k")
        await until(pilot, lambda: app.screen is screen, "back")
        await pilot.press("ctrl+s")
        await until(pilot, lambda: any("is saved" in each for each in notifications(app)), "it is saved")
        assert not screen.draft.is_changed

    drive(app, act)
    assert path.read_text().startswith(CHANGED[:20])
    assert path.read_text().endswith("# mine\n")
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_file_that_goes_or_gets_another_name_is_noticed(app: L5App, workspace: Workspace) -> None:
    path = workspace.experiments / "tiny.toml"
    renamed = path.with_name("small.toml")

    async def act(pilot: Pilot[Any]) -> None:
        screen = await editor_at(pilot, "tiny.toml")
        await change_seed(pilot, screen)
        path.rename(renamed)
        await until(pilot, lambda: screen.draft.path == renamed, "the name is followed")
        await until_shown(pilot, "small.toml *")
        renamed.unlink()
        await until(pilot, lambda: isinstance(app.screen, ChoiceScreen), "the dialog")
        await until_shown(pilot, "was deleted on disk")
        await pilot.press("k")
        await until_shown(pilot, "(no file yet)")
        assert screen.draft.text.endswith("# mine\n")
        await pilot.press("ctrl+s")
        await until_shown(pilot, "Save it in experiments/ as")
        await pilot.press("enter")
        await until(pilot, path.exists, "it is saved")
        await until(pilot, lambda: screen.draft.path == path, "under its name")
        path.unlink()
        await until(pilot, lambda: screen.draft.path != path, "another is shown")
        assert any("tiny.toml was deleted on disk" in each for each in notifications(app))

    drive(app, act)
    assert not renamed.exists()


def test_edits_that_outlived_a_crash_are_not_saved_over_a_change(
    app: L5App, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = workspace.experiments / "tiny.toml"
    edits = UnsavedEdits(workspace)
    edits.keep("tiny.toml", "tiny", TINY + "\n# mine\n", digest(TINY))
    (place,) = (workspace.store / "unsaved").glob("*.json")
    place.write_text(
        place.read_text().replace(f'"started": "{process_start_time(os.getpid())}"', '"started": "0"')
    )
    place.rename(place.with_name("1.json"))
    path.write_text(CHANGED)

    async def act(pilot: Pilot[Any]) -> None:
        await until_shown(pilot, "these edits of tiny.toml")
        await pilot.press("b")
        await until_shown(pilot, "Changed on disk")
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, ExperimentsScreen), "the dialog is closed")
        assert "# mine" in app.screen.draft.text  # type: ignore[attr-defined]

    drive(app, act)
    assert path.read_text() == CHANGED


def test_saving_follows_a_link_and_leaves_it_a_link(app: L5App, workspace: Workspace, tmp_path: Path) -> None:
    target = tmp_path / "elsewhere.toml"
    shutil.copy(workspace.experiments / "tiny.toml", target)
    target.chmod(0o600)
    link = workspace.experiments / "linked.toml"
    link.symlink_to(target)

    async def act(pilot: Pilot[Any]) -> None:
        screen = await editor_at(pilot, "linked.toml")
        await change_seed(pilot, screen)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: any("is saved" in each for each in notifications(app)), "it is saved")

    drive(app, act)
    assert link.readlink() == target
    assert target.read_text() == TINY + "\n# mine\n"
    assert stat.S_IMODE(target.stat().st_mode) == 0o600


def test_a_file_that_appears_does_not_take_the_cursor_back(app: L5App, workspace: Workspace) -> None:
    tiny = workspace.experiments / "tiny.toml"

    async def act(pilot: Pilot[Any]) -> None:
        screen = await editor_at(pilot, "default.toml")
        files = screen.query_one(FileList)
        (workspace.experiments / "another.toml").write_text(TINY)
        # The look at the folder comes between a key and the message of the list that opens the file.
        with files.prevent(FileList.OptionHighlighted):
            files.go_to(tiny)
        await screen._look()
        assert files.path == tiny
        assert files.highlighted is not None
        option = files.get_option_at_index(files.highlighted)
        files.post_message(FileList.OptionHighlighted(files, option, files.highlighted))
        await until(pilot, lambda: screen.draft.path == tiny, "it is open")
        await until_shown(pilot, "another")
        assert files.path == tiny

    drive(app, act)
