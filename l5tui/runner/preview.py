"""One realization of an experiment in memory, for a look at what a change does before anything is kept."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from threadpoolctl import threadpool_limits

from l5tui.analysis.windows import recording_plan
from l5tui.config import Experiment
from l5tui.config.measure_names import CONDITIONS
from l5tui.errors import L5Error
from l5tui.model.outcome import Cancelled
from l5tui.runner.engine_settings import require_engine_settings
from l5tui.runner.events import Blocks, Four
from l5tui.runner.forecast import forecast
from l5tui.runner.memory import memory_shortage

SHOWN = ("rate", "OS", "DS", "OS_p")
LONGEST_SECONDS = 20.0
"""Runs that would take longer are not previewed."""


class PreviewRefusedError(L5Error):
    """There is nothing to preview, and why."""


@dataclass(frozen=True)
class Preview:
    """What one realization says.

    Parameters
    ----------
    before, after : dict of str to Four
        Rate and selectivity by measure, means over the neurons of each population.
    initial, final, targets : Blocks
        Mean weights of the blocks, averaged over directions.
    divisor : float
        Spectral abscissa, in mV, by which the sampled weights were divided.
    outcome : str
        How the realization ended.
    seconds : float
        How long it took.
    """

    before: dict[str, Four]
    after: dict[str, Four]
    initial: Blocks
    final: Blocks
    targets: Blocks
    divisor: float
    outcome: str
    seconds: float


def preview(experiment: Experiment, cancelled: Callable[[], bool] = lambda: False) -> Preview:
    """Run the first realization of an experiment and measure it; nothing is kept.

    Parameters
    ----------
    experiment : Experiment
    cancelled : callable, optional
        Called before every step; the preview stops if it returns True.

    Raises
    ------
    PreviewRefusedError
        Where it would take too long, or was cancelled.
    """
    from l5tui.model.circuit import Circuit
    from l5tui.model.recording import record

    begun = time.perf_counter()
    one = experiment.model_copy(
        update={"simulation": experiment.simulation.model_copy(update={"realizations": 1})}
    )
    if (expected := forecast(one).seconds) > LONGEST_SECONDS:
        raise PreviewRefusedError(f"no preview: it would take about {expected:.0f} s")
    require_engine_settings(experiment)
    if shortage := memory_shortage(forecast(one)):
        raise PreviewRefusedError(f"no preview: it {shortage}")
    plan = replace(
        recording_plan(experiment), keep_rates=False, keep_weights=False, factors=(), abscissa="none"
    )
    with threadpool_limits(limits=1, user_api="blas"):
        recording = record(Circuit.sample(experiment), experiment, plan, cancelled=cancelled)
    if isinstance(recording.outcome, Cancelled):
        raise PreviewRefusedError("no preview: cancelled")
    return _measured(recording, experiment, begun)


def _measured(recording: Any, experiment: Experiment, begun: float) -> Preview:
    from l5tui.analysis.block_weights import QUANTITIES, weight_table
    from l5tui.analysis.cells import floor_of
    from l5tui.analysis.measures import condition_rates
    from l5tui.analysis.selectivity import MEASURES, realization_means
    from l5tui.model.layout import Layout

    layout = Layout(experiment.network.sizes.in_order())
    selectivity: dict[str, dict[str, Four]] = {}
    for condition in CONDITIONS:
        rates = condition_rates([recording], condition)
        means, _ = realization_means(
            rates, experiment.stimulus.directions, layout, False, floor=floor_of(experiment)
        )
        selectivity[condition] = {name: tuple(map(float, means[MEASURES.index(name), 0])) for name in SHOWN}
    table = weight_table([recording], layout)
    initial, final, targets = (
        tuple(tuple(map(float, row)) for row in table[QUANTITIES.index(name), 0])
        for name in ("initial", "final", "target")
    )
    return Preview(
        **selectivity,
        initial=initial,
        final=final,
        targets=targets,
        divisor=recording.circuit.divisor,
        outcome=str(recording.outcome),
        seconds=time.perf_counter() - begun,
    )
