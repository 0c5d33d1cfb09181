"""One trial: an experiment simulated and measured, with nothing kept but the numbers."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from threadpoolctl import threadpool_limits

from l5tui.analysis.measures import measure, measured_tables
from l5tui.analysis.tables import RunTables
from l5tui.analysis.windows import recording_plan
from l5tui.config import Experiment
from l5tui.config.network import Network
from l5tui.errors import one_line
from l5tui.model.circuit import Circuit
from l5tui.model.outcome import Diverged
from l5tui.model.recording import Recording, record
from l5tui.tracking.flatten import metrics_of

CACHED_CIRCUITS = 16
"""Circuits that a process remembers: trials that see the same ones need not draw them again."""


@dataclass(frozen=True)
class TrialResult:
    """What comes back of a trial; small, so that it can cross a network.

    Parameters
    ----------
    status : str
        ``completed``, ``diverged`` or ``failed``.
    tables : RunTables or None
        Its measures; None where it failed.
    seconds : float
    error : str
        Why it diverged or failed, in one line; empty where it completed.
    """

    status: str
    tables: RunTables | None
    seconds: float
    error: str = ""

    @cached_property
    def metrics(self) -> Mapping[str, float]:
        """Every measure by its name, such as ``loss`` and ``after/DS.CS``."""
        return metrics_of(self.tables) if self.tables else {}

    def value(self, objective: str) -> float:
        """Return a measure by its name; NaN if it is not defined or the trial did not complete."""
        return self.metrics.get(objective, math.nan) if self.status == "completed" else math.nan


def run_trial(experiment: Experiment) -> TrialResult:
    """Simulate and measure an experiment, one realization after the other; never raises.

    Parameters
    ----------
    experiment : Experiment
    """
    return _run(experiment, range(experiment.simulation.realizations))


def run_circuit(experiment: Experiment, realization: int) -> TrialResult:
    """As `run_trial`, of one realization alone; its measures are those of that circuit.

    Parameters
    ----------
    experiment : Experiment
    realization : int
    """
    return _run(experiment, range(realization, realization + 1))


def _run(experiment: Experiment, realizations: range) -> TrialResult:
    begun = time.perf_counter()
    try:
        with threadpool_limits(limits=1, user_api="blas"):
            recordings = [_recorded(experiment, i) for i in realizations]
            tables = measured_tables(measure(recordings, experiment))
    except Exception as error:
        reason = one_line(error)
        return TrialResult("failed", None, time.perf_counter() - begun, reason)
    seconds = time.perf_counter() - begun
    diverged = [each.outcome for each in recordings if isinstance(each.outcome, Diverged)]
    if diverged:
        reason = f"{len(diverged)} of {len(recordings)} realizations diverged; {diverged[0]}"
        return TrialResult("diverged", tables, seconds, reason)
    return TrialResult("completed", tables, seconds)


def _recorded(experiment: Experiment, realization: int) -> Recording:
    circuit = _circuit(
        experiment.network, experiment.plasticity.neurons, experiment.seed, realization, experiment.variant
    )
    # Only what is measured counts: one bin, whose end is the end, costs nothing along the way.
    plan = replace(recording_plan(experiment), bins=((0, experiment.steps),))
    return record(circuit, experiment, plan)


@lru_cache(CACHED_CIRCUITS)
def _circuit(network: Network, learning: str, seed: int, realization: int, variant: str) -> Circuit:
    return Circuit.draw(network, learning, seed, realization, variant)
