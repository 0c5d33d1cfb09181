"""Snapshots of the realizations of a run, and their JSON lines."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from l5tui.model.recording import Glimpse
from l5tui.runner.events import (
    Event,
    Forecasted,
    PhaseStarted,
    Progress,
    RunStarted,
    RunStored,
    Snapshot,
    Warned,
)
from l5tui.runner.forecast import Forecast
from l5tui.runner.lines import from_line, to_line
from l5tui.runner.live import MOST_AT_ONCE, MOST_POINTS, LiveView
from l5tui.runner.live_tuning import LiveTuning
from l5tui.store.netcdf import open_run
from l5tui.workspace import Workspace
from tests.experiments import small_experiment
from tests.runner.running import run

ONES = ((1.0, 1.0, 1.0, 1.0),) * 4


def glimpse(step: int) -> Glimpse:
    """Rates and weights of two directions, whose mean is the step's number."""
    return Glimpse(
        step,
        np.full((2, 4), [[step - 1.0], [step + 1.0]]),
        np.full((2, 4, 4), float(step)),
        np.array([np.nan, 2.0]),
    )


def test_many_glimpses_become_a_few_points_that_end_with_the_last() -> None:
    live = LiveView(small_experiment(simulation={"realizations": 1}))
    watch = live.watch(0, np.ones((4, 4)))
    for step in range(1, 101):
        watch(glimpse(step))
    (snapshot,) = live.snapshots()
    assert len(snapshot.steps) <= MOST_POINTS
    assert snapshot.steps[-1] == 100
    assert snapshot.rates == tuple((float(step),) * 4 for step in snapshot.steps)
    assert (snapshot.weights[3][3], snapshot.targets, snapshot.abscissa) == (100.0, ONES, 2.0)
    assert snapshot.distance == pytest.approx(99.0)
    assert list(live.snapshots()) == []


def test_many_realizations_take_turns_and_none_is_forgotten() -> None:
    live = LiveView(small_experiment(simulation={"realizations": 2 * MOST_AT_ONCE + 1}))
    for index in range(2 * MOST_AT_ONCE + 1):
        live.watch(index, np.ones((4, 4)))(glimpse(1))
    first, second = ([each.realization for each in live.snapshots()] for _ in range(2))
    assert first + second == list(range(1, 2 * MOST_AT_ONCE + 1))
    assert [each.realization for each in live.rest()] == [2 * MOST_AT_ONCE + 1]


def test_a_run_shows_what_its_file_has_at_the_end(workspace: Workspace) -> None:
    events: list[Event] = []
    report = run(workspace, observe=events.append)
    snapshots = [event for event in events if isinstance(event, Snapshot)]
    assert {event.realization for event in snapshots} == {1, 2}
    dataset = open_run(workspace.root / str(report.record.file)).mean("direction")
    for number in (1, 2):
        last = [event for event in snapshots if event.realization == number][-1]
        one = dataset.sel(realization=number - 1)
        assert last.steps[-1] == one["last_step"].values[-1]
        np.testing.assert_allclose(last.rates[-1], one["rate_mean"].values[-1])
        np.testing.assert_allclose(last.weights, one["weight_mean"].values[-1])
        np.testing.assert_allclose(last.targets, one["target_weights"].values)
        assert last.abscissa == pytest.approx(float(one["final_abscissa"]))
        assert last.angles == (-180.0, -90.0, 0.0, 90.0)
        # The largest rate is at the direction that is preferred.
        for curves in (last.tuning_before, last.tuning):
            assert np.argmax(curves, axis=0).tolist() == [2] * 4
        assert last.tuning != last.tuning_before
    (stored,) = [event for event in events if isinstance(event, RunStored)]
    assert stored.report["run_id"] == report.record.id
    assert stored.report["loss"] == report.as_dict()["loss"]


NAN = math.nan


@pytest.mark.parametrize(
    "event",
    [
        Forecasted(Forecast(70.0, 3_000_000_000, 5)),
        RunStarted("20260101-000000-abcdef", "two\nlines"),
        PhaseStarted("simulate"),
        Progress(1, 2, 3, 4, 0.5),
        Progress(1, 2, 3, 4, 0.5, True),
        Snapshot(1, (10, 20), ((1.0, 2.0, 3.0, 4.0),) * 2, ONES, ((0.0, 0.5, 1.0, 2.0),) * 4, 1.25),
        Snapshot(1, (), (), ONES, ONES, 1.25, (-180.0, 0.0), ONES[:2], ONES[2:]),
        RunStored({"run_id": "x", "loss": None}),
        Warned("oh"),
    ],
)
def test_an_event_comes_back_from_its_line(event: Event) -> None:
    line = to_line(event, id=7)
    assert line.isascii()
    assert "\n" not in line
    values = json.loads(line)
    assert values["id"] == 7
    assert from_line(values) == event


def test_what_is_not_defined_is_null() -> None:
    event = Snapshot(1, (1,), ((NAN, 1.0, 2.0, 3.0),), ((NAN,) * 4,) * 4, ONES, NAN)
    values = json.loads(to_line(event))
    assert values["rates"] == [[None, 1.0, 2.0, 3.0]]
    assert (values["distance"], values["abscissa"], values["weights"][0][0]) == (None, None, None)
    back = from_line(values)
    assert isinstance(back, Snapshot)
    assert math.isnan(back.rates[0][0])
    assert math.isnan(back.distance)
    assert from_line({"event": "ended"}) is None


def test_tuning_is_that_of_whole_periods_and_before_learning_stays() -> None:
    tuning = LiveTuning(small_experiment())
    span, neurons = 71, 44
    assert tuning.curves()[0] == ()

    def show(steps: range, peak: float) -> None:
        rates = np.full((4, neurons), 1.0)
        rates[2] = peak
        for step in steps:
            tuning.add(Glimpse(step, np.ones((4, 4)), np.ones((4, 4, 4)), np.ones(4), rates))

    show(range(1, 60), 2.0)
    assert tuning.curves()[0] == ()
    show(range(60, span + 1), 2.0)
    angles, before, now = tuning.curves()
    assert angles == (-180.0, -90.0, 0.0, 90.0)
    np.testing.assert_allclose(now[:, 0], [1.0, 1.0, 2.0, 1.0])
    # It learns from step 60 on, before a whole period has passed.
    assert np.isnan(before).all()

    tuning = LiveTuning(small_experiment(plasticity={"onset_step": 75}))
    show(range(1, span + 1), 2.0)
    show(range(span + 1, 2 * span + 1), 3.0)
    tuning.add(Glimpse(2 * span, np.ones((4, 4)), np.ones((4, 4, 4)), np.ones(4)))
    _, before, now = tuning.curves()
    assert (before[2, 0], now[2, 0]) == (2.0, 3.0)
