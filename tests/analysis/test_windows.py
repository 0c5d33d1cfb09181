"""Which steps are averaged."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from l5tui.analysis.windows import (
    measurement_windows,
    recording_bins,
    recording_plan,
    settling,
    stimulus_period,
    whole_period_steps,
)
from l5tui.config import Experiment


def experiment(
    steps: int = 2500, onset: int = 500, variant: str = "corrected", **stimulus: Any
) -> Experiment:
    return Experiment.model_validate(
        {
            "variant": variant,
            "dynamics": {"duration_tau": steps / 10},
            "plasticity": {"onset_step": onset},
            "stimulus": stimulus,
        }
    )


def test_default_windows() -> None:
    assert measurement_windows(experiment()) == {
        "before": (358, 500),
        "after": (2003, 2500),
        "penultimate": (2264, 2382),
        "last": (2382, 2500),
    }


def test_stimulus_is_aliased() -> None:
    """50 rad/step are 0.2655 rad/step, 23.67 steps a period; 71 steps are three of them."""
    assert stimulus_period(experiment()) == pytest.approx(23.667, abs=1e-3)
    assert whole_period_steps(experiment()) == 71


@pytest.mark.parametrize(
    ("omega", "whole"),
    [
        (math.tau / 20, 20),  # exact
        (math.tau * 3 / 20, 20),  # three periods
        (math.tau * 19 / 20, 20),  # looks like −1/20
        (math.tau * 7 + math.tau / 20, 20),  # looks like 1/20
        (math.tau / 2, 2),
        (math.tau / 2.5, 5),
        (math.tau / 149.9, 149),
        (math.tau / 300, None),  # no whole period within 150 steps
        (math.tau / 155, None),
        (0.0, None),  # does not move at all
        (math.tau, None),  # looks as if it did not
    ],
)
def test_smallest_number_of_steps_that_is_whole_periods(omega: float, whole: int | None) -> None:
    assert whole_period_steps(experiment(temporal_frequency=omega)) == whole


@given(st.floats(0.05, 60))
def test_whole_periods_are_whole_to_a_hundredth(omega: float) -> None:
    steps = whole_period_steps(experiment(temporal_frequency=omega))
    period = 2 * math.pi / abs(math.remainder(omega, 2 * math.pi))
    misses = [abs(n / period - round(n / period)) for n in range(151)]
    whole = [n for n in range(1, 151) if misses[n] <= 0.01 and round(n / period) >= 1]

    assert steps == (whole[0] if whole else None)


@pytest.mark.parametrize("steady", [[True] * 4, [True, True, False, True]])
def test_steady_input_is_averaged_over_the_whole_window(steady: list[bool]) -> None:
    """Without PV neurons, no neuron has the drifting input."""
    sizes = [45, 275, 0 if not steady[2] else 46, 34]
    raw = experiment(steady=steady).model_dump()
    raw["network"]["sizes"] = dict(zip(("CS", "CC", "PV", "SST"), sizes, strict=True))
    found = measurement_windows(Experiment.model_validate(raw))

    assert found["before"] == (350, 500)
    assert found["after"] == (2000, 2500)
    assert found["last"] == (2375, 2500)


def test_one_drifting_population_is_enough_for_periods() -> None:
    assert measurement_windows(experiment(steady=[True, True, True, False])) == measurement_windows(
        experiment()
    )


@pytest.mark.parametrize(
    ("steps", "onset", "before", "after"),
    [
        (2500, 0, None, (2003, 2500)),
        (2500, 1, (0, 1), (2003, 2500)),
        (2500, 40, (0, 40), (2003, 2500)),
        (2500, 71, (0, 71), (2003, 2500)),
        (2500, 100, (29, 100), (2003, 2500)),
        (2500, 142, (0, 142), (2003, 2500)),
        (2500, 150, (8, 150), (2003, 2500)),
        (499, 150, (8, 150), (215, 499)),
        (100, 50, (0, 50), (50, 100)),
        (30, 10, (0, 10), (10, 30)),
        (600, 500, (358, 500), (529, 600)),
        (1, 0, None, (0, 1)),
    ],
)
def test_short_runs(steps: int, onset: int, before: tuple[int, int] | None, after: tuple[int, int]) -> None:
    found = measurement_windows(experiment(steps, onset))

    assert found.get("before") == before
    assert found["after"] == after


@given(
    st.integers(1, 3000), st.integers(0, 3000), st.floats(0, 60), st.sampled_from(["original", "corrected"])
)
def test_windows_lie_within_the_run(steps: int, onset: int, omega: float, variant: str) -> None:
    onset = min(onset, steps - 1)
    found = measurement_windows(experiment(steps, onset, variant, temporal_frequency=omega))

    assert all(0 <= start < stop <= steps for start, stop in found.values())
    assert found["after"][1] == steps
    if variant == "corrected":
        assert found["after"][0] >= onset
    if variant == "corrected" and onset:
        assert found["before"][1] == onset
    if "last" in found:
        (first, middle), (also_middle, last) = found["penultimate"], found["last"]
        assert (middle, last) == (also_middle, steps)
        assert last - middle == middle - first


@pytest.mark.parametrize("omega", [50.0, math.tau / 20, 0.0])
def test_slip_5_original_averages_over_25_steps_whatever_the_frequency(omega: float) -> None:
    found = measurement_windows(experiment(variant="original", temporal_frequency=omega))

    assert found["after"] == (2000, 2500)
    assert found["penultimate"] == (2250, 2375)
    assert found["last"] == (2375, 2500)


def test_slip_6_original_takes_the_first_fifty_steps_for_before() -> None:
    """Five 25-step windows before step 500·0.01/0.1 = 50, of which two fit."""
    assert measurement_windows(experiment(variant="original"))["before"] == (0, 50)
    assert measurement_windows(experiment(variant="original", onset=2000))["before"] == (75, 200)
    assert "before" not in measurement_windows(experiment(variant="original", onset=9))


@given(
    st.integers(1, 4000),
    st.one_of(st.just(0.0), st.floats(0, 60), st.floats(1e-9, 1e-3)),
    st.lists(st.booleans(), min_size=4, max_size=4),
)
def test_recorded_bins_join_without_overlap(steps: int, omega: float, steady: list[bool]) -> None:
    bins = recording_bins(experiment(steps, onset=0, temporal_frequency=omega, steady=steady))
    lengths = [stop - start for start, stop in bins]

    assert bins[0][0] == 0
    assert bins[-1][1] <= steps
    assert all(first[1] == second[0] for first, second in itertools.pairwise(bins))
    assert min(lengths) >= min(steps, 10)
    assert max(lengths) - min(lengths) <= 1
    assert steps - bins[-1][1] < max(lengths) + 1


def test_recorded_bins_follow_the_period() -> None:
    """Edges never stray from the period by more than half a step."""
    edges = np.array(recording_bins(experiment()))[:, 1]

    assert len(edges) == 105
    assert np.abs(edges - 23.667045 * np.arange(1, 106)).max() <= 0.5 + 1e-3


@pytest.mark.parametrize(("omega", "first"), [(math.tau / 4, 12), (math.tau / 151, 25), (0.0, 25)])
def test_bins_of_very_short_and_very_long_periods(omega: float, first: int) -> None:
    assert recording_bins(experiment(temporal_frequency=omega))[0] == (0, first)


@pytest.mark.parametrize(
    ("every", "first", "count"), [(1, (0, 1), 2500), (10, (9, 10), 250), (3000, (2499, 2500), 1)]
)
def test_samples_every_few_steps(every: int, first: tuple[int, int], count: int) -> None:
    raw = experiment().model_dump()
    raw["recording"] = {"every": every}
    bins = recording_bins(Experiment.model_validate(raw))

    assert bins[0] == first
    assert len(bins) == count
    assert all(stop - start == 1 for start, stop in bins)


@pytest.mark.parametrize(("rates", "kept"), [("period_means", True), ("every", True), ("none", False)])
def test_plan_of_an_experiment(rates: str, kept: bool) -> None:
    raw = experiment().model_dump()
    raw["recording"]["rates"] = rates
    planned = Experiment.model_validate(raw)
    plan = recording_plan(planned)

    assert plan.keep_rates is kept
    assert plan.bins == recording_bins(planned)
    assert plan.windows == measurement_windows(planned)


@pytest.mark.parametrize("steps", [2483, 2484, 2485, 2486])
def test_settling_looks_at_whole_periods_after_the_onset_and_within_the_run(steps: int) -> None:
    edges = settling(experiment(steps)).edges
    # The earliest end is six periods later; the 497 steps of `after` begin at the onset or later.
    assert edges[0] == 9 * 71
    assert edges[0] + 6 * 71 - 497 >= 500
    assert set(np.diff(edges)) == {71}
    assert edges[-1] == (2485 if steps >= 2485 else 2414)


def test_without_learning_settling_looks_from_the_first_step() -> None:
    still = experiment().model_copy(
        update={"plasticity": Experiment().plasticity.model_copy(update={"rule": "none"})}
    )
    assert settling(still).edges[0] == 0
