"""What several runs differ in."""

from __future__ import annotations

import math

from l5tui.analysis.comparison import differences, differing, side_by_side


def test_only_what_differs_is_kept_in_its_order() -> None:
    runs = [{"a": 1, "b": "x", "c": 2.0}, {"a": 1, "b": "y", "c": 2.0}, {"a": 1, "b": "x", "c": 2.5}]
    assert differing(runs) == {"b": ("x", "y", "x"), "c": (2.0, 2.0, 2.5)}
    assert differing(runs[:1] * 3) == {}


def test_what_one_run_lacks_differs() -> None:
    runs: list[dict[str, int | None]] = [{"a": 1}, {"a": 1, "b": None, "c": 3}]
    assert differing(runs) == {"c": (None, 3)}
    assert side_by_side([{"a": 1}, {"c": 3}]) == {"a": (1, None), "c": (None, 3)}


def test_a_switch_is_not_a_number() -> None:
    runs: list[dict[str, float]] = [{"a": True, "b": 1}, {"a": 1, "b": 1.0}]
    assert differing(runs) == {"a": (True, 1)}


def test_differences_are_from_the_first() -> None:
    assert differences((1.0, 3.5, -1.0)) == (0.0, 2.5, -2.0)
    assert [math.isnan(each) for each in differences((1.0, math.nan))] == [False, True]
    assert all(math.isnan(each) for each in differences((math.nan, 1.0)))
