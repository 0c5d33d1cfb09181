"""Deleting runs: confirmed, visible runs only, and complete whatever is pressed meanwhile."""

from __future__ import annotations

import asyncio
import os
import signal
from typing import Any

from textual.pilot import Pilot

from l5tui.tui.app import L5App
from l5tui.tui.screens.choice import ChoiceScreen
from l5tui.tui.screens.run_page import RunPage
from l5tui.tui.screens.runs import RunsScreen
from l5tui.tui.widgets.run_table import RunTable
from l5tui.workspace import Workspace
from tests.tui.catalogue_rows import add_runs
from tests.tui.driving import burst, drive, notifications, screen_text, type_text, until, until_shown
from tests.workspaces import locked, rows


def names(workspace: Workspace) -> list[str]:
    """Names of the runs in the catalogue, oldest first."""
    return [row["name"] for row in rows(workspace)]


async def mark_all(pilot: Pilot[Any], amount: int) -> RunTable:
    """Open the runs and mark every one."""
    await pilot.press("3")
    await until_shown(pilot, f"Runs ({amount})")
    await pilot.press(*["space"] * amount)
    table = pilot.app.screen.query_one(RunTable)
    assert len(table.marked) == amount
    return table


def test_enter_keeps_and_the_runs_are_named(app: L5App, workspace: Workspace) -> None:
    wanted = [f"run-{number}" for number in range(7)]
    add_runs(workspace, wanted)

    async def act(pilot: Pilot[Any]) -> None:
        await mark_all(pilot, 7)
        await pilot.press("D")
        await until_shown(pilot, "Delete 7 runs?")
        shown = screen_text(app)
        assert [name for name in wanted if name in shown.split("Delete 7 runs?")[1]] == wanted[2:]
        await until_shown(pilot, "… and 2 more")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, RunsScreen), "the dialog is closed")
        await pilot.press("D")
        await until(pilot, lambda: isinstance(app.screen, ChoiceScreen), "the dialog is open")
        await pilot.press("up", "enter")
        await until_shown(pilot, "Runs (0)")

    drive(app, act, (80, 30))
    assert names(workspace) == []


def test_marks_that_the_filter_hides_are_left_alone(app: L5App, workspace: Workspace) -> None:
    add_runs(workspace, ["alpha-1", "beta-1", "alpha-2", "beta-2"])

    async def act(pilot: Pilot[Any]) -> None:
        await mark_all(pilot, 4)
        await pilot.press("slash")
        await type_text(pilot, "alpha")
        await pilot.press("enter")
        await until_shown(pilot, "Runs (2 of 4, 4 marked, 2 of them hidden)")
        await pilot.press("t")
        await until_shown(pilot, "2 marked runs are hidden by the filter and not deleted")
        await type_text(pilot, "seen")
        await pilot.press("enter")
        await until(pilot, lambda: "2 runs tagged" in notifications(app), "they are tagged")
        await pilot.press("D")
        await until_shown(pilot, "2 marked runs are hidden by the filter and not deleted")
        assert "beta" not in screen_text(app)
        await pilot.press("y")
        await until_shown(pilot, "Runs (0 of 2, 2 marked, 2 of them hidden)")

    drive(app, act)
    assert names(workspace) == ["beta-1", "beta-2"]


def test_keys_during_a_deletion_do_not_stop_it(app: L5App, workspace: Workspace) -> None:
    add_runs(workspace, [f"run-{number:02}" for number in range(12)])

    async def act(pilot: Pilot[Any]) -> None:
        await mark_all(pilot, 12)
        await pilot.press("up", "space", "D")
        await until_shown(pilot, "Delete 11 runs")
        await pilot.press("y", "t")
        await until_shown(pilot, "Tags for")
        await type_text(pilot, "later")
        await pilot.press("enter", "1")
        await until(pilot, lambda: "11 runs deleted" in notifications(app), "all are gone")

    drive(app, act)
    assert len(names(workspace)) == 1


def test_the_page_of_a_deleted_run_is_left(app: L5App, workspace: Workspace) -> None:
    add_runs(workspace, ["first", "second"])

    async def act(pilot: Pilot[Any]) -> None:
        await pilot.press("3")
        await until_shown(pilot, "Runs (2)")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, RunPage), "its page is open")
        await until_shown(pilot, "not simulated")
        await pilot.press("D")
        await until_shown(pilot, "second")
        await pilot.press("y", "1")
        await until(pilot, lambda: "1 run deleted" in notifications(app), "it is gone")
        await pilot.press("3")
        await until_shown(pilot, "Runs (1)")
        assert isinstance(app.screen, RunsScreen)

    drive(app, act)
    assert names(workspace) == ["first"]


def test_a_deletion_that_was_confirmed_is_completed_before_the_app_is_left(
    app: L5App, workspace: Workspace
) -> None:
    add_runs(workspace, [f"run-{number}" for number in range(20)])

    async def act(pilot: Pilot[Any]) -> None:
        await mark_all(pilot, 20)
        await pilot.press("D")
        await until(pilot, lambda: isinstance(app.screen, ChoiceScreen), "the dialog is open")
        with locked(workspace):
            burst(app, "y", "ctrl+q")
            await asyncio.sleep(3.0)
            assert "The app ends as soon as this is complete: deleting 20 runs" in notifications(app)
        await until(pilot, lambda: app._exit, "the app is left")

    drive(app, act, (80, 30))
    assert names(workspace) == []


def test_a_signal_completes_the_deletion_in_progress_and_logs_the_others(
    app: L5App, workspace: Workspace
) -> None:
    add_runs(workspace, [f"run-{number}" for number in range(20)])

    async def act(pilot: Pilot[Any]) -> None:
        await mark_all(pilot, 20)
        await pilot.press("D")
        await until(pilot, lambda: isinstance(app.screen, ChoiceScreen), "the dialog is open")
        with locked(workspace):
            await pilot.press("y")
            await until(pilot, lambda: app.run_changes.running, "the deletion has begun")
            os.kill(os.getpid(), signal.SIGHUP)
            await until(pilot, lambda: app._exit, "the app is left")

    drive(app, act, (80, 30))
    left = len(names(workspace))
    assert left in {19, 20}
    assert "deleting stopped: 19 of 20 runs were not deleted" in workspace.log.read_text()
