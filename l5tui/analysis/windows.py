"""Which steps are averaged: whole periods of the stimulus, before learning and at the end.

The stimulus is sampled once a step, which aliases its temporal frequency: 50 rad/step look like 0.2655,
a period of 23.67 steps. Averages over a part of a period would mistake the stimulus's phase for selectivity.
"""

from __future__ import annotations

import itertools
import math

from l5tui.config import Experiment
from l5tui.model.recording_plan import RecordingPlan, Settling, Window

BEFORE_STEPS = 150
AFTER_STEPS = 500
LONGEST_WHOLE = 150
"""Longest stretch, in steps, that is searched for a whole number of periods."""
WHOLE = 0.01
"""Part of a period by which a stretch may miss a whole number of them."""
EQUILIBRIUM_PERIODS = 5
ORIGINAL_PERIOD = 25
"""Steps that the research code averaged over, whatever the stimulus."""
SHORTEST_BIN = 10
SETTLED_PERIODS = 5


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
    """The windows that measures are taken over.

    Returns
    -------
    dict of str to Window
        ``before`` (missing where learning starts at once), ``after``, and ``penultimate`` and ``last``, whose
        difference tells whether the rates have settled.
    """
    total = experiment.steps
    onset = experiment.plasticity.onset_step
    reach = BEFORE_STEPS
    if experiment.variant == "original":
        # It took the onset in units of tau where a number of steps was meant.
        onset = min(total, int(onset * experiment.dynamics.dt / experiment.dynamics.tau))
        reach = EQUILIBRIUM_PERIODS * ORIGINAL_PERIOD
    windows = {"after": _whole(total, min(AFTER_STEPS, total), experiment)}
    if onset:
        windows["before"] = _whole(onset, min(reach, onset), experiment)
    half = min(_equilibrium_steps(experiment), total // 2)
    if half:
        windows["penultimate"] = (total - 2 * half, total - half)
        windows["last"] = (total - half, total)
    return windows


def _whole(stop: int, available: int, experiment: Experiment) -> Window:
    """The longest whole number of periods that ends at `stop`, or all that is available."""
    whole = whole_period_steps(experiment) or available
    return (stop - (available // whole * whole or available), stop)


def _equilibrium_steps(experiment: Experiment) -> int:
    if experiment.variant == "original":
        return EQUILIBRIUM_PERIODS * ORIGINAL_PERIOD
    return round(EQUILIBRIUM_PERIODS * (stimulus_period(experiment) or ORIGINAL_PERIOD))


def recording_bins(experiment: Experiment) -> tuple[Window, ...]:
    """The windows of the recorded time course: whole periods, or single steps at a fixed distance."""
    total = experiment.steps
    if experiment.recording.rates == "every":
        every = min(experiment.recording.every, total)
        return tuple((step - 1, step) for step in range(every, total + 1, every))
    return period_bins(experiment)


def period_bins(experiment: Experiment) -> tuple[Window, ...]:
    """Whole periods of the stimulus, a few together where they are short."""
    total = experiment.steps
    period = stimulus_period(experiment)
    if period is None or period > LONGEST_WHOLE:
        period = ORIGINAL_PERIOD
    length = min(period * math.ceil(SHORTEST_BIN / period), total)
    edges = [round(index * length) for index in range(int(total / length + 1e-9) + 1)]
    return tuple(itertools.pairwise(edges))


def recording_plan(experiment: Experiment) -> RecordingPlan:
    """What to keep of each realization of an experiment."""
    return RecordingPlan(
        bins=recording_bins(experiment),
        windows=measurement_windows(experiment),
        keep_rates=experiment.recording.rates != "none",
        factors=recorded_factors(experiment),
        keep_weights=experiment.recording.weights == "full",
        abscissa=experiment.recording.abscissa,
        settling=settling(experiment) if experiment.simulation.until == "converged" else None,
    )


def settling(experiment: Experiment) -> Settling:
    """When an experiment that goes on until it has converged may stop: never before it has learned."""
    onset = experiment.plasticity.onset_step if experiment.plasticity.rule != "none" else 0
    # A few whole periods at once: a single one is no whole number of steps, and its mean would never settle.
    whole = whole_period_steps(experiment) or ORIGINAL_PERIOD
    edges = tuple(range(-(-onset // whole) * whole, experiment.steps + 1, whole))
    longest = max(AFTER_STEPS, 2 * _equilibrium_steps(experiment))
    return Settling(edges, experiment.simulation.tolerance, SETTLED_PERIODS, min(longest, experiment.steps))


def recorded_factors(experiment: Experiment) -> tuple[str, ...]:
    """The factors of each step's change of W that an experiment records."""
    plasticity = experiment.plasticity
    if experiment.recording.weights != "factors" or plasticity.rule == "none":
        return ()
    from_stimulus = plasticity.rule in ("bcm", "sliding_bcm") and plasticity.presynaptic_term == "stimulus"
    return ("weight_post",) if from_stimulus else ("weight_post", "weight_pre")
