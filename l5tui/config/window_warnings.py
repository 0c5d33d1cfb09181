"""Warnings about the windows before and after learning that a run is measured over."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from l5tui.config.config_warning import ConfigWarning
from l5tui.config.measurement_windows import measurement_windows, whole_period_steps

if TYPE_CHECKING:
    from l5tui.config.experiment import Experiment

TRANSIENT_LEFT = 0.01
"""Share of the start-up transient, exp(-t/τ), that may be left where a window begins: a mean over the window then
holds less than 1 % of it."""
SETTLING_TAU = math.log(1 / TRANSIENT_LEFT)
"""Time in units of τ after which that share is left, 4.6."""


def unsuitable_windows(experiment: Experiment) -> Iterator[ConfigWarning]:
    """Warn where a window holds no whole number of periods, or the start-up transient.

    The windows of the original variant are those of the research code.
    """
    if experiment.variant == "original":
        return
    whole = whole_period_steps(experiment)
    settled = math.ceil(SETTLING_TAU * experiment.dynamics.tau / experiment.dynamics.dt)
    onset, duration = "plasticity.onset_step", "dynamics.duration_tau"
    windows = measurement_windows(experiment)
    for name in ("before", "after"):
        start, stop = windows.get(name, (settled, settled))
        key = onset if name == "before" else duration
        if whole and start < stop < start + whole:
            yield ConfigWarning(
                key,
                f"the window {name} learning has {stop - start} steps, fewer than a whole number of periods of the "
                f"stimulus ({whole} steps): its means depend on the phase of the stimulus",
                (onset, duration, "stimulus.temporal_frequency", "stimulus.temporal_frequency_hz"),
            )
        if start < settled:
            yield ConfigWarning(
                key,
                f"the window {name} learning begins at step {start}, where more than {100 * TRANSIENT_LEFT:g} % of the "
                f"start-up transient is left ({settled} steps, {SETTLING_TAU:.1f} tau, bring it below): measures "
                f"{name} learning, and changes, hold the transient",
                (onset, duration, "stimulus.temporal_frequency", "dynamics.tau", "dynamics.dt"),
            )
