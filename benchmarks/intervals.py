"""How often do 95 % intervals over circuits cover the truth? `make bench-intervals`.

Many circuits of the default experiment are the population. Samples of a few of them are drawn from it with replacement,
and each method's interval either covers the mean of the population or not. Compared quantities: the paired change of OS
and DS under each rule against the control, in each population of neurons. The interval over neurons is that of the
vector measures after learning, which takes the neurons of the sampled circuits as independent.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
from scipy.special import ndtr, ndtri

from l5tui.analysis.intervals import LEVEL, t_interval
from l5tui.analysis.measures import condition_rates, measure
from l5tui.analysis.selectivity import neuron_measures
from l5tui.analysis.windows import recording_plan
from l5tui.config import POPULATIONS, Experiment
from l5tui.config.rules import CONTROL, rule_names
from l5tui.model.arrays import FloatArray
from l5tui.model.circuit import Circuit
from l5tui.model.layout import Layout
from l5tui.model.recording import record

CIRCUITS: Final = 160
SIZES: Final = (5, 10, 20, 40)
COMPARED: Final = slice(1, 3)
"""OS and DS among the measures."""
TAILS: Final = ((1 - LEVEL) / 2, (1 + LEVEL) / 2)

Bounds = tuple[FloatArray, FloatArray]


def simulate(circuits: int) -> tuple[FloatArray, FloatArray]:
    """Run every rule in every circuit.

    Returns
    -------
    effects : ndarray, shape (rule, 2, 4, circuit)
        Change of OS and DS less that of the control.
    neurons : ndarray, shape (2, 2, 4, circuit)
        Mean, and squared standard error over neurons, of OS_vector and DS_vector after learning by default.
    """
    changes: dict[str, list[FloatArray]] = {rule: [] for rule in rule_names()}
    neurons = []
    default = Experiment()
    layout = Layout(default.network.sizes.in_order())
    plasticity = {rule: default.plasticity.model_copy(update={"rule": rule}) for rule in changes}
    for index in range(circuits):
        circuit = Circuit.draw(default.network, default.plasticity.neurons, default.seed, index)
        for rule, values in changes.items():
            experiment = default.model_copy(update={"plasticity": plasticity[rule]})
            plan = replace(recording_plan(experiment), bins=((0, experiment.steps),))
            recording = record(circuit, experiment, plan)
            before, after = measure([recording], experiment).by_realization[:, COMPARED, 0]
            values.append(after - before)
            if rule == default.plasticity.rule:
                rates = condition_rates([recording], "after")
                neurons.append(_over_neurons(neuron_measures(rates, default.stimulus.directions), layout))
    stacked = {rule: np.stack(values, axis=-1) for rule, values in changes.items()}
    effects = [values - stacked[CONTROL] for rule, values in stacked.items() if rule != CONTROL]
    return np.stack(effects), np.stack(neurons, axis=-1)


def _over_neurons(values: FloatArray, layout: Layout) -> FloatArray:
    """Mean and squared standard error of the vector measures in each population, shape (2, 2, 4)."""
    parts = [values[-2:, 0, layout.slice_of(place)] for place in range(len(POPULATIONS))]
    count = [np.isfinite(part).sum(axis=-1) for part in parts]
    mean = [np.nanmean(part, axis=-1) for part in parts]
    error = [np.nanvar(part, axis=-1, ddof=1) / n for part, n in zip(parts, count, strict=True)]
    return np.stack([np.stack(mean, axis=-1), np.stack(error, axis=-1)])


def percentile(sample: FloatArray, means: FloatArray, spreads: FloatArray) -> Bounds:
    """Percentile bootstrap; `means` and `spreads` of resamples, shape (quantity, resample)."""
    low, high = np.quantile(means, TAILS, axis=-1)
    return low, high


def student(sample: FloatArray, means: FloatArray, spreads: FloatArray) -> Bounds:
    """Student t."""
    return t_interval(sample)


def bca(sample: FloatArray, means: FloatArray, spreads: FloatArray) -> Bounds:
    """Bias-corrected and accelerated bootstrap (Efron 1987, J. Am. Stat. Assoc. 82:171)."""
    centred = sample - sample.mean(axis=-1, keepdims=True)
    below = np.mean(means < sample.mean(axis=-1, keepdims=True), axis=-1)
    bias = ndtri(np.clip(below, 1 / means.shape[-1], 1 - 1 / means.shape[-1]))
    with np.errstate(invalid="ignore"):
        acceleration = (centred**3).sum(axis=-1) / (6 * (centred**2).sum(axis=-1) ** 1.5)
    bounds = []
    for tail in TAILS:
        shifted = bias + ndtri(tail)
        levels = ndtr(bias + shifted / (1 - np.nan_to_num(acceleration) * shifted))
        bounds.append(np.array([np.quantile(row, at) for row, at in zip(means, levels, strict=True)]))
    return bounds[0], bounds[1]


def studentized(sample: FloatArray, means: FloatArray, spreads: FloatArray) -> Bounds:
    """Bootstrap of the t statistic."""
    mean, spread = sample.mean(axis=-1), sample.std(axis=-1, ddof=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        ratios = np.nan_to_num((means - mean[:, None]) / spreads, nan=0.0)
    low, high = np.quantile(ratios, TAILS, axis=-1)
    return mean - high * spread, mean - low * spread


METHODS: Final = {"percentile": percentile, "Student t": student, "BCa": bca, "studentized": studentized}


def coverage(effects: FloatArray, size: int, samples: int, resamples: int) -> dict[str, FloatArray]:
    """Share of the samples of some circuits whose interval covers the population's mean, by quantity."""
    values = effects.reshape(-1, effects.shape[-1])
    truth = values.mean(axis=-1)
    random = np.random.default_rng(size)
    hits = {name: np.zeros(len(values)) for name in METHODS}
    for _ in range(samples):
        sample = values[:, random.integers(values.shape[-1], size=size)]
        drawn = sample[:, random.integers(size, size=(resamples, size))]
        means, spreads = drawn.mean(axis=-1), drawn.std(axis=-1, ddof=1)
        for name, method in METHODS.items():
            low, high = method(sample, means, spreads)
            hits[name] += (low <= truth) & (truth <= high)
    return {name: hit / samples for name, hit in hits.items()}


