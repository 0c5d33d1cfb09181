"""Measures what every slip of the research code amounts to, and writes the numbers into original-and-corrected.md.

python docs/measure_effects.py                 all blocks of the page; takes minutes
python docs/measure_effects.py BLOCK …         only these
python docs/measure_effects.py --check BLOCK … writes nothing; leaves with 1 where a block says something else
"""

from __future__ import annotations

import argparse
import functools
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import rule_agreement
import xarray as xr

from l5tui.analysis.loss import loss_of
from l5tui.analysis.markdown import decimal, markdown_table
from l5tui.analysis.measures import measure
from l5tui.analysis.run_dataset import run_dataset
from l5tui.analysis.tables import RunTables, run_tables
from l5tui.config import POPULATIONS, Experiment
from l5tui.model.circuit import Circuit
from l5tui.model.recording import Recording
from l5tui.model.simulation import simulate
from l5tui.runner.realizations import record_realizations

FOLDER = Path(__file__).parent
PAGE = "original-and-corrected.md"
EXPERIMENTS = FOLDER.parent / "experiments"
DEFAULT = "default.toml"
VARIANTS = ("original", "corrected")
STATIC = "plasticity.rule=none"
OFF = ("network.gamma=1.2", "stimulus.amplitude.SST=0", STATIC)

BLOCK = re.compile(r"(<!-- measured: (\w+) -->\n).*?(\n<!-- end of measured -->)", re.DOTALL)


@functools.cache
def recorded(file: str, *overrides: str) -> tuple[Experiment, list[Recording]]:
    """An experiment and its recordings."""
    sys.stderr.write(f"{file} {' '.join(overrides)}\n")
    experiment = Experiment.load(EXPERIMENTS / file, overrides)
    return experiment, record_realizations(experiment, lambda event: None, lambda: False)


@functools.cache
def dataset(file: str, *overrides: str) -> xr.Dataset:
    """A run's dataset, as its file has it."""
    experiment, recordings = recorded(file, *overrides)
    return run_dataset(recordings, measure(recordings, experiment), experiment, {})


def tables(file: str, *overrides: str) -> RunTables:
    """What a run is measured by."""
    return run_tables(dataset(file, *overrides))


def selectivity(found: RunTables, condition: str, name: str, population: str) -> float:
    """A mean of the selectivity table."""
    (value,) = (
        row.value
        for row in found.selectivity
        if (row.condition, row.measure, row.statistic, row.population)
        == (condition, name, "mean", population)
    )
    return value


def weight(found: RunTables, quantity: str, post: str, pre: str) -> float:
    """A mean of the weight table."""
    (value,) = (
        row.value
        for row in found.weights
        if (row.post, row.pre, row.quantity, row.statistic) == (post, pre, quantity, "mean")
    )
    return value


def by_variant(rows: dict[str, Callable[[RunTables], str]], file: str, *overrides: str) -> str:
    """A table with a column a variant."""
    found = [tables(file, *overrides, f"variant={variant}") for variant in VARIANTS]
    return markdown_table(["", *VARIANTS], [[name, *map(value, found)] for name, value in rows.items()])


def change(post: str, pre: str) -> Callable[[RunTables], str]:
    """The change of a block's mean, as the tables show it."""
    return lambda found: decimal(weight(found, "change", post, pre), 6, signed=True)


def after(name: str, population: str) -> Callable[[RunTables], str]:
    """A mean after learning, as the tables show it."""
    return lambda found: decimal(selectivity(found, "after", name, population))


def summary(name: str, decimals: int = 3) -> Callable[[RunTables], str]:
    """A number of the summary."""
    return lambda found: decimal(found.summary[name], decimals)


def bcm_columns() -> str:
    rows = {
        f"change of {post} ← {pre}": change(post, pre)
        for post, pre in (("SST", "SST"), ("CC", "SST"), ("PV", "PV"))
    }
    return by_variant({**rows, "rate of CS after learning": after("rate", "CS")}, "bcm.toml")


def inhibitory_rows() -> str:
    blocks = (("CC", "PV"), ("CC", "SST"), ("PV", "PV"))
    rows = {f"change of {post} ← {pre}": change(post, pre) for post, pre in blocks}
    return by_variant(rows, DEFAULT, "plasticity.neurons=inhibitory")


def turns() -> str:
    rows = {f"change of {post} ← {pre}": change(post, pre) for post, pre in (("CS", "CS"), ("CC", "PV"))}
    rows["OS of CS after learning"] = after("OS", "CS")
    return by_variant(rows, DEFAULT, "plasticity.schedule=alternate_all")


