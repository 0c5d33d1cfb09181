"""What is typed to find runs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
        *("rule:oja loss<3 tag:paper study", "rule:", "loss<", "loss<x", "tag:", "created>", "id:2026"),
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
    from dataclasses import replace

    without = replace(RUN, loss=None)
    assert not finds("loss<3", without)
    assert not finds("loss>3", without)
    assert finds("rule:oja", without)


@given(st.text(max_size=60))
def test_nothing_that_is_typed_breaks_it(text: str) -> None:
    assert RunQuery(text).find([RUN], [searched_text(RUN)]) in ([], [0])
