"""Which cells are behind a mean: counted here neuron by neuron."""

from __future__ import annotations

import math

import numpy as np
import pytest

from l5tui.analysis.caveats import caveats
from l5tui.analysis.cell_rows import cell_rows, counts_of
from l5tui.analysis.cells import cell_counts, floor_of, silence_level, transfer_range
from l5tui.analysis.measures import measure, measured_tables
from l5tui.analysis.run_dataset import run_dataset
from l5tui.analysis.tables import run_tables
from l5tui.analysis.windows import recording_plan
from l5tui.config import Experiment
from l5tui.config.measure_names import CELL_COUNTS
from l5tui.config.network import Network
from l5tui.model.circuit import Circuit
from l5tui.model.layout import Layout
from l5tui.model.recording import record
from tests.analysis.conftest import SmallRun
from tests.experiments import small_experiment

FOUR = (0.0, 90.0, 180.0, 270.0)


@pytest.mark.parametrize(
    ("network", "low", "high", "silent"),
    [
        ({}, 0.01, 500, 0.0101),
        ({"gamma": 2.0}, 0, 500, 1e-4),
        ({"transfer": "sigmoid"}, 0, 1, 1e-4),
        ({"transfer": "tanh"}, -1, 1, 1e-4),
    ],
)
def test_the_range_of_each_transfer_function(
    network: dict[str, object], low: float, high: float, silent: float
) -> None:
    experiment = Experiment.model_validate({"network": network})

    assert transfer_range(experiment.network) == (low, high)
    assert silence_level(experiment.network) == pytest.approx(silent)
    assert floor_of(experiment) == max(low, 0)
    assert floor_of(experiment.model_copy(update={"variant": "original"})) == 0


def test_cells_by_hand() -> None:
    """Two CS neurons, one at the floor throughout; three CC neurons, one at the ceiling in two directions."""
    rates = np.full((1, 4, 6), 5.0)
    rates[0, :, 0] = 0.01
    rates[0, :2, 2] = 499.0
    rates[0, 0, 3] = 0.01
    rates[0, 1, 5] = -0.5
    counts = cell_counts(rates, FOUR, Layout((2, 3, 0, 1)), Network())[:, 0]
    found = {name: list(map(int, row)) for name, row in zip(CELL_COUNTS, counts, strict=True)}

    assert found["neurons"] == [2, 3, 0, 1]
    assert found["silent"] == [1, 0, 0, 0]
    assert found["negative"] == [0, 0, 0, 1]
    assert found["responses"] == [8, 12, 0, 4]
    assert found["at_floor"] == [4, 1, 0, 0]
    assert found["at_ceiling"] == [0, 2, 0, 0]
    assert found["n_DS"] == [2, 3, 0, 0]


def test_a_run_keeps_them_in_its_file_and_tables(run: SmallRun) -> None:
    tables = run_tables(run.dataset)
    counts = counts_of(tables.cells)

    assert tables.cells == measured_tables(run.measures).cells
    assert run.dataset["cells"].dims == ("condition", "cell_count", "realization", "population")
    assert counts["after", "neurons", "CC"] == 66
    rates = run.dataset["rates_after"].values
    assert counts["after", "at_floor", "CS"] == (rates[:, :, :9] < 0.0101).sum()
    assert (
        counts["before", "silent", "CC"]
        == (run.dataset["rates_before"].values[:, :, 9:31] < 0.0101).all(axis=1).sum()
    )
    assert run_tables(run.dataset.drop_vars("cells")).cells == ()
    printed = {(title, condition): texts for title, condition, texts in cell_rows(tables.cells)}
    assert printed["n of the indices", "after"] == ("27 of 27", "66 of 66", "21 of 21", "18 of 18")


def test_a_change_of_the_cells_behind_a_mean_is_a_caveat() -> None:
    """With γ = 2 and weak input few CS cells respond, and more of them after learning."""
    experiment = Experiment.model_validate(
        {
            "network": {"sizes": [9, 55, 9, 7], "gamma": 2.0},
            "stimulus": {"amplitude": [2, 2, 10, 5]},
            "dynamics": {"duration_tau": 100.0},
            "simulation": {"realizations": 2},
        }
    )
    plan = recording_plan(experiment)
    recordings = [record(Circuit.sample(experiment, index), experiment, plan) for index in range(2)]
    measures = measure(recordings, experiment)
    tables = measured_tables(measures)
    counts = counts_of(tables.cells)
    active = [
        (np.stack([each.window_rates[name] for each in recordings])[:, :, :9] >= 1e-4).any(axis=1).sum()
        for name in ("before", "after")
    ]

    assert [counts[name, "n_DS", "CS"] for name in ("before", "after")] == active
    assert abs(active[1] - active[0]) > active[0] / 5
    expected = f"responding CS cells changes from {active[0]} to {active[1]} of 18"
    assert any(expected in each for each in caveats(tables))
    assert expected in run_dataset(recordings, measures, experiment, {}).attrs["caveats"]


def test_negative_responses_leave_nothing_to_win_with() -> None:
    """The response of tanh is signed: its quotients reached −7e6 and a loss of 3.6e6."""
    experiment = small_experiment(
        network={"transfer": "tanh"}, stimulus={"steady": [True] * 4, "temporal_frequency": 2.5}
    )
    plan = recording_plan(experiment)
    recordings = [record(Circuit.sample(experiment, index), experiment, plan) for index in range(2)]
    tables = measured_tables(measure(recordings, experiment))

    assert math.isnan(tables.loss)
    assert all(
        abs(row.value) <= 1 for row in tables.selectivity if row.measure != "rate" and row.value == row.value
    )
    assert any("cells is negative" in each for each in caveats(tables))
    named = {
        f"{row.condition}/{row.measure}.{row.population}"
        for row in tables.selectivity
        if row.value == row.value
    }
    assert "after/DS.CS" not in named
