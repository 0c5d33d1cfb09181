"""The search space as a table in the form, in step with the TOML."""

from __future__ import annotations

from typing import Any

import pytest
from textual.pilot import Pilot

from l5tui.config.schema import parameters
from l5tui.config.toml_text import parse_toml
from l5tui.config.toml_writer import REMOVED
from l5tui.tui.app import L5App
from l5tui.tui.draft import Draft
from l5tui.tui.search_space import SpaceCell, proposed, searchable, space_lines
from l5tui.tui.widgets.form import Form
from tests.tui.driving import drive, screen_text, type_text, until, until_shown
from tests.tui.test_experiments import go_to, open_file
from tests.tuning.searches import study_toml

TEXT = """\
# which
[tuning.space]
# the stimulus
"stimulus.amplitude.CS" = {low = 0.0, high = 20.0}  # as before
"plasticity.rule" = ["bcm", "oja"]
"""


def space_cell(draft: Draft, path: str, field: str) -> SpaceCell:
    """A cell of the table."""
    cells = [cell for line in space_lines(draft.data) for cell in line.cells]
    return next(
        cell for cell in cells if isinstance(cell, SpaceCell) and (cell.searched, cell.field) == (path, field)
    )


def test_the_table_and_the_text_stay_in_step() -> None:
    draft = Draft(None, TEXT, "search")
    low = space_cell(draft, "stimulus.amplitude.CS", "low")
    assert draft.value(low) == 0.0
    draft.set(low, 2.5)
    draft.set(space_cell(draft, "stimulus.amplitude.CS", "log"), True)
    assert draft.faults == ()
    draft.set(low, 30.0)
    assert "low less than high" in str(draft.faults_at(low)[0])
    draft.set(low, "x")
    assert "a number" in str(draft.faults_at(low)[0])
    draft.set(low, 2.5)
    draft.set(space_cell(draft, "plasticity.rule", ""), ["bcm", "covariance"])
    draft.search("network.gamma", {"low": 0.5, "high": 2.0})
    draft.search("stimulus.amplitude.CS", REMOVED)
    assert draft.experiment is not None
    assert set(draft.experiment.tuning.space) == {"network.gamma", "plasticity.rule"}
    assert draft.text.startswith("# which\n[tuning.space]\n# the stimulus\n")
    while draft.undo():
        pass
    assert draft.text == TEXT


@pytest.mark.parametrize("known", searchable(), ids=lambda known: known.path)
def test_what_is_proposed_for_a_parameter_is_allowed(known: Any) -> None:
    draft = Draft(None, "", "search")
    spread = proposed(draft.data, known)
    draft.search(known.path, spread)
    cells = [cell for line in space_lines(draft.data) for cell in line.cells]
    assert [fault for cell in cells for fault in draft.faults_at(cell)] == []
    assert parse_toml(draft.text) == {"tuning": {"space": {known.path: spread}}}


def test_only_what_a_trial_can_vary_is_offered() -> None:
    offered = {known.path for known in searchable()}
    assert offered < {known.path for known in parameters()}
    assert {"stimulus.amplitude.CS", "plasticity.rule", "plasticity.dale"} <= offered
    assert not offered & {"name", "seed", "tuning.trials", "network.connection_probability"}


def test_a_parameter_is_added_edited_and_taken_out_with_keys(app: L5App) -> None:
    path = app.workspace.experiments / "tiny.toml"
    path.write_text(study_toml())

    async def act(pilot: Pilot[Any]) -> None:
        screen = await open_file(pilot, "tiny")
        before = screen.draft.text
        await go_to(pilot, "network.gamma")
        await pilot.press("a")
        await until_shown(pilot, "• ")
        form = screen.query_one(Form)
        await until(pilot, lambda: isinstance(form.cell, SpaceCell), "it is in the table")
        assert '"network.gamma" = {low = 0.5, high = 2.0}' in screen.draft.text
        await pilot.press("enter")
        await type_text(pilot, "7")
        await until_shown(pilot, "allowed low less than high")
        assert "✗ 1 fault" in screen_text(app)
        await pilot.press("backspace", "1", "enter", "right", "right", "space")
        await until(
            pilot, lambda: "log = true" in screen.draft.text.split("gamma")[1], "it is on a log scale"
        )
        assert screen.draft.experiment is not None
        await pilot.press("x")
        await until(pilot, lambda: "network.gamma" not in screen.draft.text, "it is taken out")
        assert screen.draft.text == before

        await pilot.press("G", "enter")
        await until_shown(pilot, "type to find")
        await type_text(pilot, "amplitude pv")
        await pilot.press("enter")
        await until(pilot, lambda: "stimulus.amplitude.PV" in screen.draft.text, "another is added")
        await pilot.press("ctrl+s")
        await until(pilot, lambda: not screen.draft.is_changed, "it is saved")

    drive(app, act)
    assert "stimulus.amplitude.PV" in parse_toml(path.read_text())["tuning"]["space"]
