"""Distances to targets, against numbers worked out by hand, and the same wherever a run is kept."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from l5tui.analysis.targets import RELATIONS, TargetRow, target_rows, targets_loss
from l5tui.config import Experiment
from l5tui.config.validation import validate
from l5tui.errors import ConfigError

METRICS = {"after/DS.CS": 0.4, "after/DS.CC": 0.5, "after/OS.PV": -0.2, "summary/contrast_DS": math.nan}


def row(name: str, **demand: Any) -> TargetRow:
    """The row of one target."""
    data = {"targets": {name: {"source": "a paper", "uncertainty": 0.1, **demand}}}
    (found,) = target_rows(METRICS, validate(data).targets)
    return found


@pytest.mark.parametrize(
    ("name", "demand", "relation", "distance"),
    [
        ("after/DS.CS", {"value": 0.2}, "=", 2.0),
        ("after/DS.CS", {"value": 1}, "=", -6.0),
        ("after/DS.CS", {"value": "after/DS.CC"}, "=", -1.0),
        ("after/DS.CS", {"value": "after/DS.CC", "relative": True}, "=", -2.0),
        ("after/DS.CS", {"above": "after/DS.CC"}, ">", -1.0),
        ("after/DS.CC", {"above": "after/DS.CS"}, ">", 0.0),
        ("after/DS.CC", {"below": "after/DS.CS"}, "<", 1.0),
        ("after/OS.PV", {"sign": "positive"}, ">", -2.0),
        ("after/OS.PV", {"sign": "negative"}, "<", 0.0),
    ],
)
def test_distances(name: str, demand: dict[str, Any], relation: str, distance: float) -> None:
    found = row(name, weight=3.0, **demand)
    assert relation in RELATIONS
    assert found.relation == relation
    assert found.distance == pytest.approx(distance)
    assert found.contribution == pytest.approx(3 * distance**2)


def test_what_is_not_defined_makes_the_loss_undefined() -> None:
    undefined = row("summary/contrast_DS", sign="positive")
    assert math.isnan(undefined.distance)
    assert math.isnan(targets_loss([undefined, row("after/DS.CS", value=0.2)]))


def test_a_run_away_is_infinitely_far() -> None:
    (found,) = target_rows(
        {"after/DS.CS": 1e300},
        validate({"targets": {"after/DS.CS": {"value": 0, "uncertainty": 1e-6, "source": "a"}}}).targets,
    )
    assert found.contribution == math.inf


def test_every_fault_is_reported() -> None:
    good = {"source": "a", "uncertainty": 1.0}
    bad = {
        "after/DS.CZ": {**good, "value": 1.0},
        "after/DS.CS": {**good, "value": 1.0, "sign": "positive"},
        "after/DS.CC": {**good},
        "after/DS.PV": {**good, "above": "after/DS.PV"},
        "after/OS.CS": {**good, "value": "after/OS.CD"},
        "after/OS.PV": {**good, "sign": "positive", "relative": True},
    }
    with pytest.raises(ConfigError) as caught:
        validate({"targets": bad})
    assert [fault.key for fault in caught.value.faults] == [
        'targets."after/DS.CZ"',
        'targets."after/DS.CS"',
        'targets."after/DS.CC"',
        'targets."after/DS.PV".above',
        'targets."after/OS.CS".value',
        'targets."after/OS.PV".relative',
    ]
    with pytest.raises(ConfigError, match="without targets"):
        validate({"loss": {"form": "targets"}})


def test_the_ready_targets_are_those_of_the_model_s_own_table() -> None:
    path = Path(__file__).parents[2] / "experiments" / "targets_v1_l5.toml"
    targets = Experiment.load(path).targets
    weights = {name: target for name, target in targets.items() if name.startswith("weight_final/")}
    assert len(weights) == 16
    assert all(each.value == name.replace("_final", "_target") for name, each in weights.items())
    assert targets["summary/contrast_DS"].demands == ("sign",)
