"""Studies: begun from the editor, followed, stopped, taken up again, and their best point in the editor."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

import pytest
from textual.pilot import Pilot

from l5tui.tui.app import L5App
from l5tui.tui.screens.experiments import ExperimentsScreen
from l5tui.tui.screens.run_page import RunPage
from l5tui.tui.screens.studies import StudiesScreen
from l5tui.tui.screens.study_page import StudyPage
from l5tui.tui.widgets.line_table import LineTable
from l5tui.tui.widgets.value_chart import Axis
from l5tui.tuning.study import list_studies, show_study
from l5tui.workspace import Workspace
from tests.tui.driving import LARGE, burst, drive, notifications, screen_text, type_text, until, until_shown
from tests.tui.test_experiments import open_file
from tests.tuning.searches import search, study_toml

MANY = 5000


async def begin(pilot: Pilot[Any]) -> StudyPage:
    """Begin the study of ``tiny`` from its form."""
    await open_file(pilot, "tiny")
    await pilot.press("t")
    await until(pilot, lambda: isinstance(pilot.app.screen, StudyPage), "the study is shown")
    await until(pilot, lambda: pilot.app.screen.query(LineTable), "its page is drawn")
    assert isinstance(pilot.app.screen, StudyPage)
    return pilot.app.screen


@pytest.mark.usefixtures("recording")
def test_start_follow_stop_resume_and_the_best_into_the_editor(app: L5App, workspace: Workspace) -> None:
    # The random search of a tiny network does a few trials a second.
    (workspace.experiments / "tiny.toml").write_text(study_toml(trials=MANY))

    async def act(pilot: Pilot[Any]) -> None:
        page = await begin(pilot)
        study_id = page.chosen
        table = page.query_one(LineTable)
        await until(pilot, lambda: len(table._keys) >= 3, "there are trials")
        await until_shown(pilot, "◆")
        assert f"of {MANY} trials" in screen_text(app)
        assert "loss by trial, best so far" in screen_text(app)
        await pilot.press("p")
        await until_shown(pilot, "over plasticity.tau_learn (2/4")
        await pilot.press("x")
        await until(
            pilot, lambda: any("no more trials" in text for text in notifications(app)), "the stop request"
        )
        await until_shown(pilot, "– stopped")
        before = show_study(workspace, study_id).record.ended_trials
        assert before >= 3

        # Its trials may still be recorded in MLflow; the app waits for that.
        await pilot.press("r")
        await until_shown(pilot, "● running")
        await until(pilot, lambda: show_study(workspace, study_id).record.ended_trials > before, "it goes on")
        await pilot.press("x")
        await until(pilot, lambda: page._stop_requested, "the stop request")
        await until_shown(pilot, "– stopped")

        best = show_study(workspace, study_id)
        await pilot.press("b")
        await until(pilot, lambda: isinstance(app.screen, ExperimentsScreen), "the editor")
        await until_shown(pilot, "no file yet")
        editor = app.screen
        assert isinstance(editor, ExperimentsScreen)
        assert editor.draft.experiment is not None
        trial = next(each for each in best.trials if each.number == best.record.best_trial)
        assert editor.draft.experiment.plasticity.rule == trial.point["plasticity.rule"]
        assert editor.draft.experiment.plasticity.tau_learn == trial.point["plasticity.tau_learn"]
        for each in app.studies.processes:
            await each.ended()

    drive(app, act, LARGE)
    (record,) = list_studies(workspace)
    assert record.status == "stopped"


def test_a_second_request_stops_now(app: L5App, workspace: Workspace) -> None:
    slow = study_toml(trials=4).replace("duration_tau = 30.0", "duration_tau = 3e5")
    (workspace.experiments / "tiny.toml").write_text(slow)

    async def act(pilot: Pilot[Any]) -> None:
        page = await begin(pilot)
        await until(pilot, lambda: page.query_one(LineTable)._keys, "a trial runs")
        await pilot.press("x")
        await until(pilot, lambda: page._stop_requested, "the stop request")
        await pilot.press("x")
        await until_shown(pilot, "– stopped")
        await app.studies.processes[0].ended()

    drive(app, act)
    (record,) = list_studies(workspace)
    assert dict(record.counts) == {"interrupted": 1}


def test_the_list_and_the_headline_have_the_confirmed_best_first(app: L5App, workspace: Workspace) -> None:
    confirm = "confirm = 2\nconfirm_circuits = 3\nrealizations = 1"
    search(workspace, study_toml(trials=2))
    found = search(workspace, study_toml(trials=3, extra=confirm))
    best = found.confirmed
    assert best is not None

    async def act(pilot: Pilot[Any]) -> None:
        await pilot.press("5")
        await until_shown(pilot, best.short)
        shown = screen_text(app)
        assert "not confirmed" in shown
        assert "in search" in shown
        assert f"best {best.with_interval} in trial {best.trial}, confirmed" in shown
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, StudyPage), "the study is shown")
        await until_shown(pilot, f"best {best.with_interval} in trial {best.trial}, confirmed")
        await until_shown(pilot, "minus trial")

    drive(app, act, LARGE)


def test_without_a_space_it_says_what_to_write(app: L5App) -> None:
    async def act(pilot: Pilot[Any]) -> None:
        await open_file(pilot, "tiny")
        await pilot.press("t")
        await until(
            pilot, lambda: any("[tuning.space]" in text for text in notifications(app)), "the notification"
        )
        assert isinstance(app.screen, ExperimentsScreen)
        assert not app.studies.processes

    drive(app, act)


def test_faults_are_reported_before_a_study_begins(app: L5App, workspace: Workspace) -> None:
    bad = study_toml().replace("high = 20.0", "high = 1e9")
    (workspace.experiments / "tiny.toml").write_text(bad)

    async def act(pilot: Pilot[Any]) -> None:
        await open_file(pilot, "tiny")
        await pilot.press("t")
        await until(
            pilot,
            lambda: any("stimulus.amplitude.CS" in text for text in notifications(app)),
            "the notification",
        )
        assert not app.studies.processes

    drive(app, act)


def test_a_study_of_another_process_is_shown_and_a_complete_one_takes_more_trials(
    app: L5App, workspace: Workspace
) -> None:
    report = search(workspace, study_toml(trials=4))

    async def act(pilot: Pilot[Any]) -> None:
        await pilot.press("5")
        await until(pilot, lambda: isinstance(app.screen, StudiesScreen), "the studies are shown")
        await until_shown(pilot, "Studies (1)")
        assert "4/4" in screen_text(app)
        await pilot.press("enter")
        await until_shown(pilot, "4 of 4 trials")
        shown = app.screen.query_one(LineTable)
        values = {trial.number: trial.value for trial in report.trials}
        assert [values[int(str(key))] for key in shown._keys] == sorted(values.values())
        await pilot.press("s")
        assert list(shown._keys) == [3, 2, 1, 0]
        await pilot.press("enter")
        await until_shown(pilot, "Of trial 3 only its measures are kept")
        await pilot.press("r")
        await until(pilot, lambda: [run.status for run in app.session.runs] == ["completed"], "it is run")
        await pilot.press("5")
        await until_shown(pilot, "4 of 4 trials")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, RunPage), "its run is opened")
        await pilot.press("escape")
        await pilot.press("r")
        await until_shown(pilot, "How many in all?")
        await pilot.press("backspace", "backspace")
        await type_text(pilot, "6")
        await pilot.press("enter")
        await until_shown(pilot, "6 of 6 trials")
        await app.studies.processes[0].ended()

    drive(app, act)


def test_a_repeated_key_resumes_a_study_once(app: L5App, workspace: Workspace) -> None:
    search(workspace, study_toml(trials=2))
    with closing(sqlite3.connect(workspace.catalog, timeout=30)) as catalogue, catalogue:
        catalogue.execute("UPDATE study SET status = 'stopped', trials = 4")

    async def act(pilot: Pilot[Any]) -> None:
        await pilot.press("5")
        await until_shown(pilot, "2/4")
        burst(app, "r", "r", "enter", "r")
        await until(
            pilot, lambda: any("is being resumed" in text for text in notifications(app)), "it is said"
        )
        await until(pilot, lambda: list_studies(workspace)[0].ended_trials == 4, "it has all trials")
        for each in app.studies.processes:
            await each.ended()
        assert len(app.studies.processes) == 1
        assert not app.studies.resuming
        assert not any("running in process" in text for text in notifications(app))

    drive(app, act)


@pytest.mark.slow
def test_a_study_is_found_while_it_is_running_and_quitting_shows_a_dialog(
    app: L5App, workspace: Workspace
) -> None:
    (workspace.experiments / "tiny.toml").write_text(study_toml(trials=MANY))

    async def act(pilot: Pilot[Any]) -> None:
        await begin(pilot)
        await pilot.press("escape")
        await until_shown(pilot, "● running")
        await pilot.press("ctrl+q")
        await until_shown(pilot, "a stopped study can be resumed")
        await pilot.press("escape")
        await pilot.pause()
        assert app.is_running
        await pilot.press("ctrl+q")
        await until_shown(pilot, "a stopped study can be resumed")
        await pilot.press("s")
        await until(pilot, lambda: not app.is_running, "it is left")

    drive(app, act)
    (record,) = list_studies(workspace)
    assert record.status == "stopped"


@pytest.mark.slow
def test_a_study_that_is_left_alone_goes_on(app: L5App, workspace: Workspace) -> None:
    (workspace.experiments / "tiny.toml").write_text(study_toml(trials=60))

    async def act(pilot: Pilot[Any]) -> None:
        await begin(pilot)
        await pilot.press("ctrl+q")
        await until_shown(pilot, "a stopped study can be resumed")
        await pilot.press("l")
        await until(pilot, lambda: not app.is_running, "it is left")
        assert list_studies(workspace)[0].status == "running"
        await app.studies.processes[0].ended()

    drive(app, act)
    (record,) = list_studies(workspace)
    assert (record.status, dict(record.counts)) == ("completed", {"completed": 60})


@pytest.mark.parametrize("maximize", [False, True])
def test_a_heavy_tail_does_not_flatten_the_rest(maximize: bool) -> None:
    values = [-1.0, -0.5, 0.0, 0.1, 0.2, 0.3, 0.5, 1.0]
    tail = -1e6 if maximize else 1e6
    axis = Axis([*values, tail], maximize=maximize)
    assert axis.note == ("1 below" if maximize else "1 above")
    assert axis.share(tail) == (0.0 if maximize else 1.0)
    assert axis.share(0.5) - axis.share(0.0) > 0.05
    assert Axis([1.0, 3.0, 1e4], maximize=maximize).note == "log axis"
    assert Axis(values, maximize=maximize).note == ""
