"""Every learning rule in both variants, beside what the research code printed.

python docs/rule_agreement.py    measures and prints the tables; `make docs` puts them into original-and-corrected.md
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l5tui.analysis.markdown import decimal, markdown_table
from l5tui.analysis.measures import measure
from l5tui.analysis.rule_comparison import COMPARED, RuleEffect, rule_effects
from l5tui.analysis.selectivity import MEASURES
from l5tui.config import POPULATIONS, Experiment
from l5tui.config.measure_names import CONDITIONS
from l5tui.config.rules import CONTROL
from l5tui.runner.realizations import record_realizations

FOLDER = Path(__file__).parent
PRINTED = FOLDER / "research-code-results.json"
"""What the research code printed for its default configuration, five realizations a rule."""

EXPERIMENT = FOLDER.parent / "experiments" / "original.toml"
RULES = ("none", "bcm", "sliding_bcm", "oja", "covariance")
REALIZATIONS = 40
ALLOWED = 3.0
"""Standard errors that the research code's mean may be away."""

ByRealization = NDArray[np.float64]


@dataclass(frozen=True)
class Agreement:
    """One mean after learning, as it was printed and as it is measured here.

    Parameters
    ----------
    rule, measure, population : str
    printed, printed_std : float
        Mean of the research code's realizations, and their standard deviation with n − 1.
    printed_realizations : int
    original, original_std : float
        The same of our realizations in the original variant.
    """

    rule: str
    measure: str
    population: str
    printed: float
    printed_std: float
    printed_realizations: int
    original: float
    original_std: float

    @property
    def error(self) -> float:
        """Standard error of the printed mean, by the spread of its own realizations."""
        return self.printed_std / math.sqrt(self.printed_realizations)

    @property
    def distance(self) -> float:
        """How far our mean is from the printed one, in standard errors of the printed one."""
        return (self.original - self.printed) / self.error

    @property
    def is_within(self) -> bool:
        """Return whether the distance is within the limit."""
        return abs(self.distance) <= ALLOWED

    @property
    def pooled_distance(self) -> float:
        """The same, with the spread of our many realizations instead of the few that were printed."""
        error = self.original_std * math.sqrt(1 / self.printed_realizations + 1 / REALIZATIONS)
        return (self.original - self.printed) / error


def measure_rules(variant: str) -> dict[str, ByRealization]:
    """Every rule's measures, of the same circuits, shape (2, 3, realization, 4) each."""
    measured = {}
    for rule in RULES:
        sys.stderr.write(f"{variant}: {rule}, {REALIZATIONS} realizations\n")
        experiment = Experiment.load(
            EXPERIMENT,
            [
                f"variant={variant}",
                f"plasticity.rule={rule}",
                f"simulation.realizations={REALIZATIONS}",
                "recording.rates=none",
                "recording.abscissa=none",
            ],
        )
        measures = measure(record_realizations(experiment, lambda event: None, lambda: False), experiment)
        rows = [MEASURES.index(name) for name in COMPARED]
        assert measures.by_realization.shape[0] == len(CONDITIONS)
        measured[rule] = measures.by_realization[:, rows]
    return measured


def agreements(original: dict[str, ByRealization], printed: dict[str, Any]) -> list[Agreement]:
    """Every mean after learning beside the printed one."""
    count = printed["realizations"]
    # The research code divides by n, as numpy's std does.
    unbiased = math.sqrt(count / (count - 1))
    return [
        Agreement(
            rule,
            name,
            population,
            printed["rules"][rule]["after"][name]["mean"][column],
            printed["rules"][rule]["after"][name]["std"][column] * unbiased,
            count,
            float(np.mean(original[rule][1, row, :, column])),
            float(np.std(original[rule][1, row, :, column], ddof=1)),
        )
        for rule in RULES
        for row, name in enumerate(COMPARED)
        for column, population in enumerate(POPULATIONS)
    ]


def overview(found: list[Agreement], effects: list[RuleEffect]) -> Iterator[str]:
    """A table a measure: printed, original and corrected after learning, and the change against the control."""
    corrected = {(each.rule, each.measure, each.population): each for each in effects}
    heading = ["", "rule", "printed", "original", "distance", "corrected", "against none", "95 % interval"]
    for name in COMPARED:
        rows = []
        for population in POPULATIONS:
            for each in found:
                if (each.measure, each.population) != (name, population):
                    continue
                effect = corrected[each.rule, name, population]
                interval = f"{decimal(effect.low, signed=True)} to {decimal(effect.high, signed=True)}"
                rows.append(
                    [
                        population if each.rule == RULES[0] else "",
                        f"`{each.rule}`",
                        f"{decimal(each.printed)} ± {decimal(each.error)}",
                        decimal(each.original),
                        decimal(each.distance, 1, signed=True) + ("" if each.is_within else " (!)"),
                        decimal(effect.after),
                        "" if each.rule == CONTROL else decimal(effect.effect, signed=True),
                        "" if each.rule == CONTROL else interval,
                    ]
                )
        yield f"{name} after learning:\n\n{markdown_table(heading, rows, labels=2)}"


def verdict(found: list[Agreement]) -> str:
    """How many agree, and those that do not, with the spread that explains it."""
    outside = [each for each in found if not each.is_within]
    within = len(found) - len(outside)
    summary = f"{within} of the {len(found)} means lie within {ALLOWED:g} standard errors of the printed ones"
    if not outside:
        return f"{summary}: all.\n"
    heading = [
        "rule",
        "mean",
        "printed",
        "original",
        "std of five",
        f"std of {REALIZATIONS}",
        "distance",
        f"distance by the std of {REALIZATIONS}",
    ]
    rows = [
        [
            f"`{each.rule}`",
            f"{each.measure} of {each.population}",
            decimal(each.printed),
            decimal(each.original),
            decimal(each.printed_std),
            decimal(each.original_std),
            decimal(each.distance, 1, signed=True),
            decimal(each.pooled_distance, 1, signed=True),
        ]
        for each in outside
    ]
    farthest = max(found, key=lambda each: abs(each.pooled_distance))
    return (
        f"{summary}. These do not:\n\n{markdown_table(heading, rows, labels=2)}\n"
        f"By the standard deviation of our {REALIZATIONS} realizations, the largest of all {len(found)} distances is "
        f"{decimal(abs(farthest.pooled_distance), 1)} standard errors ({farthest.measure} of {farthest.population}, "
        f"`{farthest.rule}`).\n"
    )


def measured() -> dict[str, str]:
    """The blocks of the page, by name."""
    printed = json.loads(PRINTED.read_text(encoding="utf-8"))
    found = agreements(measure_rules("original"), printed)
    effects = rule_effects(measure_rules("corrected"))
    return {"rules": "\n".join(overview(found, effects)), "agreement": verdict(found)}


if __name__ == "__main__":
    sys.stdout.write("\n".join(measured().values()))
