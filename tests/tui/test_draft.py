"""A draft: the form's values and the TOML text in step, whatever the text's form."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from l5tui.config import parameters
from l5tui.tui.draft import Draft
from l5tui.tui.form_lines import form_lines, shown, typed
from l5tui.tui.widgets.field_panel import model_time_of

CELLS = {cell.key: cell for line in form_lines() for cell in line.cells}


def test_the_form_has_every_parameter_but_the_search_space() -> None:
    named = {cell.parameter.path for cell in CELLS.values()}
    assert named == {known.path for known in parameters()} - {"targets", "tuning.space"}
    assert len([key for key in CELLS if key.startswith("network.target_weights[")]) == 16


@pytest.mark.parametrize("key", CELLS)
def test_what_is_shown_and_typed_again_is_the_same(key: str) -> None:
    cell = CELLS[key]
    default = Draft(None, "seed = 1", "x").default(cell)
    assert typed(cell, shown(default)) == default


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("seed", "7", 7),
        ("seed", "seven", "seven"),
        ("plasticity.tau_learn", "−5", -5),
        ("plasticity.tau_learn", "1e3", 1000.0),
        ("plasticity.tau_learn", "1\nrule = 'oja'", "1\nrule = 'oja'"),
        ("plasticity.dale", "true", True),
        ("name", "true", "true"),
        ("tags", 'a, "b c",', ["a", "b c"]),
        ("stimulus.directions", "0, 90,180 , 270", [0, 90, 180, 270]),
        ("stimulus.directions", "", []),
        ("network.sizes.CS", "", ""),
    ],
)
def test_typed_text_becomes_the_value_that_is_meant(key: str, text: str, value: object) -> None:
    assert typed(CELLS[key], text) == value


@given(st.sampled_from(sorted(CELLS)), st.text(max_size=20))
def test_whatever_is_typed_is_a_value_or_a_fault_there(key: str, text: str) -> None:
    draft = Draft(Path("x.toml"), "# mine\n[network]\nsizes = [45, 275, 46, 34]\n", "x")
    cell = CELLS[key]
    draft.set(cell, typed(cell, text))
    assert draft.text.startswith("# mine\n") or "# mine" in draft.text
    assert draft.experiment is not None or draft.faults
    draft.revert(cell)
    assert draft.text == draft.saved
    draft.undo()
    draft.undo()
    assert draft.text == draft.saved


def test_lists_aliases_and_missing_tables_are_edited_where_they_are() -> None:
    draft = Draft(Path("x.toml"), "[network]\nN = [1, 2, 3, 4]\nw_target = 5\n", "x")
    assert draft.value(CELLS["network.sizes.PV"]) == 3
    assert draft.faults_at(CELLS["network.target_weights[0][1]"])
    assert draft.value(CELLS["network.target_weights[0][0]"]) == 0.27
    draft.set(CELLS["network.sizes.PV"], 30)
    assert "N = [1, 2, 30, 4]" in draft.text
    draft.set(CELLS["plasticity.rule"], "oja")
    assert draft.text.endswith('[plasticity]\nrule = "oja"\n')
    assert draft.differs(CELLS["network.sizes.PV"])
    assert not draft.differs(CELLS["network.sizes.CS"])


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("seed = 1\n\n[plasticity]\nrule = 'oja'\ntau_learn = -1\n", 4),
        ("seed = \n", 0),
        ("[network]\n\nsizes = {CS = -1}\n", 2),
        ("[network]\n[plasticity]\nrul = 3\n", 2),
        ("seed = 1\n", None),
    ],
)
def test_the_faulty_line_is_known(text: str, line: int | None) -> None:
    assert Draft(Path("x.toml"), text, "x").fault_line == line


def test_warnings_are_at_their_cell_and_go_with_their_cause() -> None:
    draft = Draft(None, "[network]\ngamma = 2\n", "x")
    (warning,) = draft.warnings_at(CELLS["network.gamma"])
    assert "ill-posed" in warning.text
    assert draft.warnings_at(CELLS["plasticity.rule"]) == []
    draft.set(CELLS["plasticity.rule"], "oja")
    assert draft.warnings == ()
    draft.set(CELLS["network.gamma"], -1)
    assert (draft.warnings, len(draft.faults)) == ((), 1)


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("plasticity.onset_step", "5 s"),
        ("dynamics.dt", "10 ms"),
        ("dynamics.duration_tau", "25 s"),
        ("plasticity.tau_learn", "33.3 min"),
        ("plasticity.tau_threshold", "2.79 s"),
        ("network.gamma", ""),
        ("dynamics.tau_ms", ""),
    ],
)
def test_a_time_is_shown_in_seconds_too(key: str, expected: str) -> None:
    assert model_time_of(CELLS[key], Draft(None, "seed = 1", "x")) == expected
    half = Draft(None, "[dynamics]\ntau_ms = 50.0\n", "x")
    assert (model_time_of(CELLS[key], half) == expected) == (expected == "")