def neuron_coverage(neurons: FloatArray, size: int, samples: int) -> FloatArray:
    """The same of intervals that take neurons as independent; of many neurons a bootstrap's are normal."""
    mean, error = neurons.reshape(2, -1, neurons.shape[-1])
    drawn = np.random.default_rng(size).integers(mean.shape[-1], size=(samples, size))
    half = 1.96 * np.sqrt(error[:, drawn].sum(axis=-1)) / size
    distance = np.abs(mean[:, drawn].mean(axis=-1) - mean.mean(axis=-1, keepdims=True))
    return np.asarray((distance <= half).mean(axis=-1))


def table(effects: FloatArray, neurons: FloatArray, samples: int, resamples: int) -> Iterator[str]:
    """The Markdown table, line by line: mean and range over quantities, in percent."""
    yield "| interval | " + " | ".join(f"{size} circuits" for size in SIZES) + " |"
    yield "|---|" + "---:|" * len(SIZES)
    found = [coverage(effects, size, samples, resamples) for size in SIZES]
    rows = {name: [each[name] for each in found] for name in METHODS}
    rows["over neurons"] = [neuron_coverage(neurons, size, samples) for size in SIZES]
    for name, shares in rows.items():
        cells = [f"{100 * s.mean():.1f} ({100 * s.min():.0f} to {100 * s.max():.0f})" for s in shares]
        yield f"| {name} | {' | '.join(cells)} |"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--circuits", type=int, default=CIRCUITS, help="circuits of the population")
    parser.add_argument("--samples", type=int, default=1000, help="samples of each size")
    parser.add_argument("--resamples", type=int, default=1000, help="of each bootstrap")
    parser.add_argument(
        "--values", type=Path, help="JSON file of the population's values; written if missing"
    )
    options = parser.parse_args()
    if options.values and options.values.exists():
        effects, neurons = (np.array(each) for each in json.loads(options.values.read_text()))
    else:
        effects, neurons = simulate(options.circuits)
        if options.values:
            options.values.write_text(json.dumps([effects.tolist(), neurons.tolist()]))
    for line in table(effects, neurons, options.samples, options.resamples):
        print(line, flush=True)


if __name__ == "__main__":
    main()
