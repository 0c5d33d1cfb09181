"""How fast the engine is, against the machine, the research code and the best peer. ``make bench`` runs it.

Prints a table and writes benchmarks/result.json. See benchmarks/README.md for what each row means.
"""

from __future__ import annotations

import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from floors import dense_floor, pass_floor
from threadpoolctl import threadpool_info, threadpool_limits

from l5tui.config import Experiment
from l5tui.model.circuit import Circuit
from l5tui.model.engines import new_engine
from l5tui.runner.processors import processor_count

HERE = Path(__file__).parent
RESEARCH_SECONDS = {"covariance": 55.0, "oja": 70.0, "bcm": 74.0, "sliding_bcm": 90.0}
"""One default experiment of the research code on a 2-core machine."""

REPETITIONS = 3
WORKERS = processor_count()


class Row(dict[str, Any]):
    """One line of the table: what, measured, reach, and whether it was reached."""

    def __init__(self, what: str, value: float, unit: str, reach: str, held: bool | None) -> None:
        super().__init__(what=what, value=value, unit=unit, reach=reach, held=held)

    def __str__(self) -> str:
        mark = {True: "yes", False: "NO", None: ""}[self["held"]]
        return f"{self['what']:<66}{self['value']:>10.3g} {self['unit']:<6}{self['reach']:<10}{mark}"


def experiment_of(rule: str, **sections: dict[str, Any]) -> Experiment:
    plasticity = {"rule": rule, **sections.pop("plasticity", {})}
    return Experiment.model_validate({"plasticity": plasticity, **sections})


def engine_seconds(experiment: Experiment, circuits: list[Circuit], workers: int = WORKERS) -> float:
    """Time of the engine alone: all steps of all realizations, compiled code warm, nothing recorded."""

    def simulate(circuit: Circuit) -> None:
        engine = new_engine(circuit, experiment, experiment.stimulus.directions, keep_factors=False)
        while engine.step < experiment.steps:
            engine.advance(min(64, experiment.steps - engine.step))

    simulate(circuits[0])
    times = []
    for _ in range(REPETITIONS):
        begun = time.perf_counter()
        with ThreadPoolExecutor(workers) as threads:
            list(threads.map(simulate, circuits))
        times.append(time.perf_counter() - begun)
    return min(times)


def against_floors(circuits: list[Circuit]) -> Iterator[Row]:
    """The default experiment against bare loops and the research code."""
    weights, count = np.array(circuits[0].weights), len(circuits)
    default = Experiment()
    steps, onset = default.steps, default.plasticity.onset_step
    dense = dense_floor(weights, count, steps, WORKERS)
    one_pass = pass_floor(weights, count, steps, onset, WORKERS)
    yield Row("dense floor: bare products W(0)·R", dense, "s", "", None)
    yield Row("pass floor: one pass over W a step and direction", one_pass, "s", "", None)
    reach_research = {"sliding_bcm": 400, "bcm": 400, "oja": 100, "covariance": 80}
    for rule in ("none", "bcm", "sliding_bcm", "oja", "covariance"):
        seconds = engine_seconds(experiment_of(rule), circuits)
        yield Row(f"{rule}: engine", seconds, "s", "", None)
        floor, name, most = (
            (dense, "dense", 1.0) if rule in ("none", "bcm", "sliding_bcm") else (one_pass, "pass", 1.25)
        )
        yield Row(
            f"{rule}: against the {name} floor", seconds / floor, "×", f"≤ {most:g}", seconds / floor <= most
        )
        if rule in RESEARCH_SECONDS:
            faster, least = RESEARCH_SECONDS[rule] / seconds, reach_research[rule]
            yield Row(f"{rule}: faster than the research code", faster, "×", f"≥ {least}", faster >= least)
    for what, options in (("existing synapses", {"synapses": "existing"}), ("Dale's law", {"dale": True})):
        for rule in ("sliding_bcm", "oja"):
            ratio = engine_seconds(experiment_of(rule, plasticity=options), circuits) / one_pass
            yield Row(f"{rule}, {what}: against the pass floor", ratio, "×", "≤ 3", ratio <= 3)


def against_peer() -> Iterator[Row]:
    """One realization on one core, against JAX; skipped where JAX is not installed."""
    python = os.environ.get("PEER_PYTHON", sys.executable)
    environment = {**os.environ, "PYTHONPATH": str(HERE.parent)}
    pinned = ["taskset", "-c", "0"] if platform.system() == "Linux" else []
    done = subprocess.run(
        [*pinned, python, str(HERE / "peer_jax.py")],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )
    if done.returncode:
        print(f"no JAX ({done.stderr.strip().splitlines()[-1]}): pip install -e '.[bench]'", file=sys.stderr)
        return
    peer = json.loads(done.stdout)
    for rule, least in (("sliding_bcm", 3), ("oja", 2)):
        own = own_seconds_on_one_core(rule)
        theirs = peer[rule]["seconds"]
        yield Row(f"{rule}: JAX, one realization, one core", theirs, "s", "", None)
        yield Row(f"{rule}: ours, the same", own, "s", "", None)
        yield Row(f"{rule}: faster than JAX", theirs / own, "×", f"≥ {least}", theirs / own >= least)


