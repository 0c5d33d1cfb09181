"""A cancel is heard while circuits of a large network are sampled and scaled, before there is a first step."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import replace

import numpy as np
import pytest

from l5tui.analysis.windows import recording_plan
from l5tui.config import Experiment
from l5tui.config.validation import validate
from l5tui.model import cancellation
from l5tui.model.cancellation import StoppedError, pieces
from l5tui.model.circuit import Circuit
from l5tui.model.outcome import Cancelled
from l5tui.model.recording import record
from l5tui.runner.realizations import RunCancelledError, record_realizations

LARGE = {"network": {"sizes": [340, 2060, 345, 255]}, "simulation": {"realizations": 1}}
"""3,000 neurons: the block within CC has 4.2 million pairs, and the synapses 9 million."""

BUSY = """
import threading, time
from l5tui.cli.main import _leave_busy_threads
threading.Thread(target=time.sleep, args=(60,), name="realization_0").start()
_leave_busy_threads(130)
"""


def large() -> Experiment:
    """Return an experiment whose circuit takes a second to sample."""
    return validate(LARGE)


def test_sampling_and_scaling_check_for_cancellation_before_every_piece() -> None:
    calls: list[int] = []

    def stop_at(last: int) -> bool:
        calls.append(last)
        return len(calls) > last

    for last in (0, 5, 17, 22):
        calls.clear()
        with pytest.raises(StoppedError):
            Circuit.sample(large(), 0, lambda last=last: stop_at(last))  # type: ignore[misc]
        assert len(calls) == last + 1


def test_a_run_is_cancelled_while_its_circuit_is_sampled() -> None:
    begun = time.monotonic()
    with pytest.raises(RunCancelledError, match="with 0 of 1 realizations done"):
        record_realizations(large(), lambda event: None, lambda: time.monotonic() - begun > 0.2)


def test_pieces_make_up_the_whole_and_leave_every_number_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    experiment = validate({"seed": 8})
    whole = Circuit.sample(experiment)
    monkeypatch.setattr(cancellation, "PIECE", 999)
    assert [part.stop - part.start for part in pieces(7, 333, lambda: False)] == [3, 3, 1]
    in_pieces = Circuit.sample(experiment)
    np.testing.assert_array_equal(in_pieces.synapses, whole.synapses)
    np.testing.assert_array_equal(in_pieces.weights, whole.weights)


def test_the_command_line_does_not_wait_for_a_thread_that_cannot_be_interrupted() -> None:
    begun = time.monotonic()
    assert subprocess.run([sys.executable, "-c", BUSY], check=False).returncode == 130
    assert time.monotonic() - begun < 30


def test_a_cancel_is_heard_while_the_abscissa_of_the_recorded_weights_is_computed() -> None:
    experiment = validate(
        {
            "network": {"sizes": [60, 400, 60, 40]},
            "dynamics": {"duration_tau": 1.0},
            "plasticity": {"onset_step": 0},
            "stimulus": {"directions": [0.0, 90.0, 180.0, 270.0]},
        }
    )
    circuit = Circuit.sample(experiment)
    plan = replace(recording_plan(experiment), abscissa="end")
    taken: list[int] = []
    products: list[int] = []

    def stop() -> bool:
        if taken and taken[-1] == experiment.steps:
            products.append(1)
        return len(products) > 3

    recording = record(circuit, experiment, plan, progress=lambda done, _: taken.append(done), cancelled=stop)
    assert len(products) == 4
    assert recording.outcome == Cancelled(experiment.steps)
    assert np.isnan(recording.final_abscissa).all()
