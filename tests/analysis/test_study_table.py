"""A study's trials as arrays and as CSV."""

from __future__ import annotations

import csv
import io
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from l5tui.analysis.parameter_axis import ParameterAxis
from l5tui.analysis.study_table import StudyTable, study_table
from tests.studies import MIXED, ONE, SIX, MadeTrial, made_table, made_trials, some_without_value, space_of


def table_of(*values: float, maximize: bool = False, status: str = "completed") -> StudyTable:
    trials = [MadeTrial(i, status, v, {"stimulus.spatial_frequency": 1.0}) for i, v in enumerate(values)]
    return study_table(ONE, trials[::-1], "loss", maximize)


@pytest.mark.parametrize("space", [SIX, MIXED, ONE])
@given(st.integers(0, 2**31))
def test_axes_place_points_where_the_search_does(space: dict[str, dict[str, object]], seed: int) -> None:
    searched = space_of(space)
    point = searched.point(np.random.default_rng(seed).random(len(searched)))

    table = study_table(space, [MadeTrial(0, point=point)], "loss", False)

    again = searched.point(table.units[0])
    for path, value in point.items():
        assert again[path] == (
            pytest.approx(value, rel=1e-9, abs=1e-12) if isinstance(value, float) else value
        )
    for axis, place, unit in zip(table.axes, table.places[0], table.units[0], strict=True):
        assert axis.places(np.array([unit]))[0] == pytest.approx(place, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("path", MIXED)
def test_a_grid_goes_from_end_to_end_of_what_can_be_tried(path: str) -> None:
    axis, dimension = ParameterAxis.from_dict(path, MIXED[path]), space_of({path: MIXED[path]}).dimensions[0]

    grid = axis.grid(50)

    ends = [axis.place(dimension.at(0.0)), axis.place(dimension.at(1.0))]
    assert [grid[0], grid[-1]] == pytest.approx(ends)
    assert (np.diff(grid) > 0).all()
    assert len(grid) <= 50


def test_trials_stand_in_the_order_of_their_numbers_and_the_best_so_far_only_improves() -> None:
    table = table_of(math.nan, 3.0, 5.0, 1.0, 1.0, math.inf)

    assert table.numbers.tolist() == [0, 1, 2, 3, 4, 5]
    np.testing.assert_array_equal(table.best_so_far, [math.nan, 3, 3, 1, 1, 1])
    assert table.best == 3
    assert table_of(3.0, 5.0, 1.0, maximize=True).best == 1
    assert table_of(3.0, 5.0, 1.0, maximize=True).best_so_far.tolist() == [3, 5, 5]


def test_a_trial_that_did_not_complete_has_no_value_whatever_it_brought() -> None:
    table = table_of(3.0, 0.0, status="diverged")

    assert np.isnan(table.values).all()
    assert table.best is None
    assert not len(table.best_rows)


def test_the_best_tenth_comes_best_first_and_is_never_empty() -> None:
    table = made_table(35, statuses=some_without_value)

    assert table.finished.sum() == 28
    assert table.values[table.best_rows].tolist() == sorted(table.values[table.finished])[:3]
    assert made_table(1).best_rows.tolist() == [0]


def test_a_study_without_trials_has_a_table() -> None:
    table = study_table(SIX, [], "loss", False)

    assert (len(table), table.units.shape, table.best) == (0, (0, 6), None)
    assert table.as_csv().count("\n") == 1


def test_csv_gives_back_every_trial_and_the_very_same_numbers() -> None:
    trials = made_trials(30, MIXED, statuses=some_without_value)
    nasty = MadeTrial(30, "failed", math.nan, trials[0].point, 0.1, 'ValueError: "a", b\nand c')

    rows = list(csv.DictReader(io.StringIO(study_table(MIXED, [*trials, nasty], "loss", False).as_csv())))

    assert len(rows) == 31
    assert rows[30]["error"] == nasty.error
    for row, trial in zip(rows, trials, strict=False):
        assert (row["number"], row["status"]) == (str(trial.number), trial.status)
        assert row["value"] == ("" if math.isnan(trial.value) else repr(trial.value))
        ratio = row["plasticity.tau_threshold / plasticity.tau_learn"]
        assert "plasticity.tau_threshold" not in row
        assert row["plasticity.tau_threshold/plasticity.tau_learn"] == ratio
        assert float(ratio) == trial.point["plasticity.tau_threshold"]
        assert row["plasticity.dale"] == str(trial.point["plasticity.dale"]).lower()
        assert int(row["network.sizes.CC"]) == trial.point["network.sizes.CC"]
