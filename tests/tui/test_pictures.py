"""The main screens at 80 by 24, as text.

`L5TUI_PICTURES=1` writes the pictures again, to be looked at and committed.
"""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from l5tui.tui.app import L5App
from l5tui.tui.state import State
from l5tui.workspace import Workspace, create_workspace
from tests.tui.driving import SMALL, drive, screen_text, until_shown
from tests.tuning.searches import study_toml

PICTURES = Path(__file__).parent / "pictures"
DEFAULT = '# Everything else is as by default.\n[plasticity]\nrule = "sliding_bcm"  # the rule\n'
SETTLED_S = 5.0
"""Seconds after which a screen is as it will be."""

SCREENS: Sequence[tuple[str, Sequence[str], str]] = (
    ("experiments", (), "50,000 steps"),
    ("toml", ("v",), "TOML of default.toml"),
    ("field", ("escape", "z", "down", "down", "enter"), "Free text."),
    ("runs", ("escape", "3"), "no runs yet"),
    ("columns", ("C",), "Space"),
    ("compare", ("escape", "4"), "nothing is compared yet"),
    ("studies", ("5",), "no studies yet"),
    ("search-space", ("1", "escape", "end", "enter", "G"), "+ add a parameter to search"),
)
"""The keys that lead from each screen to the next, and what that shows once it is there."""


@pytest.fixture
def fixed(tmp_path: Path) -> Workspace:
    """A workspace in which nothing depends on the time or the machine."""
    workspace = create_workspace(tmp_path / "workspace")
    for path in workspace.experiments.glob("*.toml"):
        if path.stem not in ("default", "quickstart"):
            path.unlink()
    (workspace.experiments / "default.toml").write_text(DEFAULT)
    (workspace.experiments / "search.toml").write_text(study_toml())
    shutil.rmtree(workspace.store)
    workspace.store.mkdir()
    return workspace


def test_the_screens_look_as_they_did(fixed: Workspace, state: State) -> None:
    app = L5App(fixed, state=state)
    seen: dict[str, list[str]] = {}

    async def act(pilot: Pilot[Any]) -> None:
        await until_shown(pilot, "on disk")
        for name, keys, mark in SCREENS:
            for key in keys:
                await pilot.press(key)
                await pilot.pause()
            await until_shown(pilot, mark)
            expected = picture(name)
            deadline = time.monotonic() + SETTLED_S
            # The keys at the bottom are drawn last.
            while (shown := described(screen_text(app))) != expected and time.monotonic() < deadline:
                await pilot.pause(0.02)
            seen[name] = shown

    drive(app, act, SMALL)
    if os.environ.get("L5TUI_PICTURES"):
        PICTURES.mkdir(exist_ok=True)
        for name, lines in seen.items():
            (PICTURES / f"{name}.txt").write_text("\n".join(lines) + "\n")
    assert seen == {name: picture(name) for name, _, _ in SCREENS}


def picture(name: str) -> list[str]:
    """The lines that a screen has to show."""
    path = PICTURES / f"{name}.txt"
    return path.read_text().splitlines() if path.exists() else []


def described(text: str) -> list[str]:
    """The screen without what depends on the machine: the forecast of the time."""
    return [line.rstrip() for line in re.sub(r"about [^·]* ·", "about … ·", text).splitlines()]
