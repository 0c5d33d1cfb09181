"""The dataset of a run: labelled, with units, and whole in itself."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from l5tui.analysis.run_dataset import run_dataset
from l5tui.analysis.selectivity import MEASURES
from l5tui.analysis.windows import recording_bins
from l5tui.model.grating import moving_grating
from tests.analysis.conftest import SmallRun
from tests.experiments import small_experiment

DIMS = {
    "rates": ("realization", "direction", "time", "neuron"),
    "rate_mean": ("realization", "direction", "time", "population"),
    "rate_std": ("realization", "direction", "time", "population"),
    "weight_mean": ("realization", "direction", "time", "post", "pre"),
    "weight_std": ("realization", "direction", "time", "post", "pre"),
    "positions": ("realization", "neuron", "axis"),
    "initial_rates": ("realization", "neuron"),
    "stimulus": ("realization", "direction", "neuron"),
    "initial_weights": ("realization", "post_neuron", "pre_neuron"),
    "final_weights": ("realization", "direction", "post_neuron", "pre_neuron"),
    "target_weights": ("realization", "post", "pre"),
    "rates_before": ("realization", "direction", "neuron"),
    "rates_after": ("realization", "direction", "neuron"),
    "selectivity": ("condition", "measure", "statistic", "population"),
    "selectivity_by_realization": ("condition", "measure", "realization", "population"),
    "selectivity_interval": ("condition", "vector_measure", "bound", "population"),
    "block_weights": ("quantity", "statistic", "post", "pre"),
    "loss_terms": ("loss_term",),
    "outcome": ("realization",),
}


def test_every_variable_says_what_it_is_and_in_which_unit(run: SmallRun) -> None:
    for name, variable in run.dataset.variables.items():
        assert variable.attrs["long_name"], name
        assert variable.attrs["units"], name


def test_dimensions_are_named_and_have_coordinates(run: SmallRun) -> None:
    assert {name: run.dataset[name].dims for name in DIMS} == DIMS
    assert set(run.dataset.dims) <= set(run.dataset.coords)


def test_coordinates_hold_labels_in_order(run: SmallRun) -> None:
    dataset = run.dataset

    assert list(dataset["population"].values) == list(dataset["post"].values) == ["CS", "CC", "PV", "SST"]
    assert list(dataset["condition"].values) == ["before", "after"]
    assert list(dataset["measure"].values) == list(MEASURES)
    assert list(dataset["direction"].values) == [0, 90, 180, 270]
    assert list(dataset["neuron_population"].values) == ["CS"] * 9 + ["CC"] * 22 + ["PV"] * 7 + ["SST"] * 6


def test_values_are_those_of_the_recordings(run: SmallRun) -> None:
    for index, recording in enumerate(run.recordings):
        one = run.dataset.isel(realization=index)
        assert recording.rates is not None
        np.testing.assert_array_equal(one["rates"], recording.rates.astype("float32"))
        np.testing.assert_array_equal(one["rate_mean"], recording.rate_mean)
        pairs = np.outer((9, 22, 7, 6), (9, 22, 7, 6))
        np.testing.assert_allclose(one["weight_std"], recording.weight_std * np.sqrt(pairs / (pairs - 1)))
        neurons = np.array((9, 22, 7, 6))
        np.testing.assert_allclose(one["rate_std"], recording.rate_std * np.sqrt(neurons / (neurons - 1)))
        np.testing.assert_array_equal(one["final_weights"], recording.final_weights.astype("float32"))
        np.testing.assert_array_equal(one["initial_weights"], recording.circuit.weights)
        np.testing.assert_array_equal(one["rates_after"], recording.window_rates["after"])
        assert str(one["outcome"].values) == "completed"
        assert int(one["steps"]) == 400


def test_times_are_those_of_the_bins(run: SmallRun) -> None:
    bins = np.array(recording_bins(run.experiment))

    np.testing.assert_array_equal(run.dataset["first_step"], bins[:, 0] + 1)
    np.testing.assert_array_equal(run.dataset["last_step"], bins[:, 1])
    middle = [np.mean(np.arange(start + 1, stop + 1)) * 0.01 for start, stop in bins]
    np.testing.assert_allclose(run.dataset["time"], middle)


def test_stimulus_can_be_made_again_from_the_file(run: SmallRun) -> None:
    dataset = run.dataset.isel(realization=1)
    omega = run.experiment.stimulus.temporal_frequency
    grating = moving_grating(run.experiment, run.recordings[1].circuit.positions, [0, 90, 180, 270])
    in_time = np.where(dataset["stimulus_steady"], np.cos(omega), np.cos(omega * 17))

    found = dataset["stimulus"] * in_time + dataset["stimulus_offset"]
    np.testing.assert_allclose(found.transpose("direction", "neuron"), grating.at(17), atol=1e-12)


def test_attributes_describe_the_run(run: SmallRun) -> None:
    attributes = run.dataset.attrs

    assert attributes["title"] == "l5tui run: small"
    assert attributes["Conventions"].startswith("CF-")
    assert attributes["rule"] == "covariance"
    assert attributes["variant"] == "corrected"
    assert attributes["seed"] == 42
    assert attributes["experiment_hash"] == run.experiment.hash
    assert attributes["loss"] == run.measures.loss
    assert attributes["run_id"] == "r1"
    assert json.loads(attributes["measurement_windows"])["before"] == [8, 150]
    assert json.loads(attributes["summary"]) == {
        name: None if np.isnan(value) else value for name, value in run.measures.summary.items()
    }


def test_the_interval_says_what_it_is(run: SmallRun) -> None:
    interval = run.dataset["selectivity_interval"]
    assert interval.attrs["method"] == "Student t over realizations"
    assert "bootstrap" not in interval.attrs["long_name"]


def test_undefined_numbers_of_the_summary_are_null(run: SmallRun) -> None:
    summary = {**run.measures.summary, "contrast_OS": float("nan")}
    measures = type(run.measures)(**{**vars(run.measures), "summary": summary})
    dataset = run_dataset(run.recordings, measures, run.experiment, {})

    assert json.loads(dataset.attrs["summary"])["contrast_OS"] is None
    assert "NaN" not in dataset.attrs["summary"]


def test_dataset_survives_a_file(run: SmallRun, tmp_path: Path) -> None:
    run.dataset.to_netcdf(tmp_path / "run.nc")
    with xr.open_dataset(tmp_path / "run.nc") as read:
        xr.testing.assert_identical(read.load(), run.dataset)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_precision_of_rates_and_final_weights(run: SmallRun, dtype: str) -> None:
    raw = run.experiment.model_dump()
    raw["recording"]["dtype"] = dtype
    dataset = run_dataset(run.recordings, run.measures, type(run.experiment).model_validate(raw), {})

    assert dataset["rates"].dtype == dataset["final_weights"].dtype == dtype
    assert dataset["rate_mean"].dtype == dataset["initial_weights"].dtype == "float64"


def test_rates_can_be_left_out(run: SmallRun) -> None:
    raw = run.experiment.model_dump()
    raw["recording"]["rates"] = "none"
    dataset = run_dataset(run.recordings, run.measures, type(run.experiment).model_validate(raw), {})

    assert "rates" not in dataset
    assert "rate_mean" in dataset


def test_names_are_words_that_other_tools_accept(run: SmallRun) -> None:
    for name in (*run.dataset.variables, *run.dataset.attrs):
        assert re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", str(name))


def test_small_experiment_is_what_was_run(run: SmallRun) -> None:
    assert run.dataset.sizes["realization"] == 3
    assert run.dataset.sizes["neuron"] == sum(small_experiment().network.sizes.in_order())
