"""What is typed to find runs."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from l5tui.errors import ConfigError
from l5tui.runner.run_query import RunQuery, searched_text
from l5tui.store.listing import RunListing

RUN = RunListing(
    id="20260304-050607-abcdef",
    name="My study",
    status="completed",
    rule="oja",
    variant="corrected",
    seed=42,
    loss=2.5,
    created="2026-03-04T05:06:07.000000+00:00",
    started=None,
    ended=None,
    error="none of note",
    notes="for the talk",
    hash="beef",
    tags=("Paper", "fig-2"),
)


def finds(text: str, run: RunListing = RUN) -> bool:
    """Whether a text finds a run."""
    return RunQuery(text).find([run], [searched_text(run)]) == [0]


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "  ",
            "rule:oja",
            "rule:o",
            "status:comp",
            "tag:paper",
            "tag:fig",
            "loss<3",
            "loss>=2.5",
            "loss=2.5",
        ),
        *("seed:42", "seed>41", "created:2026-03", "created>2026-02", "created<=2026-03-04", "-rule:bcm"),
        *(
            "-failed",
            "study",
            "TALK",
            "abcdef",
            "my study",
            "name:study",
            "notes:talk",
            "hash:be",
            "variant:corr",
        ),
        *("rule:oja loss<3 tag:paper study", "rule:", "loss<", "tag:", "created>", "id:2026"),
    ],
)
def test_it_is_found(text: str) -> None:
    assert finds(text)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "rule:bcm",
            "rule:ja",
            "status:failed",
            "tag:x",
            "loss>3",
            "loss<2.5",
            "seed:41",
            "created<2026-03",
        ),
        *("-rule:oja", "-study", "other", "rule:oja loss>3", "colour:red", "-loss<3"),
    ],
)
def test_it_is_not_found(text: str) -> None:
    assert not finds(text)


def test_a_run_without_a_loss_is_found_by_no_comparison() -> None:
    without = replace(RUN, loss=None)
    assert not finds("loss<3", without)
    assert not finds("loss>3", without)
    assert finds("rule:oja", without)


@given(st.text(max_size=60))
def test_nothing_that_is_typed_breaks_it(text: str) -> None:
    assert RunQuery(text).find([RUN], [searched_text(RUN)]) in ([], [0])


@pytest.mark.parametrize(
    "term",
    [
        "loss<abc",
        "seed:x",
        "loss=nan",
        "created>28.11.2026",
        "created:2026-13",
        "created<2026-02-30",
        "rule<3",
    ],
)
def test_a_malformed_term_is_a_fault_each(term: str) -> None:
    query = RunQuery(f"rule:oja {term} loss<many")
    assert [fault.got for fault in query.faults] == [f'"{term}"', '"loss<many"']
    with pytest.raises(ConfigError) as caught:
        query.require_valid()
    assert len(caught.value.lines()) == 2


@pytest.fixture
def berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Local time of Berlin, an hour before UTC in winter, two in summer."""
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("berlin")
@pytest.mark.parametrize(
    ("created", "found", "not_found"),
    [
        # 00:30 on 5 March in local time.
        ("2026-03-04T23:30:00", ["created:2026-03-05", "created>2026-03-04"], ["created<=2026-03-04"]),
        ("2026-03-04T22:30:00", ["created:2026-03-04", "created<=2026-03-04"], ["created>2026-03-04"]),
        # Summer begins on 29 March and ends on 25 October: days of 23 and 25 hours.
        ("2026-03-29T21:59:59", ["created:2026-03-29"], ["created>2026-03-29"]),
        ("2026-03-29T22:00:00", ["created:2026-03-30"], ["created:2026-03-29"]),
        ("2026-10-24T22:00:00", ["created=2026-10-25"], ["created<2026-10-25"]),
        ("2026-10-25T22:59:59", ["created=2026-10-25"], ["created>2026-10-25"]),
        ("2026-12-31T23:30:00", ["created:2027", "created:2027-01"], ["created:2026", "created:2026-12"]),
        # Half past two comes twice.
        ("2026-10-25T00:30:30", ["created:2026-10-25t02:30"], ["created:2026-10-25t01"]),
    ],
)
def test_dates_are_local_as_they_are_shown(created: str, found: list[str], not_found: list[str]) -> None:
    run = replace(RUN, created=f"{created}.000000+00:00")
    assert [text for text in (*found, *not_found) if finds(text, run)] == found
