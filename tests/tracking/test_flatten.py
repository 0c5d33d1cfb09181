"""Flat names of metrics and parameters."""

from __future__ import annotations

import json
import math

import pytest

from l5tui.analysis.tables import RunTables, SelectivityRow, WeightRow
from l5tui.config import POPULATIONS, Experiment
from l5tui.tracking.flatten import metrics_of, parameters_of
from l5tui.tracking.limits import LONGEST_PARAMETER
from l5tui.tracking.tracked_run import legal_names

TABLES = RunTables(
    selectivity=(
        SelectivityRow("after", "OS", "mean", "CC", 0.25),
        SelectivityRow("before", "rate", "std_of_means", "PV", 0.5),
        SelectivityRow("after", "DS", "mean", "SST", math.nan),
    ),
    weights=(
        WeightRow("CS", "CC", "final", "mean", 0.125),
        WeightRow("CC", "CS", "final", "mean", -1.0),
        WeightRow("PV", "SST", "change", "mean_of_stds", 2.0),
    ),
    summary={"contrast_OS": 0.75, "not_in_equilibrium": 1},
    loss=3.0,
    loss_terms={"rmse": 0.1, "delta_OS": 0.2},
)


def test_metrics_have_the_names_that_mlflow_sorts_by() -> None:
    metrics = metrics_of(TABLES)
    assert math.isnan(metrics.pop("after/DS.SST"))
    assert metrics == {
        "loss": 3.0,
        "loss/rmse": 0.1,
        "loss/delta_OS": 0.2,
        "after/OS.CC": 0.25,
        "before/rate.PV.std_of_means": 0.5,
        "weight_final/CS_from_CC": 0.125,
        "weight_final/CC_from_CS": -1.0,
        "weight_change/PV_from_SST.mean_of_stds": 2.0,
        "summary/contrast_OS": 0.75,
        "summary/not_in_equilibrium": 1,
    }


def test_every_default_parameter_is_there() -> None:
    parameters = parameters_of(Experiment())
    assert parameters["seed"] == 42
    assert parameters["network.sizes.CC"] == 275
    assert parameters["plasticity.dale"] is False
    assert parameters["dynamics.tau"] == 0.1
    assert json.loads(str(parameters["stimulus.directions"])) == [0, 90, 180, 270]
    assert parameters["loss.form"] == "signed"
    assert not {"name", "notes", "tags"} & parameters.keys()


def test_a_frequency_in_hz_is_listed_with_the_radians_per_step_in_effect() -> None:
    experiment = Experiment.model_validate({"stimulus": {"temporal_frequency_hz": 4.2}})
    parameters = parameters_of(experiment)
    assert parameters["stimulus.temporal_frequency_hz"] == 4.2
    assert parameters["stimulus.temporal_frequency"] == pytest.approx(2 * math.pi * 4.2 * 0.01)
    assert parameters_of(Experiment())["stimulus.temporal_frequency"] == 50.0


def test_tables_keep_presynaptic_rows() -> None:
    experiment = Experiment()
    parameters = parameters_of(experiment)
    for row, pre in enumerate(POPULATIONS):
        for column, post in enumerate(POPULATIONS):
            key = f"network.target_weights.{pre}_to_{post}"
            assert parameters[key] == experiment.network.target_weights[row][column]
    assert parameters["network.target_weights.CS_to_PV"] == 1.01
    assert parameters["network.target_weights.PV_to_CS"] == -0.32


def test_longest_lists_fit_and_names_are_legal() -> None:
    directions = [float(degree) for degree in range(360)]
    space = {"dynamics.tau": {"low": 0.1, "high": 0.2}, "plasticity.rule": ["oja", "bcm"]}
    experiment = Experiment.model_validate(
        {"stimulus": {"directions": directions}, "tuning": {"space": space}, "variant": "original"}
    )
    parameters = parameters_of(experiment)
    assert json.loads(str(parameters["stimulus.directions"])) == directions
    assert len(str(parameters["stimulus.directions"])) < LONGEST_PARAMETER
    assert parameters["tuning.space.dynamics.tau.low"] == 0.1
    assert parameters["tuning.space.plasticity.rule"] == '["oja","bcm"]'
    assert parameters["loss.form"] == "absolute"
    assert legal_names(parameters) == {name: name for name in parameters}