def own_seconds_on_one_core(rule: str) -> float:
    if hasattr(os, "sched_setaffinity"):
        allowed = os.sched_getaffinity(0)
        os.sched_setaffinity(0, {min(allowed)})
    experiment = experiment_of(rule)
    seconds = engine_seconds(experiment, [Circuit.sample(experiment)], workers=1)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, allowed)
    return seconds


def against_size() -> Iterator[Row]:
    """Cost of a step as networks, runs and sets of directions grow."""
    base = Experiment().network
    for factor in (1, 4, 16):
        network = {
            "sizes": [size * factor for size in base.sizes.in_order()],
            "connection_probability": [[p / factor for p in row] for row in base.connection_probability],
        }
        neurons = sum(network["sizes"])
        for rule, options in (
            ("none", {}),
            ("sliding_bcm", {}),
            ("oja", {"synapses": "existing"}),
            ("oja", {}),
        ):
            steps = max(40, 2000 // factor**2) if rule == "oja" and not options else max(100, 2000 // factor)
            experiment = experiment_of(
                rule,
                network=network,
                plasticity={**options, "onset_step": 0, "tau_learn": 1e5},
                dynamics={"duration_tau": steps / 10},
                simulation={"realizations": 1},
            )
            seconds = engine_seconds(experiment, [Circuit.sample(experiment)], workers=1)
            named = f"{rule}{', existing synapses' if options else ''}"
            yield Row(f"N = {neurons}: {named}, a step", seconds / steps * 1e6, "µs", "", None)
    default = [Circuit.sample(Experiment())]
    for steps in (2500, 25_000):
        experiment = experiment_of("sliding_bcm", dynamics={"duration_tau": steps / 10})
        seconds = engine_seconds(experiment, default, workers=1)
        yield Row(f"{steps} steps: sliding_bcm, a step", seconds / steps * 1e6, "µs", "", None)
    for count in (4, 12, 36):
        directions = [360 / count * index for index in range(count)]
        experiment = experiment_of("sliding_bcm", stimulus={"directions": directions})
        seconds = engine_seconds(experiment, default, workers=1) / experiment.steps * 1e6
        yield Row(f"{count} directions: sliding_bcm, a step and direction", seconds / count, "µs", "", None)


def whole_command() -> Iterator[Row]:
    """`l5tui run --headless` on the default experiment, in a new workspace, after one run that warms up."""
    with tempfile.TemporaryDirectory() as folder:
        run(["init", folder])
        file = str(Path(folder) / "experiments" / "default.toml")
        command = ["run", "--headless", file, "--workspace", folder, "--json"]
        run(command)
        times, peak = [], 0.0
        for _ in range(REPETITIONS):
            seconds, memory = run(command)
            times.append(seconds)
            peak = max(peak, memory)
        yield Row("whole command, default experiment, warm", min(times), "s", "≤ 3", min(times) <= 3)
        yield Row("peak memory of the whole process", peak, "MB", "≤ 450", peak <= 450)
        for tau in (250, 2500):
            options = ["--set", f"dynamics.duration_tau={tau}", "--set", f"recording.every={tau}"]
            yield Row(
                f"peak memory, {tau * 10} steps, 10 samples", run([*command, *options])[1], "MB", "flat", None
            )
        imports = "import l5tui.cli.commands, l5tui.runner.run, numba, netCDF4, l5tui.analysis.run_dataset, rich.table"
        begun = time.perf_counter()
        subprocess.run([sys.executable, "-c", imports], check=True, env=quiet())
        seconds = time.perf_counter() - begun
        yield Row("of which imports", seconds, "s", "≤ 1.5", seconds <= 1.5)
        with tempfile.TemporaryDirectory() as cache:
            first, _ = run(command, NUMBA_CACHE_DIR=cache)
        extra = first - min(times)
        yield Row("extra wait of the first run after installation", extra, "s", "≤ 20", extra <= 20)


def run(arguments: list[str], **environment: str) -> tuple[float, float]:
    """Seconds and megabytes of a run of the command line.

    Linux gives a process the peak of the one that it was forked from: a small one between has none.
    """
    between = (
        "import resource, subprocess, sys; code = subprocess.call(sys.argv[1:], stdout=subprocess.DEVNULL); "
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss); sys.exit(code)"
    )
    before = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-S", "-c", between, sys.executable, "-m", "l5tui", *arguments],
        stdout=subprocess.PIPE,
        text=True,
        env={**quiet(), **environment},
        check=True,
    )
    return time.perf_counter() - before, int(done.stdout) / 1000


def quiet() -> dict[str, str]:
    return {**os.environ, "PYTHONWARNINGS": "ignore"}


def main() -> None:
    rows: list[Row] = []
    machine = {
        "processor": platform.processor() or platform.machine(),
        "cores": WORKERS,
        "blas": [f"{info['internal_api']} {info.get('architecture')}" for info in threadpool_info()],
        "python": platform.python_version(),
    }
    print(json.dumps(machine))
    with threadpool_limits(limits=1, user_api="blas"):
        circuits = [Circuit.sample(Experiment(), index) for index in range(5)]
        for part in (against_floors(circuits), against_peer(), against_size(), whole_command()):
            for row in part:
                print(row, flush=True)
                rows.append(row)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    (HERE / "result.json").write_text(
        json.dumps({"machine": machine, "rows": rows, "peak_mb": peak}, indent=2)
    )
    if missed := [row["what"] for row in rows if row["held"] is False]:
        print("missed: " + "; ".join(missed))


if __name__ == "__main__":
    main()
