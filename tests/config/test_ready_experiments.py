"""The experiments that come with l5tui."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from l5tui.config import Experiment, parameters
from l5tui.config.schema import value_at
from l5tui.config.toml_file import read_experiment, to_toml
from l5tui.config.toml_text import parse_toml
from l5tui.config.validation import validate
from l5tui.workspace import ready_experiments

FOLDER = ready_experiments()
FILES = sorted(FOLDER.glob("*.toml"))
RULES = ("bcm", "sliding_bcm", "oja", "covariance")


def load(name: str) -> Experiment:
    return Experiment.load(FOLDER / f"{name}.toml")


def differences(name: str) -> dict[str, Any]:
    experiment = load(name)
    values = {known.path: value_at(experiment, known.path) for known in parameters()}
    return {known.path: values[known.path] for known in parameters() if values[known.path] != known.default}


def leaves(table: dict[str, Any], prefix: str = "") -> set[str]:
    paths: set[str] = set()
    for key, value in table.items():
        path = f"{prefix}{key}"
        inner = isinstance(value, dict) and value and path not in ("targets", "tuning.space")
        paths |= leaves(value, f"{path}.") if inner else {path}
    return paths


def test_all_are_there() -> None:
    expected = {
        "default",
        "quickstart",
        "original",
        "static",
        "no_inhibition",
        "tuning",
        "sweep",
        "targets_v1_l5",
        *RULES,
    }
    assert {path.stem for path in FILES} == expected


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_each_loads_and_begins_with_its_question(path: Path) -> None:
    read = read_experiment(path)
    assert read.experiment.name == path.stem
    assert re.match(r"# [A-Z][^?\n]*\?", path.read_text())
    assert validate(parse_toml(read.text)) == read.experiment
    assert to_toml(read.experiment, read.text) == read.text


def test_the_default_is_written_out_in_full() -> None:
    experiment = load("default")
    assert experiment.hash == Experiment().hash
    text = (FOLDER / "default.toml").read_text()
    # A file gives the frequency of the grating once; the other key is there as a comment.
    assert "\n# temporal_frequency_hz = " in text
    hertz = "stimulus.temporal_frequency_hz"
    assert leaves(tomllib.loads(text)) == {known.path for known in parameters()} - {hertz}


def test_the_default_names_every_choice() -> None:
    text = (FOLDER / "default.toml").read_text()
    for known in parameters():
        for choice in known.choices:
            line = next(
                line for line in text.splitlines() if line.startswith(f"{known.path.split('.')[-1]} = ")
            )
            assert f'"{choice}"' in line or re.search(rf"\b{choice}\b", line)


@pytest.mark.parametrize(
    "path", [path for path in FILES if path.stem != "default"], ids=lambda path: path.stem
)
def test_the_others_name_only_what_differs(path: Path) -> None:
    named = leaves(tomllib.loads(path.read_text()))
    assert named == set(differences(path.stem)) - {"name"} | (
        {"plasticity.rule"} if path.stem == "sliding_bcm" else set()
    )


@pytest.mark.parametrize("rule", RULES)
def test_each_rule_has_an_experiment(rule: str) -> None:
    assert load(rule).plasticity.rule == rule
    assert set(differences(rule)) <= {"name", "plasticity.rule"}


def test_what_the_others_are_about() -> None:
    assert differences("original") == {
        "name": "original",
        "variant": "original",
        "network.initial_weight_cv": 0.1,
    }
    assert load("original").loss_form == "absolute"
    static = load("static")
    assert (static.plasticity.rule, len(static.stimulus.directions)) == ("none", 8)
    assert load("no_inhibition").network.sizes.in_order() == (45, 275, 0, 0)
    quick = load("quickstart")
    assert quick.network.sizes.in_order() == (9, 55, 9, 7)
    assert (quick.simulation.realizations, quick.steps) == (2, 1000)
