"""Run: live, cancelled, queued, and what becomes of it when the app or the process is left."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import OptionList

from l5tui.runner.opening import open_catalog
from l5tui.tui.app import L5App
from l5tui.tui.screens.live import LiveScreen
from l5tui.tui.screens.run_page import RunPage
from l5tui.tui.state import State
from l5tui.tui.widgets.block_map import BlockMap
from l5tui.tui.widgets.rate_chart import RateChart
from l5tui.tui.widgets.tuning_chart import TuningChart, legend
from l5tui.workspace import Workspace
from tests.tui.driving import LARGE, SMALL, drive, notifications, screen_text, until, until_shown
from tests.tui.test_experiments import open_file
from tests.workspaces import ENDLESS, assert_truthful, rows


def processor_time(pid: int) -> float:
    """Seconds that a process has computed for."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def run_file(pilot: Pilot[Any], name: str) -> LiveScreen:
    """Run an experiment from its form."""
    await pilot.press("1")
    await open_file(pilot, name)
    await pilot.press("r")
    await until(pilot, lambda: isinstance(pilot.app.screen, LiveScreen), "the run is shown")
    assert isinstance(pilot.app.screen, LiveScreen)
    return pilot.app.screen


@pytest.mark.parametrize("room", [20, 36, 40, 42, 80])
def test_the_legend_of_the_tuning_curves_fits(room: int) -> None:
    text = legend("now", room)
    assert len(text) <= room
    assert text.startswith("○ before  ━ now")
    assert text.endswith(("now", "angle", "angle from preferred"))


def test_of_many_runs_the_oldest_are_condensed_in_memory(app: L5App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("l5tui.tui.session.WHOLE_RUNS", 1)

    async def act(pilot: Pilot[Any]) -> None:
        await run_file(pilot, "tiny")
        await until(pilot, lambda: app.session.runs[0].is_over, "the first run is over")
        assert app.session.runs[0].courses
        await run_file(pilot, "tiny")
        await until(pilot, lambda: app.session.runs[-1].is_over, "the second run is over")
        first, second = app.session.runs
        assert (first.is_condensed, second.is_condensed) == (True, False)
        assert not first.courses
        assert second.courses
        await pilot.press("down")
        await until_shown(pilot, "Enter opens its page, which has the curves")
        await until_shown(pilot, "kept in store/runs/")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, RunPage), "its page")
        await until_shown(pilot, "OS_vector")

    drive(app, act, LARGE)


@pytest.mark.usefixtures("recording")
def test_a_run_is_shown_while_it_goes_on_and_its_summary_when_it_is_over(app: L5App) -> None:
    async def act(pilot: Pilot[Any]) -> None:
        screen = await run_file(pilot, "tiny")
        await until_shown(pilot, "completed")
        await until_shown(pilot, "kept in store/runs/")
        shown = screen_text(app)
        assert "100%" in shown
        assert "rms distance to target" in shown
        assert "max Re λ(W)" in shown
        assert "before → after" in shown, shown
        assert screen.query_one(RateChart)._steps[-1] <= 300
        assert len(screen.query_one(BlockMap)._weights) == 4
        (run,) = app.session.runs
        await until(pilot, lambda: run.is_over, "the record in MLflow")
        await until_shown(pilot, "Enter opens its page")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, RunPage), "its page")
        await until_shown(pilot, "OS_vector")
        await pilot.press("escape", "1")
        await until_shown(pilot, "✓")

    drive(app, act)
    (row,) = rows(app.workspace)
    assert row["status"] == "completed"
    assert row["mlflow_run"]
    assert_truthful(app.workspace)


