"""Warnings about experiments that are valid."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from l5tui.config import POPULATIONS, Experiment
from l5tui.config.experiment_warnings import experiment_notes, experiment_warnings
from l5tui.config.measurement_windows import measurement_windows
from l5tui.config.weight_warnings import folded_mean
from l5tui.model.circuit import Circuit

READY = sorted((Path(__file__).parents[2] / "experiments").rglob("*.toml"))


def keys(experiment: Experiment) -> list[str]:
    """Return the keys of an experiment's warnings."""
    return [warning.key for warning in experiment_warnings(experiment)]


@pytest.mark.parametrize("path", READY, ids=lambda path: path.stem)
def test_ready_experiments_have_no_warnings(path: Path) -> None:
    assert keys(Experiment.load(path)) == []


@pytest.mark.parametrize(
    ("network", "rule", "expected"),
    [
        ({"gamma": 2}, "bcm", ["network.gamma"]),
        ({"gamma": 2.5}, "sliding_bcm", ["network.gamma"]),
        ({"gamma": 1.9}, "bcm", []),
        ({"gamma": 2}, "oja", []),
        ({"gamma": 2}, "none", []),
        ({"gamma": 2, "transfer": "tanh"}, "bcm", []),
    ],
)
def test_a_threshold_that_is_ill_posed_near_silence(
    network: dict[str, object], rule: str, expected: list[str]
) -> None:
    assert keys(Experiment.model_validate({"network": network, "plasticity": {"rule": rule}})) == expected


def test_a_floor_of_the_threshold_makes_the_rule_well_posed() -> None:
    plasticity = {"rule": "bcm", "threshold_floor": 1e-6}
    assert keys(Experiment.model_validate({"network": {"gamma": 2}, "plasticity": plasticity})) == []


@pytest.mark.parametrize(
    ("tau", "onset", "expected"),
    [
        (250, 500, []),
        (60, 500, []),  # 100 steps that learn hold 71
        (55, 500, ["dynamics.duration_tau"]),
        (250, 20, ["plasticity.onset_step", "plasticity.onset_step"]),  # too short, and the transient
        (250, 117, ["plasticity.onset_step"]),  # 71 steps from step 46 on: 1.01 % of the transient
        (250, 118, []),
        (250, 0, []),
        (11.7, 0, ["dynamics.duration_tau"]),
        (11.8, 0, []),
    ],
)
def test_windows_that_hold_no_whole_periods_or_the_transient(
    tau: float, onset: int, expected: list[str]
) -> None:
    raw = {"dynamics": {"duration_tau": tau}, "plasticity": {"onset_step": onset}}

    assert keys(Experiment.model_validate(raw)) == expected
    assert keys(Experiment.model_validate({**raw, "variant": "original"})) == []


@pytest.mark.parametrize(("tau", "dt"), [(0.1, 0.01), (0.1, 0.005), (0.2, 0.01)])
def test_windows_begin_after_all_but_a_hundredth_of_the_transient(tau: float, dt: float) -> None:
    """A rate without input decays by exp(-t/tau); the first window without a warning begins where 1 % is left."""
    raw = {"dynamics": {"tau": tau, "dt": dt}, "stimulus": {"temporal_frequency": 0.5}}
    for onset in range(30, 400):
        experiment = Experiment.model_validate({**raw, "plasticity": {"onset_step": onset}})
        left = np.exp(-measurement_windows(experiment)["before"][0] * dt / tau)
        warned = any("transient" in warning.text for warning in experiment_warnings(experiment))
        assert warned == (left > 0.01), onset


def test_a_table_in_volts_is_noticed() -> None:
    table = np.array(Experiment().network.target_weights)
    assert keys(Experiment.model_validate({"network": {"target_weights": (table / 1000).tolist()}})) == [
        "network.weight_noise"
    ]


def test_the_mean_of_a_folded_normal_variable() -> None:
    x = np.linspace(-0.3, 0.4, 2_000_001)
    density = np.exp(-(((x - 0.05) / 0.03) ** 2) / 2) / (0.03 * np.sqrt(2 * np.pi))
    assert folded_mean(-0.05, 0.03) == pytest.approx(np.trapezoid(np.abs(x) * density, x), rel=1e-9)
    assert folded_mean(0.0, 0.03) == pytest.approx(0.03 * np.sqrt(2 / np.pi))
    assert folded_mean(0.27, 0.0) == 0.27


def test_notes_give_the_mean_that_sampled_weights_have() -> None:
    """The expectation of a block's mean weight in mV, against 400 circuits, within 4 standard errors."""
    experiment = Experiment.model_validate(
        {"network": {"sizes": [20, 20, 20, 20], "weight_noise": 0.1}, "seed": 5}
    )
    found = {}
    for note in experiment_notes(experiment):
        indices = re.search(r"\[(\d)\]\[(\d)\]$", note.key)
        value = re.search(r"expected at (\S+) mV", note.text)
        assert indices
        assert value
        found[int(indices[1]), int(indices[2])] = float(value[1])
    assert {(0, 3), (1, 0), (3, 1)} <= set(found)
    means = []
    for realization in range(400):
        circuit = Circuit.sample(experiment, realization)
        blocks = circuit.weights.reshape(4, 20, 4, 20).sum(axis=(1, 3))
        counts = circuit.synapses.reshape(4, 20, 4, 20).sum(axis=(1, 3))
        means.append(circuit.divisor * blocks / np.maximum(counts, 1))
    for (pre, post), expected in found.items():
        drawn = np.array(means)[:, post, pre]
        error = drawn.std(ddof=1) / np.sqrt(len(drawn))
        # The note has three digits.
        assert abs(drawn.mean() - expected) < 4 * error + 0.005 * abs(expected), (POPULATIONS[pre], post)
