"""The app follows its workspace, which is moved while a study runs: the study, its page and what is begun later."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from l5tui.tui.app import L5App
from l5tui.tui.widgets.line_table import LineTable
from l5tui.tuning.study import list_studies
from l5tui.workspace import Workspace
from tests.tui.driving import LARGE, drive, notifications, until, until_shown
from tests.tui.test_studies import begin
from tests.tuning.searches import study_toml


@pytest.mark.slow
def test_a_study_is_followed_to_where_its_workspace_is_now(
    app: L5App, workspace: Workspace, tmp_path: Path
) -> None:
    (workspace.experiments / "tiny.toml").write_text(study_toml(trials=5000))
    moved = Workspace(tmp_path / "a new place")

    async def act(pilot: Pilot[Any]) -> None:
        page = await begin(pilot)
        table = page.query_one(LineTable)
        await until(pilot, lambda: len(table._keys) >= 2, "there are trials")
        workspace.root.rename(moved.root)
        await until(
            pilot,
            lambda: (
                f"the workspace was moved to {moved.root}; the study continues there" in notifications(app)
            ),
            "the move is reported",
        )
        before = len(table._keys)
        await until(pilot, lambda: len(table._keys) > before + 1, "more trials are shown")
        await pilot.press("x")
        await until(pilot, lambda: page._stop_requested, "the stop request")
        await until_shown(pilot, "– stopped")
        await pilot.press("r")
        await until_shown(pilot, "● running")
        await pilot.press("x")
        await until(pilot, lambda: page._stop_requested, "the stop request")
        await until_shown(pilot, "– stopped")
        for each in app.studies.processes:
            await each.ended()

    drive(app, act, LARGE)
    (study,) = list_studies(moved)
    assert (str(study.status), study.error) == ("stopped", "stopped")
    assert not workspace.root.exists()
