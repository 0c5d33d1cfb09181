"""Measures what a finer time step changes, and writes convergence.md.

python docs/measure_convergence.py    about a minute on two cores; `make docs` runs it
python docs/measure_convergence.py --check RULE …
    writes nothing; prints the lines of these rules, or of all, that the page lacks; exit code 1 where there are any
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from l5tui.analysis.measures import measure
from l5tui.analysis.selectivity import MEASURES
from l5tui.config import POPULATIONS, Experiment
from l5tui.config.validation import validate
from l5tui.runner.realizations import record_realizations

PAGE = Path(__file__).parent / "convergence.md"
CIRCUITS = 8
HERTZ = 4.2255
"""Frequency of the default grating, whose 50 rad a step look like 0.2655."""
RULES = ("none", "bcm", "sliding_bcm", "oja", "covariance")
FINER = (1, 2, 4)
"""By what the default's time step is divided."""
STEP_MS = 10.0
COMPARED = ("rate", "OS", "DS")


def experiment(rule: str, finer: int) -> Experiment:
    """The default experiment with its grating in Hz; every key that counts steps lasts as long as before.

    Parameters
    ----------
    rule : str
    finer : int
        By what the time step is divided.
    """
    return validate(
        {
            "dynamics": {"dt": 0.01 / finer},
            "stimulus": {"temporal_frequency_hz": HERTZ},
            "plasticity": {"rule": rule, "onset_step": 500 * finer, "phase_steps": 10 * finer},
            "recording": {"every": 20 * finer, "figures": "none"},
            "simulation": {"realizations": CIRCUITS},
        }
    )


@dataclass(frozen=True)
class Result:
    """What a rule and a time step come to.

    Parameters
    ----------
    measures : ndarray, shape (3, circuit, 4)
        Rate, OS and DS after learning, by circuit and population.
    weights : ndarray, shape (4, 4)
        Mean final weight of each block.
    """

    measures: NDArray[np.float64]
    weights: NDArray[np.float64]


def result(rule: str, finer: int) -> Result:
    """Simulate the circuits at a time step."""
    chosen = experiment(rule, finer)
    measured = measure(record_realizations(chosen, lambda event: None, lambda: False), chosen)
    after = measured.by_realization[1][[MEASURES.index(name) for name in COMPARED]]
    return Result(after, measured.weights[1, 0])


def differences(results: list[Result]) -> list[list[float]]:
    """Differences to the finest time step: of each measure over circuits and populations, and of the weights.

    Returns
    -------
    list of list of float
        For each coarser time step the differences of rate, OS, DS and weights; the rate's in per cent of the finest.
    """
    finest = results[-1]
    rows = []
    for each in results[:-1]:
        rate, *indices = np.abs(each.measures - finest.measures)
        percent = 100 * np.nanmean(rate / finest.measures[0])
        rows.append(
            [
                float(percent),
                *(float(np.nanmean(index)) for index in indices),
                float(np.abs(each.weights - finest.weights).max()),
            ]
        )
    return rows


@dataclass(frozen=True)
class Measured:
    """What the page has of a rule.

    Parameters
    ----------
    coarsest : list of float
        Differences of the default's step to the finest one.
    differences, means : list of str
        Rows of the two tables.
    """

    coarsest: list[float]
    differences: list[str]
    means: list[str]


def measured(rule: str) -> Measured:
    """Measure a rule at every time step."""
    results = [result(rule, finer) for finer in FINER]
    rows = differences(results)
    table = []
    for finer, row in zip(FINER, rows, strict=False):
        rate, *others, weight = row
        cells = [f"{rate:.2f}", *(f"{each:.4f}" for each in others), f"{weight:.1e}"]
        table.append(f"| `{rule}` | {STEP_MS / finer:g} | " + " | ".join(cells) + " |")
    ratios = [coarse / fine if fine else float("nan") for coarse, fine in zip(*rows, strict=True)]
    table.append(
        "| | ratio | " + " | ".join("–" if np.isnan(ratio) else f"{ratio:.1f}" for ratio in ratios) + " |"
    )
    means = []
    for finer, each in zip(FINER, results, strict=True):
        mean = np.nanmean(each.measures, axis=1)
        cells = [f"{mean[row, column]:.3f}" for row in (1, 2) for column in (0, 1)]
        means.append(f"| `{rule}` | {STEP_MS / finer:g} | " + " | ".join(cells) + " |")
    return Measured(rows[0], table, means)


