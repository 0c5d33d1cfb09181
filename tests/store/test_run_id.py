"""Run ids sort as they were made, and are never twice the same."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from l5tui.store.run_id import PATTERN, make_run_id, moment_of, next_run_id

moments = st.datetimes(datetime(1970, 1, 1), datetime(9999, 12, 31, 23), timezones=st.just(UTC))


@given(moments)
def test_holds_the_moment(moment: datetime) -> None:
    assert moment_of(make_run_id(moment)) == moment


@given(moments, st.integers(1, 10**13))
def test_text_order_is_time_order(moment: datetime, microseconds: int) -> None:
    later = min(moment + timedelta(microseconds=microseconds), datetime(9999, 12, 31, 23, 59, tzinfo=UTC))
    assert make_run_id(moment) < make_run_id(later)


@given(moments, moments)
def test_always_above_the_greatest(now: datetime, newest: datetime) -> None:
    greatest = make_run_id(newest)
    following = next_run_id(now, greatest)
    assert following > greatest
    assert moment_of(following) == max(now, newest + timedelta(microseconds=1))


def test_reads_as_the_time_in_utc() -> None:
    moment = datetime(2026, 3, 1, 0, 30, 5, 999_999, tzinfo=timezone(timedelta(hours=2)))
    run_id = make_run_id(moment)
    assert run_id.startswith("20260228-223005-yghz")
    assert PATTERN.fullmatch(run_id)


def test_two_of_the_same_moment_differ() -> None:
    moment = datetime(2026, 3, 1, tzinfo=UTC)
    assert len({make_run_id(moment) for _ in range(20)}) > 1


@pytest.mark.parametrize(
    "text", ["", "last", "20260301-120005", "20260301-120005-yghziu", "20260301-120005-YGHZAA"]
)
def test_what_is_no_run_id(text: str) -> None:
    with pytest.raises(ValueError, match="not a run id"):
        moment_of(text)