def runge_kutta() -> str:
    experiment = Experiment.load(EXPERIMENTS / DEFAULT, [STATIC, "dynamics.integrator=rk4"])
    columns: list[list[str]] = []
    for realization in range(experiment.simulation.realizations):
        circuit = Circuit.sample(experiment, realization)
        clipped = Circuit(np.maximum(circuit.weights, 0), circuit.positions, circuit.initial_rates)
        rates = (simulate(each, experiment).rates[:, -497:].mean() for each in (circuit, clipped))
        columns.append([decimal(float(rate), 2) for rate in rates])
    realizations = [str(number) for number in range(len(columns))]
    table = markdown_table(
        ["realization", *realizations],
        [
            [name, *row]
            for name, row in zip(("as drawn", "inhibition clipped"), zip(*columns, strict=True), strict=True)
        ],
    )
    ran_away = sum(float(column[1]) >= 500 for column in columns)
    return f"{table}\n500 is the ceiling of the transfer function: {ran_away} of {len(columns)} circuits diverge to it."


def averages() -> str:
    rows = {
        "realizations not in equilibrium, of 5, though nothing learns": summary("not_in_equilibrium"),
    }
    original, corrected = (tables(DEFAULT, STATIC, f"variant={variant}") for variant in VARIANTS)
    largest = max(
        abs(selectivity(original, "after", name, each) - selectivity(corrected, "after", name, each))
        for name in ("OS", "DS", "OS_p")
        for each in POPULATIONS
    )
    return (
        f"{by_variant(rows, DEFAULT, STATIC)}\nError 8 makes the original's test more lenient, not less. In the "
        "long window `after` the incomplete period has little\neffect: the mean OS, DS or OS_p of a population changes "
        f"by at most {decimal(largest, 4)}."
    )


def changes_of(*overrides: str) -> tuple[str, float]:
    """Changes of OS and DS in both variants as a table, and the largest of the corrected ones."""
    rows, largest = [], 0.0
    for name in ("OS", "DS"):
        for variant in VARIANTS:
            found = tables(DEFAULT, *overrides, f"variant={variant}")
            moved = [
                selectivity(found, "after", name, each) - selectivity(found, "before", name, each)
                for each in POPULATIONS
            ]
            rows.append([f"{name}, {variant}", *(decimal(value, signed=True) for value in moved)])
            if variant == "corrected":
                largest = max(largest, *map(abs, moved))
    return markdown_table(["", *POPULATIONS], rows), largest


def null_result() -> str:
    table, largest = changes_of(STATIC)
    return f"{table}\nIn `corrected` the largest of these eight changes is {decimal(largest, 6)}."


def with_learning() -> str:
    return changes_of()[0]


def stds_for_means() -> str:
    weights = dataset(DEFAULT)["block_weights"]
    target = weights.sel(quantity="target", statistic="mean")
    rmse = [
        float(((weights.sel(quantity="final", statistic=statistic) - target) ** 2).mean() ** 0.5)
        for statistic in ("mean", "mean_of_stds")
    ]
    return (
        f"For the default experiment the rmse of the means is {decimal(rmse[0], 4)}, that of the standard deviations "
        f"{decimal(rmse[1], 4)}."
    )


def equilibrium() -> str:
    rates = dataset(DEFAULT)["rates"]
    fell = rates.isel(time=slice(-10, -5)).mean("time") - rates.isel(time=slice(-5, None)).mean("time")
    signed, absolute = (int((each >= 0.05).any(["direction", "neuron"]).sum()) for each in (fell, abs(fell)))
    counted = tables(DEFAULT).summary["not_in_equilibrium"]
    return (
        f"The rate of at least one neuron fell by 0.05 or more in {signed} of {rates.sizes['realization']} "
        f"realizations, and changed by 0.05 or more in {absolute}.\n"
        f"(Recorded periods end at step {int(rates['last_step'][-1])}; "
        f"the summary uses the last 236 steps, and its count is {int(counted)}.)"
    )


def amplitudes() -> str:
    found = [
        tables(DEFAULT, "stimulus.amplitude.CS=5", "stimulus.amplitude.CC=6"),
        tables(DEFAULT),
    ]
    rows: dict[str, Callable[[RunTables], str]] = {
        "loss": lambda each: decimal(each.loss),
        "contrast of OS between CS and CC": summary("contrast_OS"),
        "rate of CS after learning": after("rate", "CS"),
    }
    return markdown_table(
        ["", "exchanged", "default"], [[name, *map(value, found)] for name, value in rows.items()]
    )


