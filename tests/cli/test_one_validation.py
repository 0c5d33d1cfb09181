"""A faulty experiment is refused by every command with the same lines, from its file, overrides and search space."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

import l5tui
from l5tui.cli.commands import app
from l5tui.errors import ConfigError
from l5tui.tui.draft import Draft
from l5tui.workspace import Workspace
from tests.workspaces import snapshot

RANGE = '"plasticity.tau_learn" = {low = 100, high = 900}'
TARGET = '"after/DS.CS" = {value = 0.5, uncertainty = 0.1, source = "a test"}'

SPACES: dict[str, tuple[str, list[str]]] = {
    "numbers for a switch": ('"stimulus.steady.CS" = [0, 1]', ["stimulus.steady.CS"] * 2),
    "numbers for a matrix": ('"network.target_weights" = [1, 2]', ["network.target_weights"] * 2),
    "a range for a matrix": (
        '"network.target_weights" = {low = 1, high = 2}',
        ["network.target_weights"] * 2,
    ),
    "a range for a name": ('"network.transfer" = {low = 1, high = 2}', ["network.transfer"] * 2),
    "a label": ('"name" = ["a", "b"]', ["name"]),
    "the seed": ('"seed" = {low = 1, high = 9}', ["seed"]),
    "workers": ('"simulation.workers" = [1, 2]', ["simulation.workers"]),
    "recording": ('"recording.every" = {low = 1, high = 9}', ["recording.every"]),
    "a key of the search": ('"tuning.trials" = [1, 2]', ["tuning.trials"]),
    "an unknown path": ('"plasticity.tau_lern" = {low = 1, high = 2}', ["plasticity.tau_lern"]),
    "a section": ('"network" = [1, 2]', ["network"]),
    "a low end outside": ('"plasticity.tau_learn" = {low = -1, high = 10}', ["plasticity.tau_learn"]),
    "both ends outside": ('"network.sizes.CS" = {low = -3, high = 30000}', ["network.sizes.CS"] * 2),
    "an end that does not go with another key": (
        '"dynamics.dt" = {low = 0.01, high = 0.5}',
        ["dynamics.dt"],
    ),
    "an end that another key does not go with": (
        '"dynamics.tau" = {low = 0.001, high = 0.5}',
        ["dynamics.tau"],
    ),
    "an unknown rule among choices": ('"plasticity.rule" = ["bcm", "hebb"]', ["plasticity.rule"]),
    "no whole number between": (
        '"plasticity.phase_steps" = {low = 1.2, high = 1.8}',
        ["plasticity.phase_steps"],
    ),
    "low above high": ('"network.gamma" = {low = 2, high = 1}', ["network.gamma"]),
    "the logarithm of zero": ('"network.gamma" = {low = 0, high = 1, log = true}', ["network.gamma"]),
    "a multiple of a name": (
        '"plasticity.tau_threshold" = {low = 1, high = 2, times = "plasticity.rule"}',
        ["plasticity.tau_threshold.times"],
    ),
    "a multiple of itself": (
        '"network.gamma" = {low = 1, high = 2, times = "network.gamma"}',
        ["network.gamma.times"],
    ),
    "a multiple of an unknown key": (
        '"network.gamma" = {low = 1, high = 2, times = "network.gama"}',
        ["network.gamma.times"],
    ),
    "a multiple outside": (
        '"network.gamma" = {low = 1, high = 2, times = "plasticity.tau_learn"}',
        ["network.gamma"] * 2,
    ),
}
"""Entries of [tuning.space], and the keys within it that are reported, a line each."""

FILES: dict[str, tuple[str, list[str], list[str]]] = {
    "an unknown measure to seek": ('[tuning]\nobjective = "after/DS.CZ"\n', [], ["tuning.objective"]),
    "a value of the wrong kind": ("[plasticity]\ndale = 1\n", [], ["plasticity.dale"]),
    "an unknown override": ("", ["plasticity.tua_learn=3"], ["plasticity.tua_learn"]),
    "a malformed override": ("", ["plasticity.rule"], [""]),
    "an override of the space": (
        "",
        ["tuning.space.stimulus.steady.PV=[0, 1]"],
        ["tuning.space.stimulus.steady.PV"] * 2,
    ),
    "an unknown override beside all other faults": (
        'seed = -1\n[network]\ngamma = "x"\n',
        ["plasticity.tua_learn=3", "dynamics.dt=-1", "network.sizes={}", "tuning.space.seed=[1, 2]"],
        [
            "plasticity.tua_learn",
            "network.sizes",
            "seed",
            "network.gamma",
            "dynamics.dt",
            "tuning.space.seed",
        ],
    ),
    "a malformed override and a file that is no TOML": ("seed = \n", ["seed"], ["", ""]),
    "faults of the space, the objective and the rest": (
        f'[tuning]\nobjective = "x"\n[tuning.space]\nseed = [1, 2]\n{RANGE}\n[loss]\nform = "y"\n',
        [],
        ["loss.form", "tuning.objective", "tuning.space.seed"],
    ),
}
"""Files without targets, overrides, and the keys that are reported."""

COMMANDS = {
    "check": ["check"],
    "run": ["run", "--headless"],
    "tune": ["tune"],
    "sweep": ["sweep"],
    "sensitivity": ["sensitivity", "--samples", "8"],
    "infer": ["infer", "--budget", "50"],
    "compare-rules": ["compare-rules", "--rules", "oja"],
}


def cases() -> list[object]:
    """Every faulty input: its text, overrides and the keys of its faults."""
    found = [
        pytest.param(f"[tuning.space]\n{entry}\n", [], [f"tuning.space.{key}" for key in keys], id=name)
        for name, (entry, keys) in SPACES.items()
    ]
    for name, (text, overrides, keys) in FILES.items():
        space = "" if "tuning.space" in text or "= \n" in text else f"[tuning.space]\n{RANGE}\n"
        found.append(pytest.param(text + space, overrides, keys, id=name))
    return [*found]


@pytest.mark.parametrize(("text", "overrides", "keys"), cases())
def test_every_command_refuses_it_with_the_same_lines(
    text: str, overrides: list[str], keys: list[str], fresh: Workspace
) -> None:
    file = fresh.root / "faulty.toml"
    file.write_text(f"{text}[targets]\n{TARGET}\n")
    before = snapshot(fresh.root)
    assignments = [part for each in overrides for part in ("--set", each)]

    lines: dict[str, list[str]] = {}
    for name, command in COMMANDS.items():
        result = CliRunner().invoke(app, [*command, str(file), *assignments], prog_name="l5tui")
        assert result.exit_code == 2, (name, result.output, result.exception)
        assert result.stdout == ""
        lines[name] = result.stderr.splitlines()

    assert {name: sorted(each) for name, each in lines.items()} == {
        name: sorted(lines["check"]) for name in COMMANDS
    }
    assert snapshot(fresh.root) == before
    assert len(lines["check"]) == len(keys)
    assert all(f": {key}: got" in line for key, line in zip(keys, lines["check"], strict=True) if key)
    if not overrides:
        assert [fault.key for fault in Draft(file, file.read_text(), "faulty").faults] == keys
    if all("=" in each for each in overrides):
        assert faults_in_a_notebook(file, overrides) == keys


def faults_in_a_notebook(file: Path, overrides: list[str]) -> list[str]:
    """Return the keys of the faults that `l5tui.run` raises."""
    given = {path: VALUES[value] for path, _, value in (each.partition("=") for each in overrides)}
    with pytest.raises(ConfigError) as caught:
        l5tui.run(file, given, progress=False)
    return [fault.key for fault in caught.value.faults]


VALUES: dict[str, object] = {"3": 3, "-1": -1, "{}": {}, "[0, 1]": [0, 1], "[1, 2]": [1, 2]}
"""Values of the overrides as Python has them."""


OPTIONS: dict[str, tuple[list[str], list[str]]] = {
    "tune": (["tune", "--trials", "0", "--workers", "-1"], ["--trials", "--workers"]),
    "sweep": (["sweep", "--trials", "0", "--workers", "-1"], ["--trials", "--workers"]),
    "sensitivity": (["sensitivity", "--samples", "6", "--workers", "-1"], ["--samples", "--workers"]),
    "infer": (["infer", "--budget", "9", "--workers", "-1"], ["--budget", "--workers"]),
    "compare-rules": (["compare-rules", "--rules", "oja,hebb"], ["--rules"]),
}


@pytest.mark.parametrize("name", OPTIONS)
def test_faults_of_options_are_reported_with_those_of_the_file(name: str, fresh: Workspace) -> None:
    command, options = OPTIONS[name]
    file = fresh.root / "faulty.toml"
    for faulty, keys in (('[network]\ngamma = "x"\n', ["network.gamma"]), ("", [])):
        file.write_text(f"{faulty}[tuning.space]\n{RANGE}\n[targets]\n{TARGET}\n")
        before = snapshot(fresh.root)
        result = CliRunner().invoke(app, [*command, str(file)], prog_name="l5tui")
        assert result.exit_code == 2, (result.output, result.exception)
        lines = result.stderr.splitlines()
        assert len(lines) == len(keys) + len(options), lines
        assert all(f"{key}: got" in line for key, line in zip([*keys, *options], lines, strict=True))
        assert snapshot(fresh.root) == before
    # Without a file to read, too.
    if name == "tune":
        result = CliRunner().invoke(app, [*command, "--resume", "last"], prog_name="l5tui")
        assert result.exit_code == 2
        assert [line.split(":")[0] for line in result.stderr.splitlines()] == options


def test_a_budget_is_checked_against_the_parameters_of_a_faulty_file(fresh: Workspace) -> None:
    file = fresh.root / "faulty.toml"
    file.write_text(f'[network]\ngamma = "x"\n[tuning.space]\n{RANGE}\n[targets]\n{TARGET}\n')
    more = ["--set", "tuning.space.stimulus.amplitude.CS={low = 1, high = 2}"]
    result = CliRunner().invoke(app, ["infer", str(file), "--budget", "15", *more], prog_name="l5tui")
    assert result.exit_code == 2
    assert "--budget: got 15, allowed 20 or more for 2 parameters" in result.stderr
