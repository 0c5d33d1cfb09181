"""The rows of a run, from its dataset alone."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from l5tui.analysis.block_weights import QUANTITIES
from l5tui.analysis.selectivity import MEASURES
from l5tui.analysis.statistics import STATISTICS
from l5tui.analysis.tables import RunTables, run_tables
from l5tui.config import POPULATIONS
from l5tui.config.measure_names import CONDITIONS
from tests.analysis.conftest import SmallRun

NAMES: list[str] = [*POPULATIONS]


@pytest.fixture(scope="module")
def tables(run: SmallRun) -> RunTables:
    return run_tables(run.dataset)


def test_every_cell_is_a_row(run: SmallRun, tables: RunTables) -> None:
    assert len(tables.selectivity) == 2 * 6 * 3 * 4
    assert len(tables.weights) == 4 * 3 * 16
    for row in tables.selectivity:
        index = (
            CONDITIONS.index(row.condition),
            MEASURES.index(row.measure),
            STATISTICS.index(row.statistic),
            NAMES.index(row.population),
        )
        assert row.value == run.measures.selectivity[index]


def test_weight_rows_are_named_post_and_pre(run: SmallRun, tables: RunTables) -> None:
    for row in tables.weights:
        quantity, statistic = QUANTITIES.index(row.quantity), STATISTICS.index(row.statistic)
        expected = run.measures.weights[quantity, statistic, NAMES.index(row.post), NAMES.index(row.pre)]
        np.testing.assert_equal(row.value, expected)
    means = {(row.post, row.pre): row.value for row in tables.weights[:48] if row.statistic == "mean"}
    assert means["PV", "CS"] > 0 > means["PV", "SST"]


def test_summary_and_loss(run: SmallRun, tables: RunTables) -> None:
    np.testing.assert_equal(dict(tables.summary), dict(run.measures.summary))
    assert tables.loss == run.measures.loss
    assert tables.loss_terms == run.measures.loss_terms


def test_a_file_gives_the_same_rows(run: SmallRun, tables: RunTables, tmp_path: Path) -> None:
    run.dataset.to_netcdf(tmp_path / "run.nc")
    with xr.open_dataset(tmp_path / "run.nc") as read:
        again = run_tables(read)

    assert again.selectivity == tables.selectivity
    assert [str(row) for row in again.weights] == [str(row) for row in tables.weights]
    np.testing.assert_equal(dict(again.summary), dict(tables.summary))
    assert (again.loss, again.loss_terms) == (tables.loss, tables.loss_terms)


def test_null_in_the_summary_is_nan(run: SmallRun) -> None:
    summary = {**json.loads(run.dataset.attrs["summary"]), "contrast_DS": None}
    dataset = run.dataset.assign_attrs(summary=json.dumps(summary))

    assert math.isnan(run_tables(dataset).summary["contrast_DS"])