def targets() -> str:
    found = tables(DEFAULT)
    table = np.array([[weight(found, "target", post, pre) for pre in POPULATIONS] for post in POPULATIONS])
    off = np.sqrt(np.mean((table - table.T) ** 2))
    wrong = int((np.sign(table) * np.sign(table.T) < 0).sum())
    cs, pv = POPULATIONS.index("CS"), POPULATIONS.index("PV")
    return (
        f"For CS ← PV that is {decimal(table[pv, cs], signed=True)}, the target of PV ← CS, instead of "
        f"{decimal(table[cs, pv], signed=True)}. Over the 16 blocks the error of the lines is\n{decimal(float(off))} "
        f"(root mean square; that of the targets themselves is {decimal(float(np.sqrt(np.mean(table**2))))}), and "
        f"{wrong} of them have the wrong sign."
    )


def one_off() -> str:
    found = [tables(DEFAULT, *OFF, f"variant={variant}") for variant in VARIANTS]
    off, realizations = (int(found[0].summary[name]) for name in ("off_SST", "realizations"))
    counts = realizations - off, realizations
    rows = {
        f"{name} of {each}": after(name, each) for name, each in (("OS", "CS"), ("OS", "CC"), ("rate", "CS"))
    }
    heading = [f"{variant}, {count} realizations" for variant, count in zip(VARIANTS, counts, strict=True)]
    body = [[name, *map(value, found)] for name, value in rows.items()]
    return (
        f"SST is off in {off} of {realizations} realizations:\n\n"
        f"{markdown_table(['after learning', *heading], body)}"
    ).rstrip()


def transfer() -> str:
    losses = [tables(DEFAULT, each).loss for each in ("network.transfer=sigmoid", "network.gamma=1.2")]
    return f"complete with a loss of {decimal(losses[0])} and {decimal(losses[1])}."


def absolute_loss() -> str:
    rows = []
    for file in ("original.toml", DEFAULT):
        terms = dict(tables(file).loss_terms)
        rows.append([f"`{file}`", *(decimal(loss_of(terms, form)) for form in ("absolute", "signed"))])
    return markdown_table(["experiment", "absolute", "signed"], rows)


BLOCKS: dict[str, Callable[[], str]] = {
    each.__name__: each
    for each in (
        bcm_columns,
        inhibitory_rows,
        turns,
        runge_kutta,
        averages,
        null_result,
        with_learning,
        stds_for_means,
        equilibrium,
        amplitudes,
        targets,
        one_off,
        transfer,
        absolute_loss,
    )
}
"""What is measured for each block of the page; `rule_agreement` measures two more."""

AGREEMENT = ("rules", "agreement")


def measured(names: list[str]) -> Iterator[tuple[str, str]]:
    """The text of each block."""
    for name in names:
        if name in BLOCKS:
            yield name, BLOCKS[name]()
    if any(name in AGREEMENT for name in names):
        yield from rule_agreement.measured().items()


def main(arguments: list[str], page: Path = FOLDER / PAGE) -> int:
    """Write or check blocks of the page; gives the exit code."""
    parser = argparse.ArgumentParser(description="Measure the effects on the page original-and-corrected.md.")
    parser.add_argument("--check", action="store_true", help="write nothing; name the blocks that are stale")
    parser.add_argument("blocks", nargs="*", metavar="BLOCK", help="only these; all by default")
    given = parser.parse_args(arguments)
    known = [*BLOCKS, *AGREEMENT]
    if unknown := set(given.blocks) - set(known):
        parser.error(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    text = page.read_text(encoding="utf-8")
    blocks = {match[2]: match[0] for match in BLOCK.finditer(text)}
    if set(blocks) != set(known):
        parser.error(f"{page} has the blocks {', '.join(blocks)}; it needs {', '.join(known)}")
    stale = []
    for name, block in measured(given.blocks or known):
        new = f"<!-- measured: {name} -->\n\n{block.strip()}\n\n<!-- end of measured -->"
        if new != blocks[name]:
            stale.append(name)
            text = text.replace(blocks[name], new)
    if given.check:
        sys.stderr.writelines(f"{page}: {name} is stale; `make docs` measures it anew\n" for name in stale)
        return 1 if stale else 0
    page.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
