"""What is checked and mapped before MLflow sees a run."""

from __future__ import annotations

import dataclasses
import json
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from l5tui.errors import TrackingError
from l5tui.tracking.limits import is_shortened
from l5tui.tracking.tracked_run import StepMetrics, TrackedRun, legal_names


@given(st.lists(st.text(max_size=300), max_size=8))
def test_names_become_legal_and_stay_apart(names: list[str]) -> None:
    from mlflow.utils.validation import _validate_metric_name, _validate_param_name

    legal = legal_names(names)
    assert set(legal) == set(names)
    assert len(set(legal.values())) == len(set(names))
    for name in legal.values():
        _validate_metric_name(name)  # type: ignore[no-untyped-call]
        _validate_param_name(name)  # type: ignore[no-untyped-call]
        assert 0 < len(name) <= 250


def test_ordinary_names_are_left_alone() -> None:
    names = ["loss", "after/OS.CC", "weight_final/CS_from_CC", "a/b c-d"]
    assert legal_names(names) == {name: name for name in names}


def test_names_that_collide_are_numbered() -> None:
    assert legal_names(["a*", "a!", "a*"]) == {"a*": "a_", "a!": "a__2"}


@pytest.mark.parametrize("path", ["", ".", "..", "../x", "/etc/x", "a/../../x", "a//b", "a/", "./a"])
def test_artifacts_cannot_leave_their_folder(run: TrackedRun, path: str) -> None:
    with pytest.raises(TrackingError, match="not a relative path"):
        dataclasses.replace(run, texts={path: "x"}).files()


def test_what_is_not_finite_is_named_not_logged(run: TrackedRun) -> None:
    assert [row for row in run.finite_metrics() if row[0] in ("after/OS.CC", "rate.SST")] == []
    assert run.all_tags()["l5tui.undefined"] == "after/OS.CC, rate.SST"


def test_no_tag_where_all_is_defined(run: TrackedRun) -> None:
    whole = dataclasses.replace(run, metrics={"loss": 1.0}, series=[StepMetrics(0, {"rate": 0.0})])
    assert "l5tui.undefined" not in whole.all_tags()


def test_own_tags_win(run: TrackedRun) -> None:
    assert dataclasses.replace(run, tags={"l5tui.run_id": "other"}).all_tags()["l5tui.run_id"] == run.run_id


def test_what_exceeds_the_limits_is_shortened_and_marked_apart_from_the_text(run: TrackedRun) -> None:
    long = dataclasses.replace(
        run,
        parameters={"list": "x" * 7000, "short": "ends in …"},
        tags={"mlflow.note.content": "n" * 9000, "l5tui.tags": "apple, …"},
    )
    tags, parameters = long.all_tags(), long.parameter_texts()
    assert json.loads(tags["l5tui.cut"]) == {"list": 7000, "mlflow.note.content": 9000}
    assert (len(parameters["list"]), len(tags["mlflow.note.content"])) == (6000, 8000)
    assert parameters["short"] == "ends in …"
    assert is_shortened("mlflow.note.content", tags["mlflow.note.content"], tags["l5tui.cut"])
    assert not is_shortened("l5tui.tags", tags["l5tui.tags"], tags["l5tui.cut"])
    assert "l5tui.cut" not in run.all_tags()


def test_without_a_mark_only_a_text_of_the_greatest_length_counts_as_shortened() -> None:
    assert is_shortened("note", "x" * 7999 + "…", None)
    assert not is_shortened("note", "x" * 7999 + "…", "{}")
    assert not is_shortened("note", "and so on …", None)
    assert not is_shortened("note", "x", "no JSON")


def test_switches_are_written_as_in_toml(run: TrackedRun) -> None:
    assert run.parameter_texts()["plasticity.dale"] == "false"
    assert run.parameter_texts()["dynamics.dt"] == "0.01"


def test_times_need_a_zone(run: TrackedRun) -> None:
    with pytest.raises(ValueError, match="time zone"):
        dataclasses.replace(run, started=datetime(2026, 1, 1))


def test_status_is_one_of_four(run: TrackedRun) -> None:
    with pytest.raises(ValueError, match="allowed completed"):
        dataclasses.replace(run, status="done")  # type: ignore[arg-type]
