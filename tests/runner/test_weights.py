"""Weights of a stored run at any step, against the simulation that made it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import l5tui
from l5tui.config import Experiment
from l5tui.config.toml_file import to_toml
from l5tui.errors import StoreError
from l5tui.model.circuit import Circuit
from l5tui.model.simulation import simulate
from l5tui.runner.mlflow_recorder import LaterRecorder
from l5tui.runner.run import run_experiment
from l5tui.workspace import create_workspace
from tests.experiments import small_experiment


def stored(folder: Path, experiment: Experiment) -> Path:
    workspace = create_workspace(folder)
    report = run_experiment(experiment, to_toml(experiment), workspace, recorder=LaterRecorder())
    assert report.record.status == "completed", report.record.error
    return Path(str(report.paths["netcdf"]))


@pytest.mark.parametrize(
    "plasticity",
    [
        {"rule": "sliding_bcm"},
        {"rule": "bcm", "synapses": "existing", "neurons": "excitatory"},
        {"rule": "oja", "schedule": "alternate_all"},
        {"rule": "covariance", "dale": True},
    ],
    ids=lambda options: "-".join(map(str, options.values())),
)
def test_factors_give_the_weights_at_every_step(tmp_path: Path, plasticity: dict[str, object]) -> None:
    experiment = small_experiment(plasticity=plasticity, recording={"weights": "factors", "figures": "none"})
    path = stored(tmp_path, experiment)

    for realization, direction, step in (
        (0, 0.0, 0),
        (0, 90.0, 61),
        (1, 270.0, 137),
        (1, 180.0, experiment.steps),
    ):
        trajectory = simulate(Circuit.sample(experiment, realization), experiment, [direction])
        found = l5tui.weights_at(path, realization, direction, step)
        np.testing.assert_allclose(found, trajectory.weights_at(0, step), rtol=0, atol=1e-12)


def test_whole_weights_give_recorded_steps_and_blocks_the_ends(tmp_path: Path) -> None:
    recording = {"weights": "full", "rates": "every", "every": 50, "dtype": "float64", "figures": "none"}
    experiment = small_experiment(plasticity={"rule": "oja"}, recording=recording)
    path = stored(tmp_path, experiment)
    trajectory = simulate(Circuit.sample(experiment), experiment)

    for step in (0, 100, 150, 200):
        found = l5tui.weights_at(path, 0, 90, step)
        np.testing.assert_allclose(found, trajectory.weights_at(1, step), rtol=0, atol=1e-12)
    with pytest.raises(StoreError, match=r"does not contain W\(101\)"):
        l5tui.weights_at(path, 0, 90, 101)


@pytest.fixture(scope="module")
def without_factors(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """File of a run that has the weights of both ends alone."""
    return stored(tmp_path_factory.mktemp("ends"), small_experiment(recording={"figures": "none"}))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((2, 90, 0), "realization 2"),
        ((0, 91, 0), "direction 91"),
        ((0, 90, 201), "0 to 200"),
        ((0, 90, 7), "factors"),
    ],
)
def test_missing_weights_are_reported(
    without_factors: Path, arguments: tuple[int, float, int], message: str
) -> None:
    with pytest.raises(StoreError, match=message):
        l5tui.weights_at(without_factors, *arguments)
