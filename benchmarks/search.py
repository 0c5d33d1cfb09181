"""How good the search is, against random search and Optuna's TPE. ``make bench-search`` runs it, in some 15 minutes.

The space of experiments/tuning.toml, 150 trials of three realizations, five seeds each; prints the best signed loss
of every study and writes benchmarks/search.json.
"""

from __future__ import annotations

import json
import math
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from statistics import median

import numpy as np

from l5tui.config.toml_file import read_experiment
from l5tui.runner.processors import processor_count
from l5tui.tuning.proposers.bayesian import BayesianSearch
from l5tui.tuning.proposers.proposer import Observation, Proposer
from l5tui.tuning.proposers.random_search import RandomSearch
from l5tui.tuning.search import trial_experiment
from l5tui.tuning.space import Point, search_space
from l5tui.tuning.trial import run_trial

HERE = Path(__file__).parent
EXPERIMENT = read_experiment(HERE.parent / "experiments" / "tuning.toml").experiment
SPACE = search_space(EXPERIMENT)
TRIALS, SEEDS, METHODS = 150, (1, 2, 3, 4, 5), ("random", "tpe", "bayesian")
PENALTY = 1e3
"""Value reported to the sampler if a loss is not defined."""


def loss(point: Point) -> float:
    """The signed loss at a point."""
    value = run_trial(trial_experiment(EXPERIMENT, SPACE, point, 0)).value("loss")
    return value if math.isfinite(value) else PENALTY


def own(method: str, seed: int) -> tuple[list[float], float]:
    """Losses by trial, and the seconds that proposing took."""
    proposer: Proposer = (
        RandomSearch(SPACE, seed)
        if method == "random"
        else BayesianSearch(SPACE, seed, EXPERIMENT.tuning.initial)
    )
    observed: list[Observation] = []
    proposing = 0.0
    for number in range(TRIALS):
        begun = time.perf_counter()
        point = proposer.propose(number, observed, [])
        proposing += time.perf_counter() - begun
        observed.append(Observation(point, loss(point)))
    return [each.score for each in observed], proposing


def tpe(seed: int) -> tuple[list[float], float]:
    """The same by Optuna's tree-structured Parzen estimator, in the same unit cube."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=seed))
    losses: list[float] = []
    proposing = 0.0
    for _ in range(TRIALS):
        begun = time.perf_counter()
        trial = study.ask()
        units = np.array([trial.suggest_float(each.path, 0.0, 1.0) for each in SPACE.dimensions])
        proposing += time.perf_counter() - begun
        losses.append(loss(SPACE.point(units)))
        study.tell(trial, losses[-1])
    return losses, proposing


def study(task: tuple[str, int]) -> dict[str, object]:
    """One study, as a row of the table."""
    method, seed = task
    losses, proposing = tpe(seed) if method == "tpe" else own(method, seed)
    return {
        "method": method,
        "seed": seed,
        "best": min(losses),
        "at_50": min(losses[:50]),
        "proposing": proposing,
    }


def main() -> None:
    """Run all fifteen and print them."""
    rows = []
    with ProcessPoolExecutor(processor_count()) as pool:
        print(f"{'method':<10}{'seed':>5}{'best of 50':>12}{'best of 150':>13}{'proposing, s':>14}")
        for row in pool.map(study, [(method, seed) for method in METHODS for seed in SEEDS]):
            rows.append(row)
            print(
                f"{row['method']:<10}{row['seed']:>5}{row['at_50']:>12.3f}{row['best']:>13.3f}"
                f"{row['proposing']:>14.1f}",
                flush=True,
            )
    for method in METHODS:
        middle = median(float(str(row["best"])) for row in rows if row["method"] == method)
        print(f"median of {method}: {middle:.3f}")
    (HERE / "search.json").write_text(json.dumps(rows, indent=2))


if __name__ == "__main__":
    main()
