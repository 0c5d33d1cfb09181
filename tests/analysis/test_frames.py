"""The measures as pandas tables."""

from __future__ import annotations

import pytest

from l5tui.analysis.frames import selectivity_frame, weight_frame
from l5tui.analysis.selectivity import MEASURES
from l5tui.analysis.statistics import STATISTICS
from l5tui.analysis.tables import RunTables, run_tables
from tests.analysis.conftest import SmallRun

POPULATIONS = ["CS", "CC", "PV", "SST"]


@pytest.fixture(scope="module")
def tables(run: SmallRun) -> RunTables:
    return run_tables(run.dataset)


def test_selectivity(run: SmallRun, tables: RunTables) -> None:
    frame = selectivity_frame(tables)

    assert list(frame.columns) == POPULATIONS
    assert list(frame.index.names) == ["condition", "measure", "statistic"]
    assert list(frame.index) == [
        (condition, measure, statistic)
        for condition in ("before", "after")
        for measure in MEASURES
        for statistic in STATISTICS
    ]
    assert frame.loc[("after", "DS", "mean"), "PV"] == run.measures.selectivity[1, 2, 0, 2]


def test_weights(run: SmallRun, tables: RunTables) -> None:
    frame = weight_frame(tables)

    assert list(frame.index) == [(post, pre) for post in POPULATIONS for pre in POPULATIONS]
    assert list(frame.index.names) == ["post", "pre"]
    columns: list[object] = list(frame.columns)
    assert columns == [
        (quantity, statistic)
        for quantity in ("initial", "final", "change", "target")
        for statistic in STATISTICS
    ]
    assert frame.loc[("PV", "CS"), ("final", "mean")] == run.measures.weights[1, 0, 2, 0]
    assert frame[("target", "mean_of_stds")].isna().all()


def test_frames_print_with_every_label(tables: RunTables) -> None:
    for frame in (selectivity_frame(tables), weight_frame(tables)):
        text = frame.to_string()
        assert all(name in text for name in POPULATIONS)
