"""Warnings about the stimulus."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from l5tui.config.config_warning import ConfigWarning

if TYPE_CHECKING:
    from l5tui.config.experiment import Experiment


def aliased_frequency(experiment: Experiment) -> Iterator[ConfigWarning]:
    """Warn where a frequency in Hz turns by more than half a period a step, so that a slower grating is simulated."""
    hertz = experiment.stimulus.temporal_frequency_hz
    if not hertz or experiment.radians_per_step <= math.pi:
        return
    seconds = experiment.dynamics.step_seconds
    seen = abs(math.remainder(experiment.radians_per_step, 2 * math.pi)) / (2 * math.pi * seconds)
    yield ConfigWarning(
        "stimulus.temporal_frequency_hz",
        f"{hertz:g} Hz is more than half a period in a step of {seconds * 1000:g} ms: the samples are those of a "
        f"grating of {seen:.3g} Hz; at most {0.5 / seconds:g} Hz, or a smaller dynamics.dt",
        ("dynamics.dt", "dynamics.tau", "dynamics.tau_ms"),
    )
