"""Averaging windows: whole periods of the stimulus, before learning and at the end.

The stimulus is sampled once a step, which aliases its temporal frequency: 50 rad/step look like 0.2655,
a period of 23.67 steps. Averages over a part of a period would mistake the stimulus's phase for selectivity.
"""

from __future__ import annotations

import itertools
import math

from l5tui.config import Experiment
from l5tui.config.measurement_windows import (
    AFTER_STEPS,
    BEFORE_STEPS,
    LONGEST_WHOLE,
    ORIGINAL_PERIOD,
    equilibrium_steps,
    measurement_windows,
    stimulus_period,
    whole_period_steps,
)
from l5tui.model.recording_plan import RecordingPlan, Settling, Window

__all__ = ["BEFORE_STEPS", "measurement_windows", "stimulus_period", "whole_period_steps"]

SHORTEST_BIN = 10
SETTLED_PERIODS = 5


def recording_bins(experiment: Experiment) -> tuple[Window, ...]:
    """Return the windows of the recorded time course: whole periods, or single steps at a fixed distance.

    Parameters
    ----------
    experiment : Experiment
        Experiment of the run.

    Returns
    -------
    tuple of (int, int)
        (start, stop) of each window, which covers the steps start + 1 to stop.

    Examples
    --------
    >>> from l5tui.config import Experiment
    >>> recording_bins(Experiment())[:2]
    ((0, 24), (24, 47))
    """
    total = experiment.steps
    if experiment.recording.rates == "every":
        every = min(experiment.recording.every, total)
        return tuple((step - 1, step) for step in range(every, total + 1, every))
    return period_bins(experiment)


def period_bins(experiment: Experiment) -> tuple[Window, ...]:
    """Return windows of whole stimulus periods; short periods are merged until a window has `SHORTEST_BIN` steps.

    Parameters
    ----------
    experiment : Experiment
        Experiment of the run.

    Returns
    -------
    tuple of (int, int)
        (start, stop) of each window, which covers the steps start + 1 to stop.
    """
    total = experiment.steps
    period = stimulus_period(experiment)
    if period is None or period > LONGEST_WHOLE:
        period = ORIGINAL_PERIOD
    length = min(period * math.ceil(SHORTEST_BIN / period), total)
    edges = [round(index * length) for index in range(int(total / length + 1e-9) + 1)]
    return tuple(itertools.pairwise(edges))


def recording_plan(experiment: Experiment) -> RecordingPlan:
    """Return which variables are recorded in each realization of an experiment, and over which windows.

    Parameters
    ----------
    experiment : Experiment
        Experiment of the run.

    Returns
    -------
    RecordingPlan
    """
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
    """Return when an experiment that runs until it has converged may stop.

    The window of the measures after learning always begins after the onset.

    Parameters
    ----------
    experiment : Experiment
        Experiment of the run.

    Returns
    -------
    Settling
        Ends of the periods, tolerance, number of settled periods, and length of the last window, in steps.
    """
    onset = experiment.plasticity.onset_step if experiment.plasticity.rule != "none" else 0
    # A few whole periods at once: a single one is no whole number of steps, and its mean would never settle.
    whole = whole_period_steps(experiment) or ORIGINAL_PERIOD
    start, stop = measurement_windows(experiment)["after"]
    # It takes so many periods to find that the rates have settled; the window that ends there begins after the onset.
    learns = experiment.plasticity.rule != "none"
    earliest = onset + learns * max(stop - start - (SETTLED_PERIODS + 1) * whole, 0)
    edges = tuple(range(-(-earliest // whole) * whole, experiment.steps + 1, whole))
    longest = max(AFTER_STEPS, 2 * equilibrium_steps(experiment))
    return Settling(edges, experiment.simulation.tolerance, SETTLED_PERIODS, min(longest, experiment.steps))


def recorded_factors(experiment: Experiment) -> tuple[str, ...]:
    """Return the factors of each step's change of W that an experiment records.

    Parameters
    ----------
    experiment : Experiment
        Experiment of the run.

    Returns
    -------
    tuple of str
        ``weight_post`` and ``weight_pre``, the first alone, or none.

    Examples
    --------
    >>> from l5tui.config import Experiment
    >>> recorded_factors(Experiment())
    ()
    """
    plasticity = experiment.plasticity
    if experiment.recording.weights != "factors" or plasticity.rule == "none":
        return ()
    from_stimulus = plasticity.rule in ("bcm", "sliding_bcm") and plasticity.presynaptic_term == "stimulus"
    return ("weight_post",) if from_stimulus else ("weight_post", "weight_pre")
