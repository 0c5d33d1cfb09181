"""CSV for programs and for spreadsheets."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from l5tui.analysis.csv_table import csv_text


def read(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


@pytest.mark.parametrize("text", ["=1+1", "+cmd", "-x", "@SUM(A1)", "\t=1", "\r=1", " =1", "\n=1", "-"])
def test_no_text_is_a_formula(text: str) -> None:
    assert read(csv_text([[text]])) == [["'" + text]]


@pytest.mark.parametrize("number", ["-1", "+1.5e-3", "-inf", -1, -0.25])
def test_numbers_stay_numbers(number: object) -> None:
    assert read(csv_text([[number]])) == [[str(number)]]


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0")), min_size=2))
def test_any_other_text_comes_back_as_it_was(texts: list[str]) -> None:
    assert [cell.removeprefix("'") for cell in read(csv_text([texts]))[0]] == [
        t.removeprefix("'") for t in texts
    ]
