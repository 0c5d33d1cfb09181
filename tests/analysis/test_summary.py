"""The few numbers that sum a run up."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import scipy.stats

from l5tui.analysis.selectivity import MEASURES
from l5tui.analysis.summary import summarize
from l5tui.config import Experiment
from l5tui.model.arrays import FloatArray
from l5tui.model.layout import Layout
from l5tui.model.outcome import Cancelled, Diverged, Outcome
from l5tui.model.recording import Recording
from tests.analysis.made_recordings import made_recording
from tests.experiments import small_experiment

LAYOUT = Layout((2, 3, 1, 2))
NO_TABLE = np.zeros((6, 3, 4))
NO_CIRCUITS = np.zeros((6, 1, 4))


def recording(
    after: float | FloatArray = 1.0,
    penultimate: float = 1.0,
    last: float | FloatArray = 1.0,
    outcome: Outcome | None = None,
) -> Recording:
    rates = {"after": after, "penultimate": penultimate, "last": last}
    windows = {name: np.broadcast_to(np.asarray(value, dtype=float), (4, 8)) for name, value in rates.items()}
    return made_recording(windows, np.zeros((4, 8, 8)), outcome=outcome)


def summary(
    recordings: list[Recording],
    table: FloatArray = NO_TABLE,
    variant: str = "corrected",
    circuits: FloatArray = NO_CIRCUITS,
) -> dict[str, float]:
    experiment: Experiment = small_experiment(variant=variant, network={"sizes": [2, 3, 1, 2]})
    return summarize(recordings, table, circuits, experiment, LAYOUT)


def test_contrasts() -> None:
    table = np.full((6, 3, 4), 7.0)
    for measure, cs, cc in (("OS", 0.6, 0.2), ("DS", 0.1, 0.3), ("OS_p", 0.5, 0.5)):
        table[MEASURES.index(measure), 0, :2] = cs, cc
    found = summary([recording()], table)

    assert found["contrast_OS"] == pytest.approx(0.5)
    assert found["contrast_DS"] == pytest.approx(-0.5)
    assert found["contrast_OS_p"] == 0


def test_the_mean_contrast_is_of_the_circuits() -> None:
    """Of the means 0.6 and 0.3 the contrast is 1/3; the circuits' own are 1/2, 1/4 and 1/5."""
    circuits = np.full((6, 4, 4), np.nan)
    circuits[MEASURES.index("DS"), :3, :2] = [[0.9, 0.3], [0.5, 0.3], [0.3, 0.2]]
    table = np.zeros((6, 3, 4))
    table[MEASURES.index("DS"), 0, :2] = 0.6, 0.3
    found = summary([recording()], table, circuits=circuits)
    low, high = scipy.stats.t.interval(0.95, 2, 0.95 / 3, scipy.stats.sem([1 / 2, 1 / 4, 1 / 5]))

    assert found["contrast_DS"] == pytest.approx(1 / 3)
    assert found["mean_contrast_DS"] == pytest.approx(0.95 / 3)
    assert found["mean_contrast_DS_low"] == pytest.approx(low)
    assert found["mean_contrast_DS_high"] == pytest.approx(high)
    assert found["mean_contrast_DS_n"] == 3
    assert found["mean_contrast_OS_n"] == 0
    assert math.isnan(found["mean_contrast_OS"])


@pytest.mark.parametrize(("cs", "cc"), [(0.0, 0.0), (np.nan, 0.3), (0.3, np.nan), (-0.1, 0.3), (0.3, -0.1)])
def test_contrast_that_is_not_defined(cs: float, cc: float) -> None:
    table = np.zeros((6, 3, 4))
    table[MEASURES.index("OS"), 0, :2] = cs, cc

    assert math.isnan(summary([recording()], table)["contrast_OS"])


@pytest.mark.parametrize(
    ("last", "settled"), [(1.0, True), (1.049, True), (0.951, True), (1.051, False), (0.949, False)]
)
def test_settled_within_a_twentieth(last: float, settled: bool) -> None:
    assert summary([recording(last=last)])["not_in_equilibrium"] == (not settled)


def test_one_neuron_in_one_direction_is_enough_to_be_unsettled() -> None:
    last = np.ones((4, 8))
    last[2, 5] = 1.2

    assert summary([recording(last=last), recording()])["not_in_equilibrium"] == 1


@pytest.mark.parametrize(("last", "original", "corrected"), [(0.5, 1, 1), (1.5, 0, 1), (1.0, 0, 0)])
def test_slip_8_original_overlooks_rates_that_rise(last: float, original: int, corrected: int) -> None:
    assert summary([recording(last=last)], variant="original")["not_in_equilibrium"] == original
    assert summary([recording(last=last)], variant="corrected")["not_in_equilibrium"] == corrected


def test_diverged_and_cancelled_realizations() -> None:
    lost = Diverged(70, "CC", 3, 0.0, "rate")
    recordings = [
        recording(np.nan, np.nan, np.nan, lost),
        recording(np.nan, np.nan, np.nan, Cancelled(70)),
        recording(),
    ]
    found = summary(recordings)

    assert found["realizations"] == 3
    assert found["diverged"] == 1
    assert found["not_in_equilibrium"] == 2
    assert [found[f"off_{name}"] for name in ("CS", "CC", "PV", "SST")] == [0, 0, 0, 0]


def test_populations_that_are_off_are_counted_over_realizations() -> None:
    off: Any = np.ones((4, 8))
    off[:, 2:6] = 0  # CC and PV
    half: Any = np.ones((4, 8))
    half[:, 2:4] = 0  # two of three CC
    found = summary([recording(off), recording(half), recording()])

    assert [found[f"off_{name}"] for name in ("CS", "CC", "PV", "SST")] == [0, 1, 1, 0]


def test_a_run_too_short_for_the_criterion_has_not_settled() -> None:
    made = made_recording({"after": np.ones((4, 8))}, np.zeros((4, 8, 8)))

    assert summary([made])["not_in_equilibrium"] == 1
