"""Windows of steps that rates are averaged over: whole periods of the stimulus, before learning and at the end.

The stimulus is sampled once a step, which aliases its temporal frequency: 50 rad/step look like 0.2655,
a period of 23.67 steps. Averages over a part of a period would mistake the stimulus's phase for selectivity.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from l5tui.config.experiment import Experiment

Window: TypeAlias = tuple[int, int]
"""Steps (start, stop), for r(start + 1) … r(stop)."""

BEFORE_STEPS = 150
AFTER_STEPS = 500
LONGEST_WHOLE = 150
"""Longest stretch, in steps, that is searched for a whole number of periods."""
WHOLE = 0.01
"""Part of a period by which a stretch may miss a whole number of them."""
EQUILIBRIUM_PERIODS = 5
ORIGINAL_PERIOD = 25
"""Steps that the research code averaged over, whatever the stimulus."""


def stimulus_period(experiment: Experiment) -> float | None:
    """Period of the sampled stimulus in steps; None where nothing changes from step to step."""
    stimulus = experiment.stimulus
    sizes = experiment.network.sizes.in_order()
    if all(steady for steady, size in zip(stimulus.steady.in_order(), sizes, strict=True) if size):
        return None
    angle = math.remainder(experiment.radians_per_step, 2 * math.pi)
    return 2 * math.pi / abs(angle) if abs(angle) > 1e-9 else None


def whole_period_steps(experiment: Experiment) -> int | None:
    """Smallest number of steps that is a whole number of periods; None where there is none.

    The original variant takes 25 steps for a period, whatever the stimulus.
    """
    if experiment.variant == "original":
        return ORIGINAL_PERIOD
    period = stimulus_period(experiment)
    if period is None:
        return None
    for steps in range(1, LONGEST_WHOLE + 1):
        periods = steps / period
        if round(periods) >= 1 and abs(periods - round(periods)) <= WHOLE:
            return steps
    return None


def measurement_windows(experiment: Experiment) -> dict[str, Window]:
    """Return the windows over which measures are averaged.

    Returns
    -------
    dict of str to Window
        ``before`` (missing where learning starts at once), ``after``, and ``penultimate`` and ``last``, whose
        difference shows whether the rates have settled.
    """
    total = experiment.steps
    onset = experiment.plasticity.onset_step
    reach = BEFORE_STEPS
    if experiment.variant == "original":
        # It took the onset in units of tau where a number of steps was meant.
        onset = min(total, int(onset * experiment.dynamics.dt / experiment.dynamics.tau))
        reach = EQUILIBRIUM_PERIODS * ORIGINAL_PERIOD
        windows = {"after": _whole(total, min(AFTER_STEPS, total), experiment)}
    else:
        # Nothing that comes before the first step that learns is after learning.
        windows = {"after": _whole(total, min(AFTER_STEPS, total - onset), experiment)}
    if onset:
        windows["before"] = _whole(onset, min(reach, onset), experiment)
    half = min(equilibrium_steps(experiment), total // 2)
    if half:
        windows["penultimate"] = (total - 2 * half, total - half)
        windows["last"] = (total - half, total)
    return windows


def _whole(stop: int, available: int, experiment: Experiment) -> Window:
    """Return the longest window of whole periods that ends at `stop`, or all available steps."""
    whole = whole_period_steps(experiment) or available
    return (stop - (available // whole * whole or available), stop)


def equilibrium_steps(experiment: Experiment) -> int:
    """Return the length in steps of each of the two windows that decide whether the rates have settled."""
    if experiment.variant == "original":
        return EQUILIBRIUM_PERIODS * ORIGINAL_PERIOD
    return round(EQUILIBRIUM_PERIODS * (stimulus_period(experiment) or ORIGINAL_PERIOD))
