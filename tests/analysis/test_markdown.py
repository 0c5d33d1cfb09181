"""Tables for reading."""

from __future__ import annotations

import math

from l5tui.analysis.markdown import (
    decimal,
    markdown_table,
    selectivity_markdown,
    summary_markdown,
    weight_markdown,
)
from l5tui.analysis.tables import RunTables, SelectivityRow, WeightRow
from l5tui.config import POPULATIONS


def cells(text: str) -> list[list[str]]:
    """The rows of a Markdown table, its heading first, without the rule."""
    lines = [line.strip("| ").split(" | ") for line in text.splitlines()]
    return [lines[0], *lines[2:]]


def test_labels_stand_left_and_numbers_right() -> None:
    text = markdown_table(["a", "b", "c"], [["x|y", "z", "1"]], labels=2)
    assert text == "| a | b | c |\n|---|---|---:|\n| x\\|y | z | 1 |\n"


def test_numbers() -> None:
    assert decimal(-0.12345) == "−0.123"
    assert decimal(0.12345, 2, signed=True) == "+0.12"
    assert decimal(-0.0001, signed=True) == "0.000"
    assert [decimal(each) for each in (3.0, -3.0, math.nan, math.inf)] == ["3", "−3", "n/a", "n/a"]


def test_every_value_is_in_its_row_and_column() -> None:
    statistics = ("mean", "std_of_means")
    selectivity = tuple(
        SelectivityRow(condition, measure, statistic, population, value)
        for value, (condition, measure, statistic, population) in enumerate(
            (c, m, s, p)
            for c in ("before", "after")
            for m in ("rate", "OS")
            for s in statistics
            for p in POPULATIONS
        )
    )
    weights = tuple(
        WeightRow(post, pre, quantity, "mean", 10 * row + column + 0.5)
        for row, post in enumerate(POPULATIONS)
        for column, pre in enumerate(POPULATIONS)
        for quantity in ("initial", "final")
    )
    tables = RunTables(selectivity, weights, {"diverged": 2, "contrast": math.nan}, -1.5, {"rmse": 0.25})

    heading, *rows = cells(selectivity_markdown(tables))
    assert heading == ["measure", "learning", *POPULATIONS]
    assert [row[:2] for row in rows] == [
        ["rate", "before"],
        ["rate", "after"],
        ["OS", "before"],
        ["OS", "after"],
    ]
    assert rows[0][2:] == ["0 ± 4", "1 ± 5", "2 ± 6", "3 ± 7"]
    assert rows[3][2:] == ["24 ± 28", "25 ± 29", "26 ± 30", "27 ± 31"]
    heading, *rows = cells(weight_markdown(tables))
    assert heading == ["post", "pre", "initial", "final"]
    assert rows[6] == ["CC", "PV", "12.500000", "12.500000"]
    assert selectivity_markdown(tables).splitlines()[1] == "|---|---" + "|---:" * 4 + "|"
    assert weight_markdown(tables).splitlines()[1] == "|---|---|---:|---:|"
    assert cells(summary_markdown(tables)) == [
        ["name", "value"],
        ["loss", "−1.500000"],
        ["rmse", "0.250000"],
        ["diverged", "2"],
        ["contrast", "n/a"],
    ]
