"""Files that cannot be run: exit code 2, a line a fault that begins with the file, and nothing else happens."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

from l5tui.cli.commands import app
from l5tui.workspace import Workspace
from tests.cli.conftest import CommandLine
from tests.cli.processes import l5tui
from tests.workspaces import snapshot

TABLE = "[[0,0,0,0],[0,0,0,0],[0,0,0,0],[0,0,0,{}]]"

# Content of the file, and the keys that the error names, one a line.
TEXTS: dict[str, tuple[str, list[str]]] = {
    "text for a number": ('seed = "42"', ["seed"]),
    "a number for text": ("name = 3", ["name"]),
    "a fraction for a count": ("[simulation]\nrealizations = 1.5", ["simulation.realizations"]),
    "a number for a switch": ("[plasticity]\ndale = 1", ["plasticity.dale"]),
    "a number for a table": ("network = 1", ["network"]),
    "a list for a number": ("[dynamics]\ntau = [0.1]", ["dynamics.tau"]),
    "an unknown key": ("sedd = 1", ["sedd"]),
    "an unknown key in a section": ("[network]\ngama = 1", ["network.gama"]),
    "an unknown section": ("[netwrok]\ngamma = 1", ["netwrok"]),
    "both names of a key": ("[dynamics]\ndt = 0.01\ndelta_t = 0.01", ["dynamics.dt"]),
    "three populations": ("[network]\nsizes = [1, 2, 3]", ["network.sizes"]),
    "a fifth population": ("[network]\nsizes = {VIP = 3}", ["network.sizes.VIP"]),
    "a table of one row": ("[network]\nprob = [[0, 0, 0, 0]]", ["network.connection_probability"]),
    "no neurons": ("[network]\nsizes = [0, 0, 0, 0]", ["network.sizes"]),
    "a negative size": ("[network]\nsizes = {CS = -1}", ["network.sizes.CS"]),
    "a positive inhibitory weight": (
        f"[network]\ntarget_weights = {TABLE.format(0.1)}",
        ["network.target_weights[3][3]"],
    ),
    "a probability above one": (
        f"[network]\nprob = {TABLE.format(2)}",
        ["network.connection_probability[3][3]"],
    ),
    "not a number": ("[dynamics]\ntau = nan", ["dynamics.tau"]),
    "infinite": ("[plasticity]\ntau_learn = inf", ["plasticity.tau_learn"]),
    "a negative seed": ("seed = -1", ["seed"]),
    "a seed of 20 digits": ("seed = 99999999999999999999", ["seed"]),
    "a step of zero": ("[dynamics]\ndt = 0", ["dynamics.dt"]),
    "a step above tau": ("[dynamics]\ndt = 0.2", ["dynamics.dt"]),
    "an onset after the end": ("[plasticity]\nonset_step = 2500", ["plasticity.onset_step"]),
    "a rule that does not exist": ('[plasticity]\nrule = "hebb"', ["plasticity.rule"]),
    "two directions": ("[stimulus]\ndirections = [0, 90]", ["stimulus.directions"]),
    "directions without opposites": ("[stimulus]\ndirections = [0, 1, 2, 3]", ["stimulus.directions"]),
    "an empty name": ('name = ""', ["name"]),
    "a name of 4,000 characters": (f'name = "{"x" * 4000}"', ["name"]),
    "three faults at once": (
        'seed = "a"\n[dynamics]\ntau = -1\n[plasticity]\nonset = 3',
        ["seed", "dynamics.tau", "plasticity.onset"],
    ),
    "a search for nothing": ('[tuning.space]\n"network.gama" = {low = 1, high = 2}', ["tuning.space"]),
}

# Whole files that are no TOML.
FILES: dict[str, bytes] = {
    "empty": b"",
    "only a comment": b"# nothing here\n",
    "binary": bytes(range(256)) * 40,
    "Latin-1": 'name = "Müller"'.encode("latin-1"),
    "UTF-16": 'name = "x"'.encode("utf-16"),
    "an open quote": b'name = "x\nseed = 1\n',
    "no value": b"seed =\n",
    "a key twice": b"seed = 1\nseed = 2\n",
    "a section twice": b"[network]\n[network]\n",
    "JSON": b'{"seed": 1}',
    "nested a thousand times": b"a = " + b"[" * 100_000,
    "escape sequences": b"\x1b[31mseed\x1b[0m = 1",
}


def check_refusal(arguments: list[str], workspace: Workspace, begins: str) -> list[str]:
    """Run a command that has to be refused; the lines that it says."""
    before = snapshot(workspace.root)
    result = CliRunner().invoke(app, arguments, prog_name="l5tui")
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    lines = result.stderr.splitlines()
    assert lines
    for line in lines:
        assert line.startswith(begins)
        assert line.isprintable()
        assert "Traceback" not in line
        assert len(line) < 600
    assert snapshot(workspace.root) == before
    return lines


@pytest.mark.parametrize("words", [("run", "--headless"), ("check",)], ids=["run", "check"])
@pytest.mark.parametrize("kind", TEXTS)
def test_each_fault_has_a_line_of_its_own(fresh: Workspace, kind: str, words: tuple[str, ...]) -> None:
    text, keys = TEXTS[kind]
    (fresh.experiments / "broken.toml").write_text(text)
    lines = check_refusal([*words, "experiments/broken.toml"], fresh, "experiments/broken.toml: ")
    assert len(lines) == len(keys)
    for line, key in zip(lines, keys, strict=True):
        assert line.startswith(f"experiments/broken.toml: {key}")
        assert "got " in line
        assert "allowed " in line


@pytest.mark.parametrize("kind", FILES)
def test_invalid_toml_is_reported_in_one_line(fresh: Workspace, kind: str) -> None:
    (fresh.experiments / "broken.toml").write_bytes(FILES[kind])
    for words in (["run", "--headless"], ["check"]):
        lines = check_refusal([*words, "experiments/broken.toml"], fresh, "experiments/broken.toml")
        assert len(lines) == 1


def test_files_that_are_not_there_or_no_files(fresh: Workspace) -> None:
    huge = fresh.experiments / "huge.toml"
    with huge.open("wb") as file:
        file.truncate(50_000_000)
    (fresh.experiments / "to nowhere.toml").symlink_to("nowhere")
    (fresh.experiments / "to itself.toml").symlink_to("to itself.toml")
    for name in (
        "missing.toml",
        "",
        "huge.toml",
        "to nowhere.toml",
        "to itself.toml",
        "x" * 300,
        "huge.toml/x",
    ):
        path = f"experiments/{name}"
        (line,) = check_refusal(["run", "--headless", path], fresh, str(Path(path)))
        assert line != path
    (line,) = check_refusal(["run", "--headless", "/dev/null"], fresh, "/dev/null: ")
    assert line == "/dev/null: cannot be read: not a regular file"


def test_a_file_s_hostile_name_cannot_steer_the_terminal(fresh: Workspace) -> None:
    check_refusal(["check", "a\n\x1b[31mb.toml"], fresh, "a\\n\\x1b[31mb.toml: no such file")
    check_refusal(["check", os.fsdecode(b"\xff.toml")], fresh, "\\udcff.toml: no such file")


@pytest.mark.parametrize(
    "option",
    [
        ("--set", "plasticity.rule=hebb"),
        ("--set", "plasticity.rul=oja"),
        ("--set", "nonsense"),
        ("--set", ""),
        ("--set", "seed=1\nname=2"),
        ("--set", "network.sizes=[1,2]"),
        ("--seed", "-1"),
        ("--seed", "9223372036854775808"),
        ("--name", ""),
        ("--name", "x" * 4000),
    ],
)
def test_options_are_checked_like_the_file(fresh: Workspace, option: tuple[str, str]) -> None:
    (line,) = check_refusal(["run", "--headless", "experiments/quickstart.toml", *option], fresh, "--set: ")
    assert len(line) > len("--set: ")


def test_a_process_of_its_own_says_the_same(fresh: Workspace) -> None:
    (fresh.experiments / "broken.toml").write_text(TEXTS["three faults at once"][0])
    before = snapshot(fresh.root)
    done = l5tui("run", "--headless", "experiments/broken.toml", folder=fresh.root)
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 3
    assert snapshot(fresh.root) == before


def test_check_says_what_a_good_file_would_do(cli: CommandLine) -> None:
    before = snapshot(cli.workspace.root)
    printed = cli("check", "experiments/tiny.toml", "--set", "simulation.realizations=1")
    assert printed.stderr == ""
    assert printed.stdout.startswith(
        "experiments/tiny.toml: good. 44 neurons, rule sliding_bcm, "
        "1 realization × 4 directions × 300 steps, hash "
    )
    assert snapshot(cli.workspace.root) == before


def test_check_prints_notes_and_warnings(cli: CommandLine) -> None:
    printed = cli(
        "check", "experiments/tiny.toml", "--set", "network.gamma=2", "--set", "plasticity.rule=bcm"
    )
    _, *lines = printed.stdout.splitlines()
    assert [line.split(": ")[:2] for line in lines] == [
        ["note", "network.target_weights[0][3]"],
        ["note", "network"],
        ["warning", "network.gamma"],
    ]
