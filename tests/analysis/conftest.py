"""A small run, simulated once, with all that is made of it."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
import xarray as xr

from l5tui.analysis.measures import Measures, measure
from l5tui.analysis.run_dataset import run_dataset
from l5tui.analysis.windows import recording_plan
from l5tui.config import Experiment
from l5tui.model.circuit import Circuit
from l5tui.model.recording import Recording, record
from tests.experiments import small_experiment


@dataclass(frozen=True)
class SmallRun:
    """Three realizations of the small experiment."""

    experiment: Experiment
    recordings: list[Recording]
    measures: Measures
    dataset: xr.Dataset


@pytest.fixture(scope="session")
def run() -> SmallRun:
    """The small experiment in 400 steps, learning by the covariance rule from step 150 on."""
    experiment = small_experiment(
        name="small",
        dynamics={"duration_tau": 40.0},
        plasticity={"rule": "covariance", "onset_step": 150},
        simulation={"realizations": 3},
    )
    recordings = [
        record(Circuit.sample(experiment, index), experiment, recording_plan(experiment))
        for index in range(3)
    ]
    measures = measure(recordings, experiment)
    return SmallRun(
        experiment, recordings, measures, run_dataset(recordings, measures, experiment, {"run_id": "r1"})
    )
