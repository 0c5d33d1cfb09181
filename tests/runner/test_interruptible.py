"""A cancel does not wait for a long call into a library: measuring, writing the file, a helper process that dies."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from itertools import count

import numpy as np
import pytest
from scipy.sparse import csr_array

from l5tui.config.toml_text import parse_toml
from l5tui.config.validation import validate
from l5tui.model import cancellation
from l5tui.model.cancellation import StoppedError
from l5tui.model.spectrum import compressed_rows
from l5tui.runner.events import Event, PhaseStarted
from l5tui.runner.interruptible import run_interruptible
from l5tui.runner.mlflow_recorder import LaterRecorder
from l5tui.runner.realizations import RunCancelledError
from l5tui.runner.run import run_experiment
from l5tui.store import netcdf
from l5tui.workspace import Workspace

SHORT = """
[network]
sizes = {sizes}
[dynamics]
duration_tau = 1.0
[plasticity]
onset_step = 0
[simulation]
realizations = 1
"""


@pytest.fixture
def blocked() -> Iterator[threading.Event]:
    """Yield an event on which a thread waits until the end of the test."""
    event = threading.Event()
    yield event
    event.set()


def test_a_result_and_an_error_are_those_of_the_call() -> None:
    assert run_interruptible(lambda: 7, lambda: False, "it ran") == 7
    with pytest.raises(TimeoutError, match="own"):
        run_interruptible(lambda: _fail(TimeoutError("own")), lambda: False, "it ran")


def _fail(error: Exception) -> None:
    raise error


def test_a_call_that_does_not_return_is_left(blocked: threading.Event) -> None:
    begun = time.monotonic()
    with pytest.raises(RunCancelledError, match="cancelled while it ran"):
        run_interruptible(lambda: blocked.wait(60), lambda: True, "it ran")
    assert time.monotonic() - begun < 30


def test_a_file_that_another_thread_writes_is_discarded_without_waiting(
    workspace: Workspace, blocked: threading.Event
) -> None:
    holds = threading.Event()

    def write() -> None:
        with netcdf.lock:
            holds.set()
            blocked.wait(60)

    def observe(event: Event) -> None:
        if event == PhaseStarted("store"):
            threading.Thread(target=write).start()
            holds.wait(60)

    begun = time.monotonic()
    found = _run(workspace, [9, 22, 7, 6], observe, holds.is_set)
    assert time.monotonic() - begun < 30
    assert found == ("cancelled", "cancelled while the file was written", [])


@pytest.mark.slow
def test_a_run_of_a_large_network_is_cancelled_while_it_is_measured(workspace: Workspace) -> None:
    measuring = threading.Event()

    def observe(event: Event) -> None:
        if event == PhaseStarted("measure"):
            measuring.set()

    found = _run(workspace, [200, 1400, 240, 160], observe, measuring.is_set)
    assert found == ("cancelled", "cancelled while the run was measured", [])


def _run(
    workspace: Workspace, sizes: list[int], observe: Callable[[Event], None], cancelled: Callable[[], bool]
) -> tuple[str, str | None, list[str]]:
    """Return the status of a run, its error and the files that it leaves."""
    toml = SHORT.format(sizes=sizes)
    report = run_experiment(
        validate(parse_toml(toml)),
        toml,
        workspace,
        observe=observe,
        cancelled=cancelled,
        recorder=LaterRecorder(),
    )
    files = [file.name for file in workspace.runs.iterdir()]
    return str(report.record.status), report.record.error, files


def test_compressed_rows_are_those_of_scipy_and_check_before_each_piece(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cancellation, "PIECE", 999)
    random = np.random.default_rng(3)
    weights = np.where(random.random((300, 300)) < 0.1, random.standard_normal((300, 300)), 0.0)
    weights[:7] = 0.0
    checks = count()
    found, expected = compressed_rows(weights, lambda: next(checks) < 0), csr_array(weights)
    assert next(checks) == 100
    for name in ("data", "indices", "indptr"):
        np.testing.assert_array_equal(getattr(found, name), getattr(expected, name))
        assert getattr(found, name).dtype == getattr(expected, name).dtype
    with pytest.raises(StoppedError):
        compressed_rows(weights, lambda: True)
