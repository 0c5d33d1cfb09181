"""Reading and writing an experiment's file: names, encodings, comments, and never half a file."""

from __future__ import annotations

import os
import stat
import tomllib
from pathlib import Path

import pytest

from l5tui.config import Experiment
from l5tui.config.toml_file import read_experiment, to_toml, write_experiment
from l5tui.errors import ConfigError

BY_HAND = """\
# What happens with a strong stimulus?
# Second line.

seed = 7  # my lucky number

# Wiring
[network]
N = [9, 55, 9, 7]   # small
w_noise = 3e-2
target_weights = [
  # CS
  [0.27, 0, 1.01, 0.05],
  [0.19, 0.24, 0.48, 0.09],  # CC
  [-0.32, -0.52, -0.47, -0.44],
  [-0.19, -0.11, -0.18, -0.19],
]

[stimulus]
amplitude.CS = 1  # dotted
steady = { PV = true } # inline

  [dynamics]   # indented
  delta_t = 0.02
"""


def changed(experiment: Experiment, **sections: object) -> Experiment:
    """The experiment with some keys of its sections at other values."""
    data = experiment.model_dump()
    for section, values in sections.items():
        if isinstance(values, dict):
            data[section].update(values)
        else:
            data[section] = values
    return Experiment.model_validate(data)


@pytest.fixture
def by_hand(tmp_path: Path) -> Path:
    path = tmp_path / "strong.toml"
    path.write_text(BY_HAND)
    return path


def test_a_file_is_read_with_its_names_and_forms(by_hand: Path) -> None:
    experiment = Experiment.load(by_hand)
    assert experiment.seed == 7
    assert experiment.network.sizes.in_order() == (9, 55, 9, 7)
    assert experiment.stimulus.amplitude.in_order() == (1, 5, 10, 5)
    assert experiment.stimulus.steady.in_order() == (False, False, True, False)
    assert experiment.dynamics.dt == 0.02


def test_an_experiment_without_a_name_takes_the_file_s(by_hand: Path) -> None:
    read = read_experiment(by_hand)
    assert read.experiment.name == "strong"
    assert read.text == BY_HAND.replace("# Second line.\n", '# Second line.\nname = "strong"\n')
    assert Experiment.load(str(by_hand)) == read.experiment


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("seed = 1", 'name = "strong"\nseed = 1'),
        ("[network]\n", 'name = "strong"\n\n[network]\n'),
        ("# a\n[network]\n", '# a\nname = "strong"\n\n[network]\n'),
        ("# a\n\n# b\nseed = 1\n", '# a\nname = "strong"\n\n# b\nseed = 1\n'),
        ("# a\u2028b\nseed = 1\n", '# a\u2028b\nname = "strong"\nseed = 1\n'),
        ("# a\r\nseed = 1\r\n", '# a\r\nname = "strong"\r\nseed = 1\r\n'),
        ('seed = 1\nname = "mine"\n', 'seed = 1\nname = "mine"\n'),
    ],
)
def test_the_text_carries_the_name(by_hand: Path, text: str, expected: str) -> None:
    by_hand.write_bytes(text.encode())
    read = read_experiment(by_hand)
    assert read.text == expected
    by_hand.rename(other := by_hand.with_name("other.toml"))
    other.write_bytes(read.text.encode())
    assert Experiment.load(other) == read.experiment


