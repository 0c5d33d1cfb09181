"""Checks that need more than one key: what each section alone cannot see."""

from __future__ import annotations

import math
from collections.abc import Iterator

from l5tui.config.directions import direction_faults
from l5tui.config.dynamics import COUNTLESS
from l5tui.config.experiment_tables import ExperimentTables
from l5tui.config.measure_names import measure_names
from l5tui.config.populations import POPULATIONS, SIGNS
from l5tui.config.rules import is_rule, package_rule, rule_class
from l5tui.config.search_space import Use, tuning_faults
from l5tui.config.spelling import did_you_mean
from l5tui.config.stimulus import TEMPORAL_FREQUENCY
from l5tui.config.stimulus_keys import frequency_fault
from l5tui.config.targets import DEMANDS, Target
from l5tui.config.wording import dotted, quoted
from l5tui.errors import ConfigError, Fault

MAX_NEURONS = 20_000
MAX_STEPS = 10_000_000
WITH_WINDOW = ("bcm", "sliding_bcm", "covariance")
"""Rules of l5tui that look back on a window of recent rates."""


def cross_check(experiment: ExperimentTables, use: Use = "run") -> list[Fault]:
    """Return every fault that shows only when keys are compared; an empty list if there is none.

    Parameters
    ----------
    experiment : Experiment
    use : str, optional
        What the experiment is checked for, see `l5tui.config.search_space.tuning_faults`.
    """
    return [*comparisons(experiment), *tuning_faults(experiment, use, comparisons)]


def comparisons(experiment: ExperimentTables) -> list[Fault]:
    """Return the faults that `cross_check` returns, but for those of the search space and the objective."""
    return [
        *_sizes(experiment),
        *_in_degrees(experiment),
        *_signs(experiment),
        *_times(experiment),
        *_rule(experiment),
        *_frequency(experiment),
        *direction_faults(experiment.stimulus.directions),
        *_targets(experiment),
    ]


def in_degree(probability: float, presynaptic: int) -> int:
    """Partners that each postsynaptic neuron gets from a population of `presynaptic` neurons."""
    return round(probability * presynaptic)


def window_length(tau_threshold: float, dt: float) -> int:
    """Rates in the window of recent rates: until the threshold's kernel has fallen to a tenth."""
    return int(min(-math.log(0.1) * tau_threshold / dt, COUNTLESS))


def _sizes(experiment: ExperimentTables) -> Iterator[Fault]:
    total = sum(experiment.network.sizes.in_order())
    if not 2 <= total <= MAX_NEURONS:
        yield Fault("network.sizes", f"{total} neurons in all", f"2 to {MAX_NEURONS}")


def _in_degrees(experiment: ExperimentTables) -> Iterator[Fault]:
    network = experiment.network
    sizes = network.sizes.in_order()
    for pre, row in enumerate(network.connection_probability):
        same = row[pre]
        if sizes[pre] and in_degree(same, sizes[pre]) > sizes[pre] - 1:
            yield Fault(
                f"network.connection_probability[{pre}][{pre}]",
                f"{same:g}, {in_degree(same, sizes[pre])} partners for each {POPULATIONS[pre]} neuron",
                f"at most {sizes[pre] - 1}, as no neuron contacts itself",
                ("network.sizes",),
            )


def _signs(experiment: ExperimentTables) -> Iterator[Fault]:
    for pre, row in enumerate(experiment.network.target_weights):
        for post, weight in enumerate(row):
            if weight * SIGNS[pre] < 0:
                allowed = "0 or more" if SIGNS[pre] > 0 else "0 or less"
                kind = "excitatory" if SIGNS[pre] > 0 else "inhibitory"
                yield Fault(
                    f"network.target_weights[{pre}][{post}]",
                    f"{weight:g}",
                    f"{allowed}, as {POPULATIONS[pre]} is {kind}",
                )


def _times(experiment: ExperimentTables) -> Iterator[Fault]:
    dynamics, plasticity = experiment.dynamics, experiment.plasticity
    if dynamics.dt >= dynamics.tau:
        yield Fault(
            "dynamics.dt", f"{dynamics.dt:g}", f"less than dynamics.tau = {dynamics.tau:g}", ("dynamics.tau",)
        )
        return
    timing = (
        "dynamics.tau",
        "dynamics.dt",
        "dynamics.duration_tau",
        "simulation.until",
        "simulation.max_duration_tau",
    )
    converges = experiment.simulation.until == "converged"
    duration = "simulation.max_duration_tau" if converges else "dynamics.duration_tau"
    if not 1 <= experiment.steps <= MAX_STEPS:
        yield Fault(duration, f"{experiment.steps} steps", f"1 to {MAX_STEPS} steps", timing)
    elif plasticity.onset_step >= experiment.steps:
        yield Fault(
            "plasticity.onset_step",
            f"{plasticity.onset_step}",
            f"less than the run's {experiment.steps} steps",
            timing,
        )
    # Simpson's rule needs an interval: with fewer than two rates the threshold would be 0.
    window = window_length(plasticity.tau_threshold, dynamics.dt)
    if window < 2 and plasticity.rule in WITH_WINDOW:
        yield Fault(
            "plasticity.tau_threshold",
            f"{plasticity.tau_threshold:g}, a window of {window} rates",
            f"at least {2 * dynamics.dt / math.log(10):.3g}, two steps of the window",
            ("dynamics.dt", "plasticity.rule"),
        )


def _rule(experiment: ExperimentTables) -> Iterator[Fault]:
    """Whether the rule of another package can be used at all; l5tui's own are not imported for that."""
    rule = experiment.plasticity.rule
    if package_rule(rule) or not is_rule(rule):
        try:
            rule_class(rule)
        except ConfigError as error:
            yield from error.faults


def _frequency(experiment: ExperimentTables) -> Iterator[Fault]:
    stimulus = experiment.stimulus
    if stimulus.temporal_frequency_hz and stimulus.temporal_frequency != TEMPORAL_FREQUENCY:
        yield frequency_fault(stimulus.temporal_frequency_hz, stimulus.temporal_frequency)


def _targets(experiment: ExperimentTables) -> Iterator[Fault]:
    if experiment.loss.form == "targets" and not experiment.targets:
        yield Fault("loss.form", '"targets" without targets', "with a table [targets]", ("targets",))
    known = measure_names() if experiment.targets else ()
    for name, target in experiment.targets.items():
        key = dotted(("targets", name))
        if name not in known:
            yield Fault(key, "an unknown measure", f"the name of a measure{did_you_mean(name, known)}")
        yield from _demand(key, name, target, known)


def _demand(key: str, name: str, target: Target, known: tuple[str, ...]) -> Iterator[Fault]:
    """Yield the faults of a target's value."""
    if len(target.demands) != 1:
        got = " and ".join(target.demands) or f"none of {', '.join(DEMANDS)}"
        yield Fault(key, got, f"one of {', '.join(DEMANDS)}")
        return
    (demand,) = target.demands
    reference = target.reference
    if reference and reference not in known:
        allowed = f"the name of a measure{did_you_mean(reference, known)}"
        yield Fault(
            f"{key}.{demand}", quoted(reference), allowed if demand != "value" else f"a number or {allowed}"
        )
    elif reference == name:
        yield Fault(f"{key}.{demand}", "the measure itself", "another measure")
    if target.relative and (demand != "value" or target.value == 0):
        yield Fault(f"{key}.relative", "true", "true only with a value other than 0")
