"""Are parameters recovered from data that were simulated with them? `make bench-inference`.

Data are simulated with a small network at parameters drawn from the prior, and inferred from them by both methods. The
90 % region of the posterior (highest density, by a kernel estimate of its draws) should hold the parameters in about 18
of 20 repeats, and the marginals of both methods should agree.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np

from l5tui.config import Experiment
from l5tui.config.toml_file import to_toml
from l5tui.config.validation import validate
from l5tui.model.arrays import FloatArray
from l5tui.tuning.inference.infer import InferenceReport, run_inference
from l5tui.tuning.trial import run_circuit
from l5tui.workspace import create_workspace

SPACE: Final = {
    "stimulus.amplitude.CC": {"low": 1.0, "high": 20.0},
    "stimulus.amplitude.PV": {"low": 1.0, "high": 20.0},
}
MEASURED: Final = ("after/rate.CC", "after/rate.PV")
CIRCUITS: Final = 8
"""Of the data and of each trial."""
CIRCUITS_OF_SPREAD: Final = 64
"""Of the data's uncertainty: from 8 alone it is known so badly that 83 % of 90 % regions would hold the truth."""
SMALL: Final[dict[str, Any]] = {
    "network": {"sizes": [9, 22, 7, 6]},
    "dynamics": {"duration_tau": 30.0},
    "plasticity": {"onset_step": 100},
    "simulation": {"realizations": CIRCUITS},
    "loss": {"form": "targets"},
    "tuning": {"space": SPACE},
}


def made_up(truth: dict[str, float], seed: int, workers: int) -> Experiment:
    """The experiment whose targets are what the network shows at some parameters, in circuits of its own."""
    amplitudes = {path.rpartition(".")[2]: value for path, value in truth.items()}
    base = validate({k: v for k, v in SMALL.items() if k != "loss"})
    stimulus = {"amplitude": {**base.stimulus.amplitude.model_dump(), **amplitudes}}
    source = validate(
        {**{k: v for k, v in SMALL.items() if k != "loss"}, "stimulus": stimulus, "seed": 10**6 + seed}
    )
    circuits = [run_circuit(source, circuit).metrics for circuit in range(CIRCUITS_OF_SPREAD)]
    table = np.array([[each[name] for name in MEASURED] for each in circuits])
    error = table.std(axis=0, ddof=1) / np.sqrt(CIRCUITS)
    targets = {
        name: {"value": float(mean), "uncertainty": float(spread), "source": "simulated"}
        for name, mean, spread in zip(MEASURED, table[:CIRCUITS].mean(axis=0), error, strict=True)
    }
    tuning = {**SMALL["tuning"], "workers": workers}
    return validate({**SMALL, "tuning": tuning, "targets": targets, "seed": seed, "name": f"repeat {seed}"})


def draws(report: InferenceReport) -> FloatArray:
    """Draws of the posterior, shape (draw, parameter)."""
    data = report.read()["data"].posterior
    return np.stack([data[path].values.ravel() for path in SPACE], axis=1)


def rank(found: FloatArray, truth: FloatArray) -> float:
    """Part of the posterior that is denser than the truth: at most 0.9 inside the 90 % region."""
    from scipy.stats import gaussian_kde

    density = gaussian_kde(found.T)
    return float(np.mean(density(found[:1000].T) > density(truth[:, None])))


def main() -> None:
    """Repeat, and print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--repeats", type=int, default=20)
    parser.add_argument("--first", type=int, default=1, help="where to begin, to go on with earlier repeats")
    parser.add_argument("--budget", type=int, default=100, help="evaluations of vbmc; 0 leaves it out")
    parser.add_argument("--abc-budget", type=int, default=600, help="evaluations of abc; 0 leaves it out")
    parser.add_argument("--workers", type=int, default=0, help="processes; 0 is one for each core")
    parser.add_argument("--json", type=Path, help="also write the figures there")
    options = parser.parse_args()
    budgets: dict[Literal["vbmc", "abc"], int] = {"vbmc": options.budget, "abc": options.abc_budget}
    methods = [method for method, budget in budgets.items() if budget]
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        workspace = create_workspace(Path(folder) / "workspace")
        for seed in range(options.first, options.first + options.repeats):
            random = np.random.default_rng(seed)
            # Regions hold the truth as often as they say only over truths from the prior.
            truth = {path: float(random.uniform(each["low"], each["high"])) for path, each in SPACE.items()}
            experiment = made_up(truth, seed, options.workers)
            row: dict[str, Any] = {"repeat": seed, "truth": list(truth.values())}
            for method in methods:
                begun = time.perf_counter()
                report = run_inference(
                    experiment,
                    to_toml(experiment),
                    workspace,
                    method=method,
                    budget=budgets[method],
                    track=False,
                )
                found = draws(report)
                row[method] = {
                    "rank": rank(found, np.array(list(truth.values()))),
                    "mean": found.mean(axis=0).tolist(),
                    "std": found.std(axis=0).tolist(),
                    "converged": report.read()["converged"] == "true",
                    "seconds": time.perf_counter() - begun,
                }
            if len(methods) == 2:
                one, other = (row[method] for method in methods)
                spread = np.sqrt((np.square(one["std"]) + np.square(other["std"])) / 2)
                row["apart"] = (np.abs(np.subtract(one["mean"], other["mean"])) / spread).tolist()
            rows.append(row)
            print(json.dumps(row), flush=True)
    for method in methods:
        inside = sum(row[method]["rank"] <= 0.9 for row in rows)
        print(f"{method}: inside the 90 % region in {inside} of {len(rows)} repeats")
    if len(methods) == 2:
        apart = np.array([row["apart"] for row in rows])
        distance = f"{np.median(apart):.2f} standard deviations (median), {apart.max():.2f} at most"
        print(f"marginal means apart by {distance}")
    if options.json:
        options.json.write_text(json.dumps(rows, indent=2))


if __name__ == "__main__":
    main()