def test_cancel_is_confirmed_and_recorded_and_the_next_run_begins(app: L5App, workspace: Workspace) -> None:
    (workspace.experiments / "quickstart.toml").write_text(ENDLESS.replace('"tiny"', '"endless"'))

    async def act(pilot: Pilot[Any]) -> None:
        await run_file(pilot, "quickstart")
        await run_file(pilot, "tiny")
        # The run that was started is shown, though it waits; the one that runs is below it in the list.
        await until_shown(pilot, "waits for its turn")
        await pilot.press("down")
        await until_shown(pilot, "left")
        assert "2 to go" in screen_text(app)
        await pilot.press("x")
        await until_shown(pilot, "Cancel endless?")
        await pilot.press("escape")
        await pilot.pause()
        assert not app.session.runs[0].is_cancelling
        await pilot.press("x")
        await until_shown(pilot, "Cancel endless?")
        await pilot.press("y")
        await until(pilot, lambda: app.session.runs[0].status == "cancelled", "it is cancelled")
        await until(pilot, lambda: app.session.runs[1].status == "completed", "the next has run")
        await until_shown(pilot, "nothing runs")
        await pilot.press("x")
        await pilot.pause()
        assert "Nothing to cancel: this run has ended." in notifications(app)

    drive(app, act, LARGE)
    assert [row["status"] for row in rows(workspace)] == ["cancelled", "completed"]
    assert_truthful(workspace)


@pytest.mark.slow
def test_a_run_is_paused_and_goes_on_and_its_time_does_not_count(app: L5App, workspace: Workspace) -> None:
    (workspace.experiments / "tiny.toml").write_text(ENDLESS)

    async def act(pilot: Pilot[Any]) -> None:
        await run_file(pilot, "tiny")
        await until_shown(pilot, "left")
        (run,) = app.session.runs
        assert "p Pause" in screen_text(app).splitlines()[-1]
        await pilot.press("p")
        await until_shown(pilot, "paused, p goes on")
        assert "p Go on" in screen_text(app).splitlines()[-1]
        await until(pilot, lambda: run.is_paused, "it is held")
        await pilot.pause(0.3)
        at, pid = run.progress, app.session._worker.pid
        assert at is not None
        assert pid is not None
        elapsed, spent = run.elapsed, processor_time(pid)
        await pilot.pause(1.0)
        assert run.progress is not None
        assert run.progress.steps == at.steps
        assert run.elapsed == pytest.approx(elapsed, abs=0.1)
        # Signs of life and nothing else: a thread that simulates would take a second.
        assert processor_time(pid) - spent < 0.3
        # Another process that opens the catalogue meanwhile does not close it as dead.
        open_catalog(workspace)
        assert [row["status"] for row in rows(workspace)] == ["running"]
        await pilot.press("p")
        await until(pilot, lambda: run.progress.steps > at.steps, "it goes on")  # type: ignore[union-attr]
        assert [line[10:].strip() for line in run.log][-2:] == ["paused", "goes on"]

    drive(app, act)


def test_what_waits_is_taken_out_of_the_queue(app: L5App, workspace: Workspace) -> None:
    (workspace.experiments / "quickstart.toml").write_text(ENDLESS.replace('"tiny"', '"endless"'))

    async def act(pilot: Pilot[Any]) -> None:
        await run_file(pilot, "quickstart")
        await run_file(pilot, "tiny")
        await run_file(pilot, "tiny")
        await until_shown(pilot, "waits for its turn")
        await until_shown(pilot, "● endless")
        shown = screen_text(app)
        assert "waits, next" in shown
        assert "waits, no. 2" in shown
        queue = app.screen.query_one("#queue", OptionList)
        queue.focus()
        await pilot.press("home", "p")
        await until(
            pilot, lambda: any("x removes it" in text for text in notifications(app)), "the notification"
        )
        await pilot.press("x")
        first, second, third = app.session.runs
        await until(pilot, lambda: third.status == "cancelled", "it is taken out")
        assert (first.status, second.status) == ("running", "waiting")
        assert len(rows(workspace)) == 1

    drive(app, act)
    assert [row["name"] for row in rows(workspace)] == ["endless"]
    assert_truthful(workspace)


