"""Numbers in narrow columns lose digits and never become other numbers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from l5tui.runner.overview import last_by_experiment
from l5tui.store.listing import RunListing
from l5tui.text import fitted
from l5tui.tui.widgets.file_list import LAST_WIDTH, last_run


@pytest.mark.parametrize(
    ("text", "width", "expected"),
    [
        ("2.19e+03", 4, "2190"),
        ("2188.9", 6, "2188.9"),
        ("2188.9", 4, "2189"),
        ("2188.9", 3, "2e3"),
        ("−2188.9", 5, "−2189"),
        ("+0.01234", 5, "+0.01"),
        ("1.23e-05", 5, "1e−5"),
        ("2.7922382927606537", 6, "2.7922"),
        ("123456789.0", 6, "1.23e8"),
        ("2188.9", 2, "##"),
        ("120/4000", 6, "120/…"),
        ("experiment", 5, "expe…"),
    ],
)
def test_a_number_is_shortened_to_the_same_number(text: str, width: int, expected: str) -> None:
    assert fitted(text, width) == expected


@given(st.floats(-1e300, 1e300), st.integers(3, 12))
def test_what_is_shown_is_the_value_to_its_own_digits(value: float, width: int) -> None:
    shown = fitted(repr(value), width)
    assert len(shown) <= width
    if not shown.startswith("#"):
        assert float(shown.replace("−", "-")) == pytest.approx(value, rel=0.5)


def listed(number: int, loss: float, **values: object) -> RunListing:
    fields = dict.fromkeys(("name", "variant", "created", "notes", "hash"), "")
    known = {**fields, "name": "default", "status": "completed", "rule": "bcm", "seed": 1, "tags": ()}
    times: dict[str, object] = {"started": None, "ended": None, "error": None}
    return RunListing(**{**known, **times, "id": f"{number}", "loss": loss, **values})  # type: ignore[arg-type]


def test_the_last_loss_in_the_list_is_no_other_number() -> None:
    shown = last_run(listed(1, 2188.9)).plain
    assert len(shown) <= LAST_WIDTH
    assert float(shown.split()[1]) == pytest.approx(2188.9, rel=0.001)


def test_the_last_run_is_of_the_experiment_itself() -> None:
    runs = [listed(3, 1.0, rule="oja", group="rules-1"), listed(2, 2.0, group="rules-1"), listed(1, 3.0)]
    last = last_by_experiment(runs)
    assert last["default", "bcm"].loss == 3.0
    assert ("default", "oja") not in last
