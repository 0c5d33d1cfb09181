"""Assignments from the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from l5tui.config import Experiment, parameters
from l5tui.config.overrides import parse_overrides
from l5tui.config.schema import value_at
from l5tui.config.toml_file import read_experiment, to_toml
from l5tui.errors import ConfigError


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "base.toml"
    path.write_text("# Question?\nseed = 1 # one\n[stimulus]\namplitude = [1, 2, 3, 4] # all four\n")
    return path


@pytest.mark.parametrize(
    ("assignment", "path", "value"),
    [
        ("plasticity.rule=oja", "plasticity.rule", "oja"),
        ('plasticity.rule="oja"', "plasticity.rule", "oja"),
        ("plasticity.rule=none", "plasticity.rule", "none"),
        (" dynamics.tau = 5e-1 ", "dynamics.tau", 0.5),
        ("dynamics.duration_tau=300", "dynamics.duration_tau", 300.0),
        ("dynamics.delta_t=0.02", "dynamics.dt", 0.02),
        ("seed=0x10", "seed", 16),
        ("stimulus.amplitude.CS=3", "stimulus.amplitude.CS", 3.0),
        ("stimulus.steady_input.PV=true", "stimulus.steady.PV", True),
        ("network.N.SST=7", "network.sizes.SST", 7),
        ("plasticity.dale=true", "plasticity.dale", True),
        ('tags=["a", "b"]', "tags", ["a", "b"]),
        ("stimulus.directions=[45, 135, 225, 315]", "stimulus.directions", [45.0, 135.0, 225.0, 315.0]),
        ("name=42", "name", "42"),
        ("name=2026-01-02", "name", "2026-01-02"),
        ("name=my run = good", "name", "my run = good"),
        ("notes=", "notes", ""),
        ("notes=1\nseed=2", "notes", "1\nseed=2"),
    ],
)
def test_a_value_is_toml_or_plain_text(file: Path, assignment: str, path: str, value: Any) -> None:
    read = read_experiment(file, [assignment])
    assert value_at(read.experiment, path) == value
    file.with_name("copy.toml").write_text(read.text)
    assert Experiment.load(file.with_name("copy.toml")) == read.experiment


def test_comments_and_forms_stay(file: Path) -> None:
    read = read_experiment(file, ["seed=2", "stimulus.amplitude.CC=7", "plasticity.learning_rule=oja"])
    assert read.text == (
        '# Question?\nname = "base"\nseed = 2 # one\n[stimulus]\namplitude = [1, 7, 3, 4] # all four\n\n'
        '[plasticity]\nrule = "oja"\n'
    )


def test_the_last_assignment_counts(file: Path) -> None:
    assert Experiment.load(file, ["seed=2", "seed=3"]).seed == 3
    overridden = Experiment.load(file, ["dynamics.dt=0.05", "dynamics.delta_t=0.02"])
    assert overridden.dynamics.dt == 0.02


def test_all_populations_at_once(file: Path) -> None:
    as_list = Experiment.load(file, ["network.N=[9,55,9,7]", "stimulus.amplitude=[5,6,7,8]"])
    assert as_list.network.sizes.in_order() == (9, 55, 9, 7)
    assert as_list.stimulus.amplitude.in_order() == (5, 6, 7, 8)
    as_table = Experiment.load(file, ["network.sizes={PV = 0, SST = 0}", "stimulus.amplitude={CC=9}"])
    assert as_table.network.sizes.in_order() == (45, 275, 0, 0)
    assert as_table.stimulus.amplitude.in_order() == (1, 9, 3, 4)


def test_the_search_space(file: Path) -> None:
    experiment = Experiment.load(
        file,
        [
            "tuning.space.plasticity.tau_learn={low=500, high=5000}",
            'tuning.space."network.gamma"=[1.0, 2.0]',
            "tuning.space.plasticity.tau_learn.log=true",
        ],
    )
    assert set(experiment.tuning.space) == {"plasticity.tau_learn", "network.gamma"}
    assert to_toml(experiment).endswith("= {low = 500.0, high = 5000.0, log = true}\n")


def test_naming_the_interval_selects_samples_whatever_the_file_says(file: Path) -> None:
    file.write_text('[recording]\nrates = "period_means"\nevery = 10\n')
    read = read_experiment(file, ["recording.every=5"])
    assert (read.experiment.recording.rates, read.experiment.recording.every) == ("every", 5)
    assert 'rates = "every"' in read.text
    assert Experiment.load(file, ["recording.rates=none", "recording.every=5"]).recording.rates == "none"


def test_an_assignment_may_mend_the_file(file: Path) -> None:
    file.write_text('seed = "x" # bad\n[dynamics]\ndt = 0.5\n')
    read = read_experiment(file, ["seed=4", "dynamics.tau=0.6", "plasticity.onset_step=0"])
    assert read.experiment.seed == 4
    assert "seed = 4 # bad" in read.text


@pytest.mark.parametrize(
    ("assignment", "line"),
    [
        (
            "plasticity.rule",
            '--set: got "plasticity.rule", allowed section.key=value, such as plasticity.rule=oja',
        ),
        ("", '--set: got "", allowed section.key=value'),
        ("=3", '--set: got "=3", allowed section.key=value'),
        ("a b=3", '--set: got "a b=3", allowed section.key=value'),
        ("se\ned=3", '--set: got "se\\ned=3", allowed'),
        ("a=1\nseed=3", "--set: a: got an unknown key"),
        ("seed = 3\nx.y=3", '--set: seed: got text "3\\nx.y=3", allowed a whole number'),
        ("." * 1000 + "=1", '--set: got "....'),
        ("a." * 50_000 + "b=1", '--set: got "a.a.'),
        (
            "plasticity.rul=oja",
            "--set: plasticity.rul: got an unknown key, allowed the path of a parameter; ",
        ),
        (
            "rule=oja",
            '--set: rule: got an unknown key, allowed the path of a parameter; did you mean "plasticity.rule"?',
        ),
        (
            "delta_t=1",
            '--set: delta_t: got an unknown key, allowed the path of a parameter; did you mean "dynamics.dt"?',
        ),
        ("network={}", "--set: network: got an unknown key, allowed the path of a parameter"),
        ("seed.x=1", "--set: seed.x: got an unknown key"),
        ("network.sizes.VIP=1", "--set: network.sizes.VIP: got an unknown key"),
        (
            "network.sizes={VIP=1}",
            "--set: network.sizes.VIP: got an unknown key, allowed one of CS, CC, PV, SST",
        ),
        ("network.sizes={}", "--set: network.sizes: got an empty table, allowed at least one key"),
        ('"\x1b[31m"=1', '--set: got "\\"\\x1b[31m\\"=1", allowed section.key=value'),
        ('"[31m\u202e"=1', '--set: "[31m\\u202e": got an unknown key'),
        # The value is of the wrong kind, or out of bounds.
        ("seed=x", '--set: seed: got text "x", allowed a whole number ≥ 0 and < 2^63'),
        ("seed=-1", "--set: seed: got -1, allowed a whole number"),
        ("seed=" + "9" * 5000, '--set: seed: got text "999'),
        ("dynamics.tau=nan", "--set: dynamics.tau: got nan, allowed a number > 0"),
        ("network.sizes=[1,2,3]", "--set: network.sizes: got a list of 3, allowed a table or list of four"),
        ("network.N.CS=-1", "--set: network.sizes.CS: got -1, allowed a whole number"),
        ("tags=a", '--set: tags: got text "a", allowed a list of at most 50 values'),
        ("tags=" + "[" * 5000, '--set: tags: got text "[['),
        ("plasticity.rule=ojaa", '--set: plasticity.rule: got "ojaa", allowed one of '),
        ("dynamics.dt=0.5", "--set: dynamics.dt: got 0.5, allowed less than dynamics.tau = 0.1"),
        ("tuning.space.plasticity.tau=[1,2]", "--set: tuning.space.plasticity.tau: got an unknown parameter"),
        ("name=\udcff", '--set: name: got "\\udcff", allowed text'),
    ],
    ids=lambda value: value[:25].encode("ascii", "replace").decode(),
)
def test_a_wrong_assignment_is_reported_in_one_line(file: Path, assignment: str, line: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_experiment(file, [assignment])
    assert str(caught.value).startswith(line)
    assert str(caught.value).isprintable()
    assert caught.value.exit_code == 2


def test_all_malformed_assignments_are_reported_at_once(file: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        read_experiment(file, ["seed", "rule=oja", "seed=3", "x=1"])
    assert [fault.key for fault in caught.value.faults] == ["", "rule", "x"]


def test_faults_of_the_file_and_of_assignments_are_distinguished(file: Path) -> None:
    file.write_text("sedd = 1\n[network]\ngamma = 'x'\n")
    with pytest.raises(ConfigError) as caught:
        read_experiment(file, ["seed=-1", "dynamics.dt=1"])
    assert caught.value.lines() == [
        f"{file}: seed: got -1 from --set, allowed a whole number ≥ 0 and < 2^63",
        f'{file}: network.gamma: got text "x", allowed a number > 0 and ≤ 10',
        f'{file}: sedd: got an unknown key, allowed one of name, notes, tags, seed, variant; did you mean "seed"?',
        f"{file}: dynamics.dt: got 1 from --set, allowed less than dynamics.tau = 0.1",
    ]


@pytest.mark.parametrize("text", ["network = 3", "network.sizes = 3", "network.sizes = [1, 2]"])
def test_an_assignment_into_what_is_no_table_leaves_the_file_s_fault(file: Path, text: str) -> None:
    file.write_text(text)
    with pytest.raises(ConfigError, match=r"network(\.sizes)?: got .*, allowed a table"):
        read_experiment(file, ["network.sizes.CS=3"])


@settings(deadline=None)
@given(
    st.one_of(
        st.text(),
        st.builds(
            "{}={}".format,
            st.sampled_from(
                [p.path for p in parameters()] + ["network.N", "tuning.space", "tuning.space.a.b"]
            ),
            st.one_of(st.text(), st.text(alphabet="[]{}=.,\"'01ae-tru nf", max_size=20)),
        ),
    )
)
def test_any_assignment_is_parsed_or_refused(assignment: str) -> None:
    try:
        changes = parse_overrides([assignment])
    except ConfigError as error:
        lines = error.lines()
    else:
        assert changes
        return
    assert all(line.startswith("--set: ") and line.isprintable() for line in lines)