def test_a_name_that_is_not_text_is_made_so(tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.toml"))
    path.write_text("seed = 1")
    assert Experiment.load(path).name == "caf?"


def test_a_byte_order_mark_is_no_fault(by_hand: Path) -> None:
    by_hand.write_bytes(b"\xef\xbb\xbf" + BY_HAND.encode())
    assert read_experiment(by_hand).text.startswith("# What happens")


def test_what_differs_is_all_that_changes(by_hand: Path) -> None:
    experiment = changed(
        read_experiment(by_hand).experiment,
        name="unnamed",
        seed=8,
        network={"sizes": [9, 60, 9, 7], "target_weights": [[0.27, 0, 1.01, 0.5], *([[0.0] * 4] * 3)]},
        stimulus={"amplitude": [2, 5, 10, 6.5]},
        dynamics={"dt": 0.025},
    )
    expected = BY_HAND
    for old, new in [
        ("seed = 7 ", "seed = 8 "),
        ("55", "60"),
        ("1.01, 0.05]", "1.01, 0.5]"),
        ("[0.19, 0.24, 0.48, 0.09]", "[0.0, 0.0, 0.0, 0.0]"),
        ("[-0.32, -0.52, -0.47, -0.44]", "[0.0, 0.0, 0.0, 0.0]"),
        ("[-0.19, -0.11, -0.18, -0.19]", "[0.0, 0.0, 0.0, 0.0]"),
        ("amplitude.CS = 1  # dotted\n", "amplitude.CS = 2.0  # dotted\namplitude.SST = 6.5\n"),
        ("delta_t = 0.02", "delta_t = 0.025"),
    ]:
        expected = expected.replace(old, new)
    assert to_toml(experiment, BY_HAND) == expected


def test_new_sections_go_below_and_top_keys_above(by_hand: Path) -> None:
    experiment = changed(
        Experiment.load(by_hand),
        plasticity={"rule": "oja"},
        tags=["a"],
        tuning={"space": {"network.gamma": {"low": 1, "high": 2}}},
    )
    text = to_toml(experiment, BY_HAND)
    assert text.endswith(
        '\n[plasticity]\nrule = "oja"\n\n[tuning.space]\n"network.gamma" = {low = 1.0, high = 2.0}\n'
    )
    top = tomllib.loads(text[: text.index("[network]")])
    assert top == {"seed": 7, "name": "strong", "tags": ["a"]}


def test_lines_keep_their_ends() -> None:
    base = BY_HAND.replace("\n", "\r\n")
    text = to_toml(changed(Experiment(), seed=9, network={"gamma": 2.0}), base)
    assert text.count("\n") == text.count("\r\n") > BY_HAND.count("\n")


def test_keys_at_their_defaults_are_not_taken_out() -> None:
    text = to_toml(Experiment(), "# kept\n[plasticity]\nrule = 'oja'\nphase_steps = 10 # kept too\n")
    assert text == '# kept\n[plasticity]\nrule = "sliding_bcm"\nphase_steps = 10 # kept too\n'


def test_an_empty_search_leaves_a_file_that_can_be_read() -> None:
    text = to_toml(Experiment(), '# a\ntuning.space."network.gamma" = [1, 2]\n')
    assert tomllib.loads(text) == {"name": "unnamed"}


def test_a_text_from_nothing_says_what_differs() -> None:
    experiment = Experiment.model_validate(
        {
            "name": "mine",
            "notes": 'Two\nlines, "quoted"',
            "network": {"sizes": {"PV": 0}},
            "plasticity": {"tau_learn": 1e-7, "rule": "bcm"},
            "recording": {"every": 5, "rates": "period_means"},
            "tuning": {"trials": 10, "space": {"network.gamma": {"low": 1, "high": 2, "log": True}}},
        }
    )
    assert to_toml(experiment) == (
        'name = "mine"\nnotes = """\nTwo\nlines, "quoted\\""""\nseed = 42\nvariant = "corrected"\n\n'
        "[network]\nsizes = {CS = 45, CC = 275, PV = 0, SST = 34}\n\n"
        '[plasticity]\nrule = "bcm"\ntau_learn = 1e-07\n\n'
        '[recording]\nrates = "period_means"\nevery = 5\n\n'
        "[tuning]\ntrials = 10\n\n"
        '[tuning.space]\n"network.gamma" = {low = 1.0, high = 2.0, log = true}\n'
    )


def test_a_base_with_faults_is_refused() -> None:
    with pytest.raises(ConfigError, match="sedd"):
        to_toml(Experiment(), "sedd = 1")
    with pytest.raises(ConfigError, match="line 1:6: not TOML"):
        to_toml(Experiment(), "seed 1")


def test_writing_and_reading_back(tmp_path: Path) -> None:
    path = tmp_path / "new.toml"
    experiment = changed(Experiment(), name="new", dynamics={"tau": 1 / 3})
    write_experiment(path, experiment)
    assert Experiment.load(path) == experiment
    assert list(tmp_path.iterdir()) == [path]
    umask = os.umask(0)
    os.umask(umask)
    assert stat.S_IMODE(path.stat().st_mode) == 0o666 & ~umask


def test_a_file_keeps_its_permissions_and_a_link_stays_one(by_hand: Path) -> None:
    by_hand.chmod(0o640)
    link = by_hand.with_name("link.toml")
    link.symlink_to(by_hand)
    experiment = changed(Experiment.load(by_hand), seed=8)
    write_experiment(link, experiment, BY_HAND)
    assert link.is_symlink()
    assert stat.S_IMODE(by_hand.stat().st_mode) == 0o640
    assert Experiment.load(by_hand) == experiment
    assert by_hand.read_text().startswith("# What happens")


def test_what_cannot_be_written_leaves_the_old_file_and_nothing_else(
    by_hand: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(file: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ConfigError, match=r"strong\.toml: cannot be written: No space left on device$"):
        write_experiment(by_hand, Experiment())
    assert by_hand.read_text() == BY_HAND
    assert list(by_hand.parent.iterdir()) == [by_hand]


@pytest.mark.parametrize("name", ["no/such/folder.toml", "a\0b.toml", ".", "x" * 5000])
def test_a_place_where_no_file_can_be(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError, match="cannot be written: ") as caught:
        write_experiment(tmp_path / name, Experiment())
    assert str(caught.value).isprintable()
    assert list(tmp_path.iterdir()) == []
