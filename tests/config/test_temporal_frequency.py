"""The frequency of the grating in Hz: independent of the time step, an alternative to radians per step."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from l5tui.analysis.windows import stimulus_period
from l5tui.config import Experiment
from l5tui.config.experiment_warnings import experiment_warnings
from l5tui.config.toml_file import parse_experiment, read_experiment
from l5tui.config.toml_text import parse_toml
from l5tui.config.toml_writer import edit, to_toml
from l5tui.config.validation import validate, validate_stored
from l5tui.errors import ConfigError
from l5tui.model.grating import moving_grating
from l5tui.tuning.space import search_space

HZ = {"stimulus": {"temporal_frequency_hz": 4.2}}
DEFAULT_HASH = "a5feac802885ae0564523b0bb5176447d74c4dd47e97555fb3c137020566dd50"
"""Of the default experiment, from before there was a frequency in Hz."""


def test_the_default_stays_as_it_was() -> None:
    default = Experiment()
    assert default.hash == DEFAULT_HASH
    assert default.radians_per_step == 50.0
    assert default.dynamics.step_seconds == pytest.approx(0.01, rel=1e-15)
    assert validate({"dynamics": {"tau_ms": 20.0}}).hash == DEFAULT_HASH
    assert validate(HZ).hash != DEFAULT_HASH
    assert validate({**HZ, "dynamics": {"tau_ms": 20.0}}).hash != validate(HZ).hash


def test_half_the_time_step_leaves_the_grating_s_speed() -> None:
    positions = np.array([[0.3, -0.2], [0.1, 0.5]])
    two = {**HZ, "network": {"sizes": [2, 0, 0, 0]}}
    whole = moving_grating(validate(two), positions, [0.0, 90.0])
    half = moving_grating(validate({**two, "dynamics": {"dt": 0.005}}), positions, [0.0, 90.0])
    assert whole.temporal_frequency == pytest.approx(2 * math.pi * 4.2 * 0.01, rel=1e-14)
    for step in (0, 7, 240):
        np.testing.assert_allclose(half.at(2 * step), whole.at(step), atol=1e-11)
    assert stimulus_period(validate(HZ)) == pytest.approx(1 / (4.2 * 0.01))
    assert stimulus_period(validate({**HZ, "dynamics": {"dt": 0.005}})) == pytest.approx(2 / (4.2 * 0.01))


@pytest.mark.parametrize("radians", [49.0, 3.0, 50.0])
def test_both_frequencies_are_a_fault(radians: float, tmp_path: Path) -> None:
    text = f"[stimulus]\ntemporal_frequency = {radians}\ntemporal_frequency_hz = 4.2\n"
    with pytest.raises(
        ConfigError, match=r"temporal_frequency_hz: got 4.2 .*beside temporal_frequency"
    ) as caught:
        parse_experiment(text, "both")
    assert len(caught.value.faults) == 1
    file = tmp_path / "one.toml"
    file.write_text("[stimulus]\ntemporal_frequency_hz = 4.2\n")
    with pytest.raises(ConfigError, match="beside temporal_frequency"):
        read_experiment(file, [f"stimulus.temporal_frequency={radians}"])
    both = [f"stimulus.temporal_frequency={radians}", "stimulus.temporal_frequency_hz=4.2"]
    with pytest.raises(ConfigError, match="beside temporal_frequency"):
        read_experiment(file, both)
    file.write_text(text + "[network]\ngamma = -1\n")
    with pytest.raises(ConfigError) as caught:
        read_experiment(file)
    assert {fault.key for fault in caught.value.faults} == {"network.gamma", "stimulus.temporal_frequency_hz"}


@pytest.mark.parametrize("radians", [49.0, 3.0])
def test_a_frequency_in_hz_beside_another_than_the_default_is_a_fault(radians: float, tmp_path: Path) -> None:
    file = tmp_path / "one.toml"
    file.write_text(f"[stimulus]\ntemporal_frequency = {radians}\n")
    with pytest.raises(ConfigError, match="beside temporal_frequency"):
        read_experiment(file, ["stimulus.temporal_frequency_hz=4.2"])


@pytest.mark.parametrize("key", ["temporal_frequency", "temporalF"])
def test_a_text_with_a_frequency_in_hz_does_not_write_the_default_in_radians(
    key: str, tmp_path: Path
) -> None:
    """By an assignment, by the form, and by writing an experiment into a text; 0 Hz beside 50 stays readable."""
    text = f"name = 'a'\n[stimulus]\n{key} = 50.0  # rad/step\ntemporal_frequency_hz = 0.0\n"
    file = tmp_path / "both.toml"
    file.write_text(text)
    assert read_experiment(file).experiment.radians_per_step == 50.0
    read = read_experiment(file, ["stimulus.temporal_frequency_hz=4.2"])
    written = to_toml(read.experiment, text)
    edited = edit(text, {("stimulus", "temporal_frequency_hz"): 4.2})
    for each in (read.text, written, edited):
        assert key not in parse_toml(each)["stimulus"]
        assert parse_experiment(each, "again").experiment == read.experiment


def test_a_stored_text_with_both_frequencies_is_read() -> None:
    text = "[stimulus]\ntemporal_frequency = 50.0\ntemporal_frequency_hz = 4.2\n"
    assert validate_stored(parse_toml(text)).stimulus.temporal_frequency_hz == 4.2


def test_it_is_overridden_searched_and_written(tmp_path: Path) -> None:
    file = tmp_path / "hz.toml"
    file.write_text("seed = 1\n")
    read = read_experiment(
        file,
        [
            "stimulus.temporal_frequency_hz=2",
            "tuning.space.stimulus.temporal_frequency_hz={low = 1, high = 8}",
        ],
    )
    assert read.experiment.radians_per_step == pytest.approx(2 * math.pi * 2 * 0.01)
    assert parse_experiment(read.text, "again").experiment == read.experiment
    assert parse_experiment(to_toml(read.experiment), "again").experiment == read.experiment
    space = search_space(read.experiment)
    made = space.experiment({"stimulus.temporal_frequency_hz": 8.0}, read.experiment)
    assert made.radians_per_step == pytest.approx(2 * math.pi * 8 * 0.01)


@pytest.mark.parametrize(
    ("changes", "warned"),
    [({}, 0), ({"temporal_frequency_hz": 49.0}, 0), ({"temporal_frequency_hz": 60.0}, 1)],
)
def test_aliasing_is_warned_about(changes: dict[str, Any], warned: int) -> None:
    found = [each for each in experiment_warnings(validate({"stimulus": changes})) if "Hz" in each.text]
    assert len(found) == warned
    # 60 Hz sampled at 100 Hz is 40 Hz.
    assert all("of a grating of 40 Hz" in each.text for each in found)


@pytest.mark.parametrize("value", [1e-320, 0.0, 1e9])
def test_a_time_constant_without_a_length_in_seconds_is_a_fault(value: float) -> None:
    """Below the smallest normal number a time step has no length, and axes in seconds have no scale."""
    with pytest.raises(ConfigError, match="tau_ms"):
        validate({"dynamics": {"tau_ms": value}})
