"""Warnings about the windows before and after learning that a run is measured over."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from l5tui.config.config_warning import ConfigWarning
from l5tui.config.measurement_windows import measurement_windows, whole_period_steps

if TYPE_CHECKING:
    from l5tui.config.experiment import Experiment

SETTLING_TAU = 2.5
"""Time in units of τ from which a window counts as settled: 8 % of the start-up transient are left at its beginning,
which adds about 1 % of it to the mean over the 71 steps of the default stimulus's shortest window."""


def unsuitable_windows(experiment: Experiment) -> Iterator[ConfigWarning]:
    """Warn where a window holds no whole number of periods, or ``before`` holds the start-up transient.

    The windows of the original variant are those of the research code.
    """
    if experiment.variant == "original":
        return
    windows, whole = measurement_windows(experiment), whole_period_steps(experiment)
    onset, depends = "plasticity.onset_step", ("dynamics.duration_tau", "stimulus.temporal_frequency")
    for name, (start, stop) in windows.items():
        if name in ("before", "after") and whole and stop - start < whole:
            key = onset if name == "before" else "dynamics.duration_tau"
            yield ConfigWarning(
                key,
                f"the window {name} learning has {stop - start} steps, fewer than a whole number of periods of the "
                f"stimulus ({whole} steps): its means depend on the phase of the stimulus",
                (onset, *depends),
            )
    settled = round(SETTLING_TAU * experiment.dynamics.tau / experiment.dynamics.dt)
    if "before" in windows and windows["before"][0] < settled and windows["before"][1] > 0:
        yield ConfigWarning(
            onset,
            f"the window before learning begins at step {windows['before'][0]}, within the start-up transient of "
            f"{settled} steps ({SETTLING_TAU:g} tau): measures before learning, and changes, hold the transient",
            (*depends, "dynamics.tau", "dynamics.dt"),
        )
