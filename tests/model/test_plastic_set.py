"""Which weights learn, and when."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from l5tui.config import POPULATIONS, Experiment
from l5tui.model.arrays import BoolArray
from l5tui.model.circuit import Circuit
from l5tui.model.plasticity.plastic_set import plastic_set
from l5tui.model.simulation import simulate
from tests.experiments import small_experiment

GROUPS = {"all": POPULATIONS, "excitatory": ("CS", "CC"), "inhibitory": ("PV", "SST")}
TURNS = {
    "continuous": ["everyone"],
    "alternate_excitatory": ["CS", "CC", "rest"],
    "alternate_all": ["CS", "CC", "PV", "SST", "rest"],
}
SIZES = st.lists(st.integers(0, 7), min_size=4, max_size=4).filter(lambda sizes: sum(sizes) >= 2)


def plastic(**plasticity: object) -> Experiment:
    return small_experiment(plasticity=plasticity)


@st.composite
def experiments(draw: st.DrawFn) -> Experiment:
    """Any sizes, plastic neurons and schedule, in the corrected variant."""
    return small_experiment(
        network={"sizes": draw(SIZES), "connection_probability": [[0.0] * 4] * 4},
        plasticity={
            "neurons": draw(st.sampled_from(sorted(GROUPS))),
            "schedule": draw(st.sampled_from(sorted(TURNS))),
            "phase_steps": draw(st.integers(1, 25)),
            "onset_step": draw(st.integers(0, 199)),
        },
    )


def members(experiment: Experiment, names: tuple[str, ...]) -> list[bool]:
    sizes = zip(POPULATIONS, experiment.network.sizes.in_order(), strict=True)
    return [name in names for name, size in sizes for _ in range(size)]


@given(experiments(), st.integers(0, 199))
def test_rows_and_columns(experiment: Experiment, step: int) -> None:
    plasticity = experiment.plasticity
    group = GROUPS[plasticity.neurons]
    turns = TURNS[plasticity.schedule]
    turn = turns[step // plasticity.phase_steps % len(turns)]
    found = plastic_set(experiment)

    np.testing.assert_array_equal(found.columns, members(experiment, group))
    rows = found.learning_rows(step)
    if step < plasticity.onset_step or turn == "rest":
        assert rows is None
    else:
        expected = members(experiment, group if turn == "everyone" else tuple({turn} & set(group)))
        np.testing.assert_array_equal(rows, expected)


@settings(max_examples=30)
@given(experiments(), st.sampled_from(["bcm", "sliding_bcm", "oja", "covariance"]))
@pytest.mark.usefixtures("engine")
def test_weights_outside_the_plastic_set_never_move(experiment: Experiment, rule: str) -> None:
    raw = experiment.model_dump()
    raw["plasticity"]["rule"] = rule
    raw["dynamics"]["duration_tau"] = 20.0
    experiment = Experiment.model_validate(raw)
    group = members(experiment, GROUPS[experiment.plasticity.neurons])
    outside = ~np.outer(group, group)
    random = np.random.default_rng(0)
    n = len(group)
    circuit = Circuit(random.normal(0, 0.1, (n, n)), random.uniform(-0.7, 0.7, (n, 2)), random.random(n))
    weights = simulate(circuit, experiment, [90.0]).weights_at(0, 200)

    np.testing.assert_array_equal(weights[outside], circuit.weights[outside])


def rows_of(experiment: Experiment, phase: int) -> BoolArray:
    rows = plastic_set(experiment).rows[phase]
    assert rows is not None
    return rows


def test_slip_2_inhibitory_rows_start_at_the_number_of_inhibitory_neurons() -> None:
    """The research code let rows learn from 7 + 6 = 13 on, not from 9 + 22 = 31 on."""
    inhibitory = {"plasticity": {"neurons": "inhibitory"}}
    original = small_experiment(variant="original", **inhibitory)
    corrected = small_experiment(variant="corrected", **inhibitory)

    np.testing.assert_array_equal(np.flatnonzero(rows_of(original, 0)), np.arange(13, 44))
    np.testing.assert_array_equal(np.flatnonzero(rows_of(corrected, 0)), np.arange(31, 44))
    for experiment in (original, corrected):
        np.testing.assert_array_equal(np.flatnonzero(plastic_set(experiment).columns), np.arange(31, 44))


def test_slip_2_in_the_full_network_starts_at_80() -> None:
    original = Experiment.model_validate({"variant": "original", "plasticity": {"neurons": "inhibitory"}})

    assert np.flatnonzero(rows_of(original, 0))[0] == 80


@pytest.mark.parametrize(("phase", "neurons"), [(2, slice(31, 38)), (3, slice(38, 44))], ids=["PV", "SST"])
def test_slip_3_every_row_learns_in_inhibitory_phases(phase: int, neurons: slice) -> None:
    turns = {"plasticity": {"schedule": "alternate_all"}}
    original = rows_of(small_experiment(variant="original", **turns), phase)
    corrected = rows_of(small_experiment(variant="corrected", **turns), phase)

    assert original.all()
    np.testing.assert_array_equal(np.flatnonzero(corrected), np.arange(44)[neurons])


@pytest.mark.parametrize("variant", ["original", "corrected"])
def test_excitatory_phases_and_rest_are_the_same_in_both_variants(variant: str) -> None:
    experiment = small_experiment(variant=variant, plasticity={"schedule": "alternate_all"})

    np.testing.assert_array_equal(np.flatnonzero(rows_of(experiment, 0)), np.arange(9))
    np.testing.assert_array_equal(np.flatnonzero(rows_of(experiment, 1)), np.arange(9, 31))
    assert plastic_set(experiment).rows[4] is None


@pytest.mark.parametrize("schedule", ["alternate_excitatory", "alternate_all"])
@pytest.mark.usefixtures("engine")
def test_phases_show_in_the_weights(schedule: str) -> None:
    """Over each phase of ten steps, only rows of the population whose turn it is change."""
    experiment = plastic(schedule=schedule, rule="covariance")
    trajectory = simulate(Circuit.sample(experiment), experiment, [0.0])
    turns = TURNS[schedule]
    for start in range(0, 200, 10):
        turn = turns[start // 10 % len(turns)]
        change = trajectory.weights_at(0, start + 10) - trajectory.weights_at(0, start)
        moved = np.abs(change).max(axis=1) > 1e-12
        learns = start >= 60 and turn != "rest"
        np.testing.assert_array_equal(moved, members(experiment, (turn,) if learns else ()))