def page() -> Iterator[str]:
    """Yield the page line by line."""
    yield "<!-- Made by docs/measure_convergence.py; `make docs` writes it anew. -->"
    yield "# Is the time step small enough?"
    yield ""
    yield (
        f"The page compares Δt of 10, 5 and 2.5 ms at `dynamics.tau_ms = 100`, in the same {CIRCUITS} circuits. The "
        f"experiment is the default one with its grating at {HERTZ} Hz (`stimulus.temporal_frequency_hz`), so that the "
        "speed of the grating does not depend on the step. Keys that count steps (`plasticity.onset_step`, "
        "`recording.every`) are multiplied so that their duration does not change. The averaging windows contain whole "
        "periods; at a finer step they are shorter in time."
    )
    yield ""
    yield (
        "The table gives the mean absolute difference to Δt = 2.5 ms after learning, over circuits and populations; "
        "for weights it gives the largest difference of the mean of a block. The ratio of the two rows shows the order of "
        "convergence: relative to the finest of three steps, a ratio of 3 is first order."
    )
    yield ""
    yield "| rule | Δt (ms) | rate (%) | OS | DS | block weight (largest) |"
    yield "|---|---:|---:|---:|---:|---:|"
    every = [measured(rule) for rule in RULES]
    for each in every:
        yield from each.differences
    coarsest = [each.coarsest for each in every]
    percent, *indices, _ = (max(column) for column in zip(*coarsest, strict=True))
    yield ""
    yield (
        f"At the default step, rates differ by up to {percent:.1f} % and indices by up to {max(indices):.3f} from those "
        "at 2.5 ms, on average over circuits and populations. Most differences decrease at about first order. "
        "Rules are compared at the same step, so errors that they share cancel. A claim about an absolute rate, or "
        "about a difference as small as these, requires a run at half the step."
    )
    yield ""
    yield f"Mean over the {CIRCUITS} circuits after learning, at each step:"
    yield ""
    names = [f"{name} of {population}" for name in ("OS", "DS") for population in POPULATIONS[:2]]
    yield "| rule | Δt (ms) | " + " | ".join(names) + " |"
    yield "|---|---:|" + "---:|" * len(names)
    for each in every:
        yield from each.means


def stale(rules: list[str]) -> list[str]:
    """Return the lines that the page lacks: those of some rules, or the whole page where none is named."""
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    if not rules:
        return [line for line in page() if line not in lines]
    made = [measured(rule) for rule in rules]
    return [line for each in made for line in (*each.differences, *each.means) if line not in lines]


def main() -> int:
    """Write the page, or check it; return the exit code."""
    parser = argparse.ArgumentParser(description="Measure what a finer time step changes.")
    parser.add_argument("--check", action="store_true", help="write nothing; print the lines that are stale")
    parser.add_argument("rules", nargs="*", help="with --check: only the rows of these rules")
    given = parser.parse_args()
    if unknown := set(given.rules) - set(RULES):
        parser.error(f"{', '.join(sorted(unknown))}: not one of {', '.join(RULES)}")
    if given.check:
        missing = stale(given.rules)
        for line in missing:
            sys.stderr.write(f"{PAGE.name} lacks: {line}\n")
        return 1 if missing else 0
    if given.rules:
        parser.error("rules are named with --check only")
    PAGE.write_text("\n".join(page()) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
