"""A run's measures as a whole: populations that are off, realizations that diverged, both variants."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from l5tui.analysis.caveats import caveats
from l5tui.analysis.loss import loss_of, loss_terms
from l5tui.analysis.measures import Measures, condition_rates, measure, measured_tables
from l5tui.analysis.run_dataset import run_dataset
from l5tui.analysis.selectivity import MEASURES, neuron_measures
from l5tui.analysis.statistics import STATISTICS
from l5tui.analysis.windows import recording_plan
from l5tui.config import Experiment
from l5tui.model.circuit import Circuit
from l5tui.model.layout import Layout
from l5tui.model.outcome import Diverged
from l5tui.model.recording import Recording, record
from l5tui.model.simulation import simulate
from tests.analysis.conftest import SmallRun
from tests.experiments import small_experiment

LOST = Diverged(70, "CC", 3, 0.0, "rate")


def test_shapes(run: SmallRun) -> None:
    measures = run.measures

    assert measures.selectivity.shape == (2, 6, 3, 4)
    assert measures.by_realization.shape == (2, 6, 3, 4)
    assert measures.intervals.shape == (2, 2, 2, 4)
    assert measures.weights.shape == (4, 3, 4, 4)
    for array in (measures.selectivity, measures.by_realization, measures.intervals):
        assert np.isfinite(array).all()


def test_before_and_after_from_the_whole_trajectory(run: SmallRun) -> None:
    """Averaged here over 142 steps before the onset at 150, and over the last 213 of 400."""
    rates = [simulate(recording.circuit, run.experiment).rates for recording in run.recordings]
    for condition, (start, stop) in enumerate([(8, 150), (187, 400)]):
        means = np.array([each[:, start:stop].mean(axis=1) for each in rates])
        neurons = neuron_measures(means, run.experiment.stimulus.directions)
        cs, sst = neurons[..., :9].mean(axis=2), neurons[..., 38:].mean(axis=2)
        found = run.measures.by_realization[condition]
        np.testing.assert_allclose(found[:, :, 0], cs, atol=1e-12)
        np.testing.assert_allclose(found[:, :, 3], sst, atol=1e-12)
        np.testing.assert_allclose(run.measures.selectivity[condition, :, 0, 0], cs.mean(axis=1), atol=1e-12)


def test_loss_is_made_of_the_tables(run: SmallRun) -> None:
    measures = run.measures
    before, after = measures.selectivity
    terms = loss_terms(before, after, measures.weights, Layout((9, 22, 7, 6)))

    assert measures.loss_terms == terms
    assert measures.loss == loss_of(terms, "signed")


def test_a_diverged_realization_is_left_out_of_before_and_after(run: SmallRun) -> None:
    first, second, third = run.recordings
    lost = dataclasses.replace(second, outcome=LOST)
    measures = measure([first, lost, third], run.experiment)
    without = measure([first, third], run.experiment)

    assert np.isnan(condition_rates([first, lost, third], "before")[1]).all()
    assert np.isnan(measures.by_realization[:, :, 1]).all()
    np.testing.assert_array_equal(measures.selectivity, without.selectivity)
    assert measures.summary["diverged"] == 1
    assert measures.summary["realizations"] == 3


def test_a_run_that_diverged_throughout_has_no_measures() -> None:
    experiment = small_experiment(plasticity={"rule": "oja", "tau_learn": 1e-3})
    recordings = [
        record(Circuit.sample(experiment, index), experiment, recording_plan(experiment))
        for index in range(2)
    ]
    measures = measure(recordings, experiment)

    assert np.isnan(measures.selectivity).all()
    assert np.isnan(measures.intervals).all()
    assert np.isnan(measures.loss)
    assert np.isfinite(measures.weights[0]).all()  # initial
    assert np.isnan(measures.weights[1]).all()  # final
    assert measures.summary["diverged"] == 2


def test_weights_that_ran_away_make_the_loss_infinite(run: SmallRun) -> None:
    """Finite, so that nothing diverged, but too large to square or to keep in single precision."""
    first, *others = run.recordings
    far = dataclasses.replace(first, final_weights=1e200 * first.final_weights)
    measures = measure([far, *others], run.experiment)
    dataset = run_dataset([far, *others], measures, run.experiment, {})

    assert np.isfinite(far.final_weights).all()
    assert measures.loss == np.inf
    assert np.isinf(dataset["final_weights"][0]).any()


def test_without_a_window_before_learning_only_after_is_defined() -> None:
    experiment = small_experiment(plasticity={"onset_step": 0})
    measures = measure(
        [record(Circuit.sample(experiment), experiment, recording_plan(experiment))], experiment
    )

    assert np.isnan(measures.selectivity[0]).all()
    assert np.isfinite(measures.selectivity[1, :, [0, 2]]).all()
    assert np.isnan(measures.loss)


@pytest.mark.parametrize("variant", ["corrected", "original"])
def test_one_realization_has_no_spread_and_the_loss_leaves_it_out(run: SmallRun, variant: str) -> None:
    """Never a spread of 0 that nothing was measured by; the original variant is the research code's."""
    experiment = Experiment.model_validate({**run.experiment.model_dump(), "variant": variant})
    measures = measure(run.recordings[:1], experiment)
    between = STATISTICS.index("std_of_means")
    found = caveats(measured_tables(measures))

    if variant == "original":
        np.testing.assert_array_equal(measures.selectivity[:, :, between], 0)
        assert measures.loss_terms["spread_between"] == 0
        assert found == ()
        return
    assert np.isnan(measures.selectivity[:, :, between]).all()
    assert np.isnan(measures.weights[:, between]).all()
    terms = dict(measures.loss_terms)
    assert np.isnan(terms.pop("spread_between"))
    assert measures.loss == pytest.approx(
        10 * (terms["rmse"] + abs(terms["delta_OS"])) - terms["delta_DS"] + 0.1 * terms["spread_within"]
    )
    assert len(found) == 1
    assert "does not contain spread_between" in found[0]


