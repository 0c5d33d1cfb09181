"""Search spaces: points, ratios, choices, and every fault before anything starts."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from l5tui.config import Experiment
from l5tui.config.schema import value_at
from l5tui.config.search_space import objective_names
from l5tui.config.tuning import Tuning
from l5tui.config.validation import validate
from l5tui.errors import ConfigError
from l5tui.tuning.proposers.encoding import encode, snap
from l5tui.tuning.space import Dimension, SearchSpace, search_space
from l5tui.tuning.study import checked_space
from l5tui.tuning.trial import run_trial
from tests.experiments import small_experiment


def space_of(**space: Any) -> tuple[SearchSpace, Experiment]:
    experiment = validate({"tuning": {"space": space}})
    return search_space(experiment), experiment


UNITS = st.floats(0, 1)
DIMENSIONS = st.one_of(
    st.builds(
        lambda low, width, log: Dimension("p", low, low + width, log),
        st.floats(0.01, 100),
        st.floats(0.1, 1e4),
        st.booleans(),
    ),
    st.builds(
        lambda low, width: Dimension("p", low, low + width, integer=True),
        st.integers(-50, 50),
        st.integers(1, 99),
    ),
    st.builds(
        lambda choices: Dimension("p", choices=tuple(choices)),
        st.lists(st.integers(), min_size=2, unique=True),
    ),
)


@given(DIMENSIONS, UNITS)
def test_a_value_and_its_place_agree(dimension: Dimension, unit: float) -> None:
    value = dimension.at(unit)
    (place,) = dimension.units(np.array([dimension.place(value)]))
    assert 0 <= place <= 1
    if dimension.choices or dimension.integer:
        assert dimension.at(float(place)) == value
    else:
        assert dimension.low <= float(value) <= dimension.high
        assert place == pytest.approx(unit, abs=1e-9)


@given(st.integers(-20, 20), st.integers(1, 6))
def test_every_whole_number_has_an_equal_share(low: int, width: int) -> None:
    dimension = Dimension("p", low, low + width, integer=True)
    units = (np.arange(60 * (width + 1)) + 0.5) / (60 * (width + 1))
    counts = np.unique([dimension.at(unit) for unit in units], return_counts=True)
    assert list(counts[0]) == list(range(low, low + width + 1))
    assert set(counts[1]) == {60}


def test_a_ratio_follows_the_parameter_that_it_is_of_searched_or_not() -> None:
    ratio = {"plasticity.tau_threshold": {"low": 0.001, "high": 1, "times": "plasticity.tau_learn"}}
    space, base = space_of(**ratio)
    fixed = space.experiment({"plasticity.tau_threshold": 0.5}, base)
    assert fixed.plasticity.tau_threshold == 0.5 * base.plasticity.tau_learn
    both, base = space_of(**ratio, **{"plasticity.tau_learn": {"low": 100, "high": 4000}})
    point = {"plasticity.tau_threshold": 0.25, "plasticity.tau_learn": 800.0}
    assert both.values(point, base) == {"plasticity.tau_learn": 800.0, "plasticity.tau_threshold": 200.0}
    assert both.experiment(point, base).plasticity.tau_threshold == 200.0


def test_amplitudes_are_given_by_name() -> None:
    # The research code handed CC's amplitude to CS.
    space, base = space_of(**{f"stimulus.amplitude.{name}": {"low": 0, "high": 20} for name in ("CS", "CC")})
    made = space.experiment({"stimulus.amplitude.CS": 1.0, "stimulus.amplitude.CC": 2.0}, base)
    assert (made.stimulus.amplitude.CS, made.stimulus.amplitude.CC) == (1.0, 2.0)
    assert made.stimulus.amplitude.PV == base.stimulus.amplitude.PV


def test_whole_numbers_are_searched_as_such_without_a_word() -> None:
    space, base = space_of(**{"network.sizes.CS": {"low": 10, "high": 50}})
    made = space.experiment(space.point(np.array([0.4])), base)
    assert isinstance(value_at(made, "network.sizes.CS"), int)


BAD = [
    ({}, "tuning.space: got nothing to search"),
    ({"name": ["a", "b"]}, "tuning.space.name: got a parameter that no trial can vary"),
    ({"seed": {"low": 1, "high": 9}}, "tuning.space.seed: got a parameter that no trial can vary"),
    ({"simulation.realizations": {"low": 1, "high": 9}}, "got a parameter that no trial can vary"),
    ({"network.sizes.CS": {"low": -3, "high": 50}}, "tuning.space.network.sizes.CS: got -3"),
    ({"plasticity.rule": ["bcm", "foo"]}, 'got "foo", allowed one of "none", "bcm"'),
    ({"network.target_weights": {"low": 1, "high": 2}}, "allowed four lists of four"),
    ({"network.gamma": {"low": 0.2, "high": 0.3, "integer": True}}, "allowed a whole number between them"),
    ({"plasticity.tau_learn": {"low": -1, "high": 1}}, "got -1.0, allowed a number > 0"),
    (
        {"plasticity.tau_threshold": {"low": 1, "high": 2, "times": "plasticity.rule"}},
        "tuning.space.plasticity.tau_threshold.times",
    ),
]


@pytest.mark.parametrize(
    ("space", "message"), BAD, ids=lambda value: "" if isinstance(value, dict) else value[:40]
)
def test_a_fault_of_the_space_is_reported_with_its_key(space: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        space_of(**space)
    assert message in str(caught.value)


def test_faults_of_the_space_and_the_objective_are_reported_at_once() -> None:
    tuning = {"objective": "after/DS.CZ", "space": {"name": ["a", "b"], "seed": [1, 2]}}
    with pytest.raises(ConfigError) as caught:
        validate({"tuning": tuning}, "f.toml")
    lines = caught.value.lines()
    assert len(lines) == 3
    assert all(line.startswith("f.toml: tuning.") for line in lines)
    assert 'did you mean "after/DS.' in lines[0]
    # An experiment that was made another way is checked again before it is searched.
    unchecked = Experiment.model_construct(**{**dict(Experiment()), "tuning": Tuning.model_validate(tuning)})
    with pytest.raises(ConfigError) as again:
        checked_space(unchecked, "f.toml")
    assert again.value.lines() == lines


def test_every_name_of_an_objective_is_one_that_trials_measure() -> None:
    measured = run_trial(small_experiment()).metrics
    assert set(objective_names()) - {"loss/targets"} <= set(measured)
    assert "loss" in objective_names()
    assert validate({"tuning": {"objective": "weight_final/CS_from_CC"}}).tuning.trials


def test_choices_are_columns_and_numbers_are_places() -> None:
    space, _ = space_of(
        **{"plasticity.rule": ["bcm", "oja", "none"], "network.gamma": {"low": 0.1, "high": 10, "log": True}}
    )
    rows = encode(space, [{"network.gamma": 1.0, "plasticity.rule": "oja"}])
    assert rows == pytest.approx(np.array([[0.5, 0, 1, 0]]))
    assert snap(space, np.array([[0.3, 0.99]])) == pytest.approx(np.array([[0.3, 5 / 6]]))
    assert math.isclose(float(space.point(np.array([0.5, 0.0]))["network.gamma"]), 1.0)
