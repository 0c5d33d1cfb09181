"""The preview follows the edits, and says what changes against the file."""

from __future__ import annotations

from typing import Any

from textual.pilot import Pilot

from l5tui.tui.app import L5App
from l5tui.tui.widgets.preview_panel import PreviewPanel
from tests.tui.driving import LARGE, drive, screen_text, type_text, until, until_shown
from tests.tui.test_experiments import go_to, open_file


def test_it_follows_valid_edits_and_waits_at_faults(app: L5App) -> None:
    async def act(pilot: Pilot[Any]) -> None:
        await open_file(pilot, "tiny")
        await pilot.press("p")
        panel = app.screen.query_one(PreviewPanel)
        await until(pilot, lambda: panel._saved is not None, "the file's own preview")
        assert "ΔW·10³" in screen_text(app)
        await go_to(pilot, "network.initial_weight_cv")
        await pilot.press("enter")
        saved, before = panel._saved, panel._now
        await type_text(pilot, "0.5")
        await until(pilot, lambda: panel._now is not before, "the preview of the edit")
        assert panel._saved is saved
        await until(pilot, lambda: panel._now and panel._now["final"] != panel._saved["final"], "a change")  # type: ignore[index]
        await until_shown(pilot, "completed")
        await pilot.press("backspace", "backspace", "backspace")
        await type_text(pilot, "-1")
        await until_shown(pilot, "there are faults")
        await pilot.press("escape")
        await until(
            pilot, lambda: panel.border_subtitle and "completed" in str(panel.border_subtitle), "again"
        )

    drive(app, act, LARGE)
