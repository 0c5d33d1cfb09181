"""What is kept of a long simulation, against the whole trajectory."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from l5tui.analysis.windows import recording_plan
from l5tui.config import Experiment
from l5tui.model.circuit import Circuit
from l5tui.model.outcome import Cancelled, Completed, Diverged
from l5tui.model.recording import Recording, record
from l5tui.model.recording_plan import RecordingPlan
from l5tui.model.simulation import simulate
from tests.experiments import small_experiment

pytestmark = pytest.mark.usefixtures("engine")

SLICES = (slice(0, 9), slice(9, 31), slice(31, 38), slice(38, 44))
PLANS = {
    "in a row": RecordingPlan(bins=((0, 24), (24, 47), (47, 71)), windows={"after": (100, 200)}),
    "apart": RecordingPlan(bins=((9, 10), (19, 20), (150, 153)), windows={}),
    "from end to end": RecordingPlan(bins=((0, 200),), windows={"whole": (0, 200), "first": (0, 1)}),
    "none": RecordingPlan(bins=(), windows={"after": (63, 129), "last": (199, 200)}),
    "no rates": RecordingPlan(bins=((0, 100), (100, 200)), windows={}, keep_rates=False),
}


@pytest.fixture(scope="module")
def experiment() -> Experiment:
    return small_experiment(plasticity={"rule": "covariance"})


@pytest.mark.parametrize("rule", ["covariance", "sliding_bcm", "none"])
@pytest.mark.parametrize("synapses", ["all_pairs", "existing"])
@pytest.mark.parametrize("plan", PLANS.values(), ids=PLANS)
def test_recording_is_averages_of_the_trajectory(plan: RecordingPlan, rule: str, synapses: str) -> None:
    experiment = small_experiment(plasticity={"rule": rule, "synapses": synapses})
    circuit = Circuit.sample(experiment)
    trajectory = simulate(circuit, experiment)
    recording = record(circuit, experiment, plan)

    assert recording.outcome == Completed()
    assert recording.completed
    assert recording.steps == 200
    np.testing.assert_allclose(recording.final_weights, trajectory.final_weights, rtol=0, atol=1e-13)
    assert set(recording.window_rates) == set(plan.windows)
    for name, (start, stop) in plan.windows.items():
        np.testing.assert_allclose(
            recording.window_rates[name], trajectory.rates[:, start:stop].mean(axis=1), atol=1e-13
        )
    for index, (start, stop) in enumerate(plan.bins):
        rates = trajectory.rates[:, start:stop].mean(axis=1)
        assert_moments_at(recording, index, rates)
        for direction in range(4):
            weights = trajectory.weights_at(direction, stop)
            for post in range(4):
                for pre in range(4):
                    block = weights[SLICES[post], SLICES[pre]]
                    found = (
                        a[direction, index, post, pre] for a in (recording.weight_mean, recording.weight_std)
                    )
                    np.testing.assert_allclose(list(found), [block.mean(), block.std()], atol=1e-13)


@pytest.mark.parametrize(("kind", "known"), [("all", [0, 1, 2]), ("end", [2]), ("none", [])])
def test_the_recorded_spectral_abscissa_is_that_of_the_weights(
    kind: str, known: list[int], experiment: Experiment
) -> None:
    circuit = Circuit.sample(experiment)
    plan = RecordingPlan(bins=((0, 80), (80, 140), (140, 200)), windows={}, abscissa=kind)
    trajectory = simulate(circuit, experiment)
    recording = record(circuit, experiment, plan)
    found = recording.abscissa
    for index, (_, stop) in enumerate(plan.bins):
        exact = [
            np.linalg.eigvals(trajectory.weights_at(direction, stop)).real.max() for direction in range(4)
        ]
        expected = exact if index in known else [np.nan] * 4
        np.testing.assert_allclose(found[:, index], expected, atol=1e-9)
    np.testing.assert_array_equal(recording.final_abscissa, found[:, 2])


def test_the_end_is_no_time_of_a_course_that_stops_before_it(experiment: Experiment) -> None:
    circuit = Circuit.sample(experiment)
    final = [np.linalg.eigvals(w).real.max() for w in simulate(circuit, experiment).final_weights]
    for kind in ("end", "all"):
        plan = RecordingPlan(bins=((0, 80), (80, 140)), windows={}, abscissa=kind)
        recording = record(circuit, experiment, plan)
        np.testing.assert_allclose(recording.final_abscissa, final, atol=1e-9)
        assert np.isnan(recording.abscissa).all() == (kind == "end")
        assert (np.abs(recording.abscissa[:, 1] - final) > 1e-6).all() or kind == "end"


def assert_moments_at(recording: Recording, index: int, rates: Any) -> None:
    """Rates of a bin, and their moments over populations."""
    if recording.rates is not None:
        np.testing.assert_allclose(recording.rates[:, index], rates, atol=1e-13)
    for population, neurons in enumerate(SLICES):
        members = rates[:, neurons]
        np.testing.assert_allclose(
            recording.rate_mean[:, index, population], members.mean(axis=1), atol=1e-13
        )
        np.testing.assert_allclose(recording.rate_std[:, index, population], members.std(axis=1), atol=1e-13)


def test_rates_of_every_neuron_are_recorded_only_on_request(experiment: Experiment) -> None:
    circuit = Circuit.sample(experiment)

    assert record(circuit, experiment, PLANS["no rates"]).rates is None
    assert record(circuit, experiment, PLANS["in a row"]).rates is not None


@pytest.mark.parametrize("every", [1, 7, 10, 200, 10**9])
def test_a_sample_every_few_steps_is_the_rate_at_that_step(every: int) -> None:
    experiment = small_experiment(recording={"every": every})
    circuit = Circuit.sample(experiment)
    recording = record(circuit, experiment, recording_plan(experiment))
    step = min(every, 200)

    assert recording.rates is not None
    np.testing.assert_allclose(
        recording.rates, simulate(circuit, experiment).rates[:, step - 1 :: step], atol=1e-13
    )


def test_what_was_not_reached_is_nan(experiment: Experiment) -> None:
    reached = [0]
    plan = RecordingPlan(bins=((0, 50), (50, 100), (100, 200)), windows={"early": (0, 60), "late": (60, 200)})
    recording = record(
        Circuit.sample(experiment),
        experiment,
        plan,
        progress=lambda done, total: reached.append(done),
        cancelled=lambda: reached[-1] >= 100,
    )

    assert recording.outcome == Cancelled(recording.steps)
    assert not recording.completed
    assert 100 <= recording.steps < 200
    assert recording.rates is not None
    for array in (recording.rates, recording.rate_mean, recording.weight_mean):
        assert np.isfinite(array[:, :2]).all()
        assert np.isnan(array[:, 2]).all()
    assert np.isfinite(recording.window_rates["early"]).all()
    assert np.isnan(recording.window_rates["late"]).all()


def test_a_run_that_diverges_keeps_what_was_finite() -> None:
    experiment = small_experiment(plasticity={"rule": "oja", "tau_learn": 1e-3})
    recording = record(Circuit.sample(experiment), experiment, PLANS["from end to end"])

    assert isinstance(recording.outcome, Diverged)
    assert recording.outcome.step == recording.steps + 1
    assert recording.rates is not None
    assert np.isnan(recording.rates).all()
    assert np.isnan(recording.window_rates["whole"]).all()
    assert np.isfinite(recording.window_rates["first"]).all()
    assert np.isfinite(recording.final_weights).all()


def test_progress_is_reported_from_start_to_end(experiment: Experiment) -> None:
    calls: list[tuple[int, int]] = []
    record(
        Circuit.sample(experiment),
        experiment,
        PLANS["in a row"],
        progress=lambda done, total: calls.append((done, total)),
    )

    assert calls[0] == (0, 200)
    assert calls[-1] == (200, 200)
    assert calls == sorted(calls)


def test_empty_populations_have_no_moments() -> None:
    experiment = small_experiment(network={"sizes": [9, 22, 0, 6]})
    recording = record(Circuit.sample(experiment), experiment, PLANS["in a row"])

    assert np.isnan(recording.rate_mean[..., 2]).all()
    assert np.isnan(recording.weight_mean[..., 2, :]).all()
    assert np.isnan(recording.weight_std[..., :, 2]).all()
    assert np.isfinite(recording.rate_mean[..., [0, 1, 3]]).all()