def test_stds_divide_by_one_less_than_there_are(run: SmallRun) -> None:
    """Of three realizations by two, of 44 neurons' populations by one less; the original variant by all."""
    raw = run.experiment.model_dump()
    original = measure(run.recordings, Experiment.model_validate({**raw, "variant": "original"}))
    means = run.measures.by_realization
    by_neurons = np.array([9, 22, 7, 6])

    np.testing.assert_allclose(run.measures.selectivity[:, :, 1], means.std(axis=2, ddof=1))
    np.testing.assert_allclose(original.selectivity[:, :, 1], means.std(axis=2))
    np.testing.assert_allclose(
        run.measures.selectivity[:, 1:, 2],
        original.selectivity[:, 1:, 2] * np.sqrt(by_neurons / (by_neurons - 1)),
    )
    pairs = np.outer(by_neurons, by_neurons)
    np.testing.assert_allclose(
        run.measures.weights[0, 2], original.weights[0, 2] * np.sqrt(pairs / (pairs - 1))
    )
    np.testing.assert_allclose(run.measures.weights[:, 1], original.weights[:, 1] * (3 / 2) ** 0.5)


def silenced(recording: Recording, neurons: slice) -> Recording:
    """The recording with these neurons silent in both conditions."""
    windows = {name: rates.copy() for name, rates in recording.window_rates.items()}
    for rates in windows.values():
        rates[:, neurons] = 0
    return dataclasses.replace(recording, window_rates=windows)


@pytest.mark.parametrize("variant", ["corrected", "original"])
def test_slip_11_a_population_that_is_off(run: SmallRun, variant: str) -> None:
    """PV of one realization: the corrected variant leaves out that cell, the original the realization."""
    first, second, third = run.recordings
    recordings = [first, silenced(second, slice(31, 38)), third]
    raw = {**run.experiment.model_dump(), "variant": variant}
    measures: Measures = measure(recordings, Experiment.model_validate(raw))
    undefined = np.isnan(measures.by_realization[:, MEASURES.index("OS")])

    expected = np.zeros((2, 3, 4), dtype=bool)
    if variant == "corrected":
        expected[:, 1, 2] = True
    else:
        expected[:, 1] = True
    np.testing.assert_array_equal(undefined, expected)
    assert measures.summary["off_PV"] == 1
    assert np.isfinite(measures.selectivity).all()


def test_empty_populations_are_not_defined_and_do_not_spoil_the_loss() -> None:
    experiment = small_experiment(network={"sizes": [9, 22, 0, 0]})
    plan = recording_plan(experiment)
    measures = measure(
        [record(Circuit.sample(experiment, index), experiment, plan) for index in range(2)], experiment
    )

    assert np.isnan(measures.selectivity[..., 2:]).all()
    assert np.isfinite(measures.selectivity[..., :2]).all()
    assert np.isfinite(measures.loss)
    single = {name for name in measures.summary if name.endswith(("_low", "_high"))}
    assert np.isfinite([value for name, value in measures.summary.items() if name not in single]).all()
    assert np.isnan([measures.summary[name] for name in single]).all()


def test_same_run_gives_the_same_numbers(run: SmallRun) -> None:
    again = measure(run.recordings, run.experiment)

    assert again.selectivity.tobytes() == run.measures.selectivity.tobytes()
    assert again.intervals.tobytes() == run.measures.intervals.tobytes()
    assert again.loss == run.measures.loss