@pytest.mark.slow
@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_tuning_and_the_log_are_at_hand(app: L5App, size: tuple[int, int]) -> None:
    async def act(pilot: Pilot[Any]) -> None:
        screen = await run_file(pilot, "tiny")
        await until_shown(pilot, "kept in store/runs/")
        chart, rates = screen.query_one(TuningChart), screen.query_one(RateChart)
        assert chart.display == (size == LARGE)
        await pilot.press("t")
        await until(pilot, lambda: chart.display and not rates.display, "tuning is shown")
        await until_shown(pilot, "○ before  ━ now")
        await pilot.press("t", "l")
        await until(pilot, lambda: rates.display, "rates are shown")
        await until_shown(pilot, "2 of 2 realizations done")
        await pilot.press("l")
        await until_shown(pilot, "kept in store/runs/")

    drive(app, act, size)


@pytest.mark.slow
def test_what_is_drawn_can_be_frozen(app: L5App, workspace: Workspace) -> None:
    (workspace.experiments / "tiny.toml").write_text(ENDLESS.replace("every = 1_000_000", "every = 100"))

    async def act(pilot: Pilot[Any]) -> None:
        screen = await run_file(pilot, "tiny")
        await until(pilot, lambda: screen.query_one(RateChart)._steps, "rates are drawn")
        await pilot.press("space")
        await until_shown(pilot, "frozen")
        drawn = list(screen.query_one(RateChart)._steps)
        course = app.session.runs[0].course
        known = len(course.steps)
        await until(pilot, lambda: len(course.steps) > known + 20, "the run goes on")
        assert list(screen.query_one(RateChart)._steps)[: len(drawn)] == drawn
        await pilot.press("space")
        await until(pilot, lambda: len(screen.query_one(RateChart)._steps) > len(drawn), "it goes on")

    drive(app, act)


@pytest.mark.slow
def test_a_process_that_dies_is_a_failed_run_and_the_next_run_starts_another(
    app: L5App, workspace: Workspace
) -> None:
    (workspace.experiments / "quickstart.toml").write_text(ENDLESS.replace('"tiny"', '"endless"'))

    async def act(pilot: Pilot[Any]) -> None:
        await run_file(pilot, "quickstart")
        await until_shown(pilot, "left")
        pid = app.session._worker.pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        await until(pilot, lambda: app.session.runs[0].status == "failed", "the notification")
        assert any("the compute process died (exit code -9)" in text for text in notifications(app))
        await run_file(pilot, "tiny")
        await until_shown(pilot, "completed")

    drive(app, act)
    assert [row["status"] for row in rows(workspace)] == ["failed", "completed"]


def test_quitting_with_a_live_run_shows_a_dialog(app: L5App, workspace: Workspace, state: State) -> None:
    (workspace.experiments / "tiny.toml").write_text(ENDLESS)

    async def act(pilot: Pilot[Any]) -> None:
        await run_file(pilot, "tiny")
        await until_shown(pilot, "left")
        await pilot.press("ctrl+q")
        await until_shown(pilot, "Leave it running")
        await pilot.press("escape")
        await pilot.pause()
        assert app.is_running
        await pilot.press("ctrl+q")
        await until_shown(pilot, "Leave it running")
        await pilot.press("c")
        await until(pilot, lambda: not app.is_running, "it is left")

    drive(app, act)
    assert [row["status"] for row in rows(workspace)] == ["cancelled"]


@pytest.mark.slow
def test_a_run_that_is_left_alone_goes_on_and_is_found_again(
    app: L5App, workspace: Workspace, state: State
) -> None:
    # A few seconds: long enough to be left, short enough to be waited for.
    long = ENDLESS.replace("duration_tau = 1e6", "duration_tau = 3e4")
    (workspace.experiments / "tiny.toml").write_text(long)
    process = []

    async def act(pilot: Pilot[Any]) -> None:
        await run_file(pilot, "tiny")
        await until_shown(pilot, "left")
        process.append(app.session._worker)
        await pilot.press("ctrl+q")
        await until_shown(pilot, "Leave it running")
        await pilot.press("l")
        await until(pilot, lambda: not app.is_running, "it is left")
        assert [row["status"] for row in rows(workspace)] == ["running"]
        await process[0].ended()

    drive(app, act)
    assert [row["status"] for row in rows(workspace)] == ["completed"]

    async def again(pilot: Pilot[Any]) -> None:
        await pilot.press("3")
        await until_shown(pilot, "✓ completed")

    drive(L5App(workspace, state=state), again)
