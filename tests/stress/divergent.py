"""Dynamics that leave what is sensible: each ends truthfully, with every measure defined or said not to be."""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Any

from l5tui.workspace import Workspace
from tests.stress.command import run_command
from tests.stress.tally import Tally
from tests.stress.truth import losses_of
from tests.workspaces import TINY, copy_of, template

NO_TABLE = "[[0,0,0,0],[0,0,0,0],[0,0,0,0],[0,0,0,0]]"
FULL_TABLE = "[[0.9,1,1,1],[1,0.95,1,1],[1,1,0.85,1],[1,1,1,0.83]]"
STRONG_TABLE = "[[1000,1000,1000,1000],[1000,1000,1000,1000],[-1,-1,-1,-1],[-1,-1,-1,-1]]"
SILENT = ("stimulus.amplitude=[0,0,0,0]",)

CASES: dict[str, tuple[str, ...]] = {
    "weights explode": ("plasticity.tau_learn=1e-3",),
    "weights explode at once": ("plasticity.tau_learn=1e-300", "plasticity.onset_step=0"),
    "rates reach 1e308": (f"network.target_weights={STRONG_TABLE}", "network.gamma=10.0"),
    "the strongest stimulus": ("stimulus.amplitude=[1e6,1e6,1e6,1e6]", "network.gamma=10.0"),
    "weights of any size": ("network.weight_noise=100.0", "network.initial_weight_cv=10.0"),
    "all populations silent": SILENT,
    "silent and without weights": (*SILENT, f"network.target_weights={NO_TABLE}", "network.weight_noise=0.0"),
    "one neuron in a population": (
        "network.sizes=[1,22,7,6]",
        "network.connection_probability=[[0,0,0.2,0.2],[0.1,0.1,0.2,0.3],[0.4,0.4,0.5,0.1],[0.5,0.1,0.3,0.1]]",
    ),
    "one neuron in each": ("network.sizes=[1,1,1,1]", f"network.connection_probability={NO_TABLE}"),
    "two neurons in all": ("network.sizes=[0,2,0,0]",),
    "P = 0": (f"network.connection_probability={NO_TABLE}",),
    "P = 1": (f"network.connection_probability={FULL_TABLE}",),
    "nothing moves": ("stimulus.temporal_frequency=0.0", "stimulus.spatial_frequency=0.0"),
    "never learns": ("plasticity.tau_learn=1e12",),
    "a threshold that never moves": ("plasticity.tau_threshold=1e12",),
    "one step": ("dynamics.duration_tau=0.1", "plasticity.onset_step=0"),
}
RULES = ("sliding_bcm", "bcm", "oja", "covariance", "none")
ENDS = {0: "completed", 3: "diverged"}


def trial(tally: Tally, share: float = 1.0) -> None:
    """Every case with every rule."""
    workspace = copy_of(template(tally.scratch / "template"), tally.scratch / "used")
    row = tally.row("dynamics that explode, fall silent or are hardly there")
    rules = RULES[: max(1, round(len(RULES) * share))]
    for rule in rules:
        for name, changes in CASES.items():
            tally.report(f"{name}, {rule}")
            row.tried(f"{name}, {rule}: {loss}" for loss in outcome_losses(workspace, changes, rule))
    row.tried(losses_of(workspace), times=0)


def outcome_losses(workspace: Workspace, changes: tuple[str, ...], rule: str) -> list[str]:
    """Run a case; what is untrue about its outcome."""
    (workspace.experiments / "tiny.toml").write_text(TINY)
    words = ["run", "--headless", str(workspace.experiments / "tiny.toml"), "--json"]
    words += ["--workspace", str(workspace.root), "--set", f"plasticity.rule={rule}"]
    for change in changes:
        words += ["--set", change]
    done = run_command(*words)
    if done.exit_code not in ENDS:
        return [f"exit code {done.exit_code}: {' '.join(done.output.split())[:500]} {done.exception!r}"]
    try:
        report = json.loads(done.stdout, parse_constant=_refuse)
    except ValueError as error:
        return [f"the report is no JSON: {error}"]
    return list(_untrue(workspace, report, ENDS[done.exit_code]))


def _refuse(name: str) -> float:
    raise ValueError(f"{name} is no JSON")


def _untrue(workspace: Workspace, report: dict[str, Any], end: str) -> Iterator[str]:
    if report["status"] != end:
        yield f"the exit code says {end}, the report {report['status']}"
    error = report["error"] or ""
    if (end == "diverged") != ("diverged; in realization" in error) or "\n" in error:
        yield f"{end}, and the reason is {error!r}"
    values = {
        f"{row['condition']}/{row['measure']}.{row['population']}": row["value"]
        for row in report["selectivity"]
        if row["statistic"] == "mean"
    }
    undefined = {name for name, value in values.items() if value is None}
    if wrong := [name for name, value in values.items() if value is not None and not math.isfinite(value)]:
        yield f"{wrong} are not finite"
    if said := undefined - _undefined_in_mlflow(workspace, report["run_id"]):
        yield f"MLflow does not say that {sorted(said)[:3]} are not defined"


def _undefined_in_mlflow(workspace: Workspace, run_id: str) -> set[str]:
    """Return the names of the measures that MLflow lists as not defined."""
    sql = (
        "SELECT u.value FROM tags i JOIN tags u ON u.run_uuid = i.run_uuid AND u.key = 'l5tui.undefined'"
        " WHERE i.key = 'l5tui.run_id' AND i.value = ?"
    )
    with closing(sqlite3.connect(workspace.mlflow_database)) as connection:
        found = connection.execute(sql, (run_id,)).fetchone()
    return set(str(found[0]).split(", ")) if found else set()
