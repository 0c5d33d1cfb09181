"""What is recorded of a run changes none of its measures."""

from __future__ import annotations

import itertools
from functools import cache
from typing import Any

import numpy as np
import pytest

from l5tui.analysis.measures import measure
from l5tui.analysis.run_dataset import run_dataset
from l5tui.analysis.tables import RunTables, run_tables
from l5tui.analysis.windows import recording_bins, recording_plan
from l5tui.config import Experiment, parameters
from l5tui.model.circuit import Circuit
from l5tui.model.recording import record
from tests.experiments import small_experiment

VALUES: dict[str, tuple[Any, ...]] = {
    "rates": ("period_means", "every", "none"),
    "every": (1, 7, 1000),
    "weights": ("blocks", "factors", "full"),
    "abscissa": ("end", "all", "none"),
    "dtype": ("float32", "float64"),
    "figures": ("none", "light", "all"),
}
NOT_RECORDED = "spectral_abscissa"
"""The one measure that is not computed under a policy: `recording.abscissa = "none"`."""

POLICIES = [
    *({key: value} for key, values in VALUES.items() for value in values),
    *(
        {"rates": a, "abscissa": b, "weights": "full"}
        for a, b in itertools.product(VALUES["rates"], ("end", "all"))
    ),
]


def experiment_of(rule: str, **recording: Any) -> Experiment:
    """The last whole period ends before the last step."""
    return small_experiment(
        plasticity={"rule": rule},
        stimulus={"steady": [True, False, False, False]},
        targets={"after/DS.CS": {"value": 0.5, "uncertainty": 0.1, "source": "a test"}},
        recording=recording,
    )


def tables_of(experiment: Experiment) -> RunTables:
    """Simulate and measure."""
    plan = recording_plan(experiment)
    recordings = [record(Circuit.sample(experiment, index), experiment, plan) for index in range(2)]
    return run_tables(run_dataset(recordings, measure(recordings, experiment), experiment, {}))


def numbers(tables: RunTables) -> dict[str, float]:
    """Every number of the tables by its name."""
    found = {f"summary/{name}": value for name, value in tables.summary.items()}
    found |= {f"loss/{name}": value for name, value in tables.loss_terms.items()}
    found["loss"] = tables.loss
    for kind in ("selectivity", "weights", "targets"):
        for row in getattr(tables, kind):
            labels = {key: value for key, value in vars(row).items() if isinstance(value, str)}
            name = "/".join([kind, *labels.values()])
            found |= {
                f"{name}/{key}": float(value)
                for key, value in vars(row).items()
                if isinstance(value, int | float)
            }
    return found


@cache
def default_numbers(rule: str) -> dict[str, float]:
    """Every number of a run with the default policy."""
    default = experiment_of(rule)
    assert recording_bins(default)[-1][1] < default.steps
    return numbers(tables_of(default))


def test_every_policy_is_tried() -> None:
    keys = {known.path.partition(".")[2] for known in parameters() if known.section == "recording"}
    assert keys == set(VALUES)


@pytest.mark.parametrize("rule", ["sliding_bcm", "covariance"])
@pytest.mark.parametrize("policy", POLICIES, ids=str)
def test_no_policy_changes_a_measure(policy: dict[str, Any], rule: str) -> None:
    expected, found = default_numbers(rule), numbers(tables_of(experiment_of(rule, **policy)))
    assert len(expected) > 200
    assert found.keys() == expected.keys()
    assert np.isfinite(expected[f"summary/{NOT_RECORDED}"])
    if policy.get("abscissa") == "none":
        assert np.isnan(found.pop(f"summary/{NOT_RECORDED}"))
    for name, value in found.items():
        assert value == pytest.approx(expected[name], rel=1e-12, abs=1e-13, nan_ok=True), name
