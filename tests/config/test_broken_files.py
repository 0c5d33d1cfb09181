"""Files that are no experiment: each is refused in one line a fault, with the key that is wrong."""

from __future__ import annotations

import os
import stat
import time
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from l5tui.config import Experiment
from l5tui.config.toml_text import MAX_BYTES, parse_toml
from l5tui.config.validation import validate
from l5tui.errors import ConfigError

WEIGHTS = "[[0,0,0,0],[0,0,0,0],[0,0,0,0],[0,0,0,{}]]"

# What is in the file, the key of the only fault, and a part of its line.
BROKEN_KEYS: list[tuple[str, str, str]] = [
    ('seed = "42"', "seed", 'got text "42", allowed a whole number'),
    ("seed = 1.5", "seed", "got the number 1.5"),
    ("seed = -1", "seed", "got -1"),
    ("seed = 9223372036854775808", "seed", "got 9223372036854775808"),
    ("seed = 0x" + "f" * 5000, "seed", "got a whole number of about 6021 digits"),
    ('variant = "orignal"', "variant", 'did you mean "original"?'),
    ("tags = [1]", "tags[0]", "got the number 1"),
    ("sedd = 1", "sedd", 'did you mean "seed"?'),
    ("[netwrok]\n", "netwrok", 'did you mean "network"?'),
    ("network = 1", "network", "allowed a table of sizes"),
    ("[[network]]\ngamma = 1", "network", "got a list of 1"),
    ("[network]\nsizes = [1, 2, 3]", "network.sizes", "got a list of 3"),
    ("[network]\nsizes = {CS = 1.0}", "network.sizes.CS", "got the number 1.0"),
    ("[network]\nsizes = {VIP = 1}", "network.sizes.VIP", "one of CS, CC, PV, SST"),
    ("[network]\nsizes = [0, 0, 0, 0]", "network.sizes", "0 neurons in all"),
    ("[network]\nsizes.CS = 1000000", "network.sizes.CS", "got 1000000"),
    (
        "[network]\nprob = [[0, 0, 0, 0]]",
        "network.connection_probability",
        "got a list of 1 as prob",
    ),
    (
        f"[network]\nconnection_probability = {WEIGHTS.format(1.5)}",
        "network.connection_probability[3][3]",
        "from 0 to 1",
    ),
    (
        f"[network]\nconnection_probability = {WEIGHTS.format(1)}",
        "network.connection_probability[3][3]",
        "no neuron contacts itself",
    ),
    (
        f"[network]\ntarget_weights = {WEIGHTS.format(0.1)}",
        "network.target_weights[3][3]",
        "as SST is inhibitory",
    ),
    (f"[network]\ntarget_weights = {WEIGHTS.format('nan')}", "network.target_weights[3][3]", "got nan"),
    ("[network]\nweight_noise = -0.1", "network.weight_noise", "got -0.1"),
    ("[network]\ngamma = inf", "network.gamma", "got inf"),
    ("[dynamics]\ntau = 0", "dynamics.tau", "allowed a number > 0"),
    ("[dynamics]\ntau = 1e999", "dynamics.tau", "got inf"),
    ("[dynamics]\ntau = 2026-01-02", "dynamics.tau", "got the date 2026-01-02"),
    ("[dynamics]\ndt = 0.2", "dynamics.dt", "less than dynamics.tau = 0.1"),
    ("[dynamics]\ndt = 0.02\ndelta_t = 0.02", "dynamics.dt", "both dt and delta_t"),
    ("[dynamics]\nduration_tau = 1e7", "dynamics.duration_tau", "steps"),
    ('[dynamics]\nintegrator = "heun"', "dynamics.integrator", 'one of "euler", "rk4"'),
    ("[plasticity]\nonset_step = 2500", "plasticity.onset_step", "less than the run's 2500 steps"),
    ('[plasticity]\ndale = "yes"', "plasticity.dale", "allowed true or false"),
    ('[plasticity]\nrule = ["oja"]', "plasticity.rule", "got a list of 1"),
    ("[stimulus]\ndirections = [0, 90, 180]", "stimulus.directions", "got a list of 3"),
    ("[stimulus]\ndirections = [0, 90, 180, 275]", "stimulus.directions", "a set that lacks"),
    ("[stimulus]\namplitude = {CS = -1}", "stimulus.amplitude.CS", "got -1"),
    ("[stimulus]\nsteady = [true, false, 1, false]", "stimulus.steady.PV", "got the number 1"),
    ("[simulation]\nrealizations = 0", "simulation.realizations", "from 1 to 10000"),
    ("[tuning.space]\nplasticity.tau = [1, 2]", "tuning.space.plasticity.low", "got nothing"),
]

# What is in the file, where the fault is said to be, and a part of its line.
BROKEN_TEXTS: list[tuple[bytes, str, str]] = [
    (b"", "", "the file is empty"),
    (b"\n\n  \n", "", "the file is empty"),
    (b"# seed = 42\n", "", "the file is empty"),
    (b"seed = 42\0", "", "a binary file"),
    (b"\x89PNG" + bytes(range(256)) * 100, "", "a binary file"),
    ("seed = 42 # größe".encode("latin-1"), ":1", "the byte 0xf6, which is not UTF-8"),
    ("seed = 42".encode("utf-16"), "", "a binary file"),
    (b"seed = 42\nname = 'a\n", ":2", "not TOML"),
    (b"seed = 42\n\nname 'a'\n", ":3:6", "not TOML: Expected '='"),
    (b"seed = 42\nseed = 43\n[network]\n", ":2:10", "a key is given twice"),
    (b"[dynamics]\n[network]\n[dynamics]\n", ":3:10", "the table [dynamics] is given twice"),
    (
        b"[stimulus.amplitude]\n[stimulus.amplitude]\n",
        ":2:20",
        "the table [stimulus.amplitude] is given twice",
    ),
    (b"[network", ":1", "not TOML"),
    (b"seed = ", ":1", "not TOML"),
    (b'name = "\\ud800"', ":1:15", "not a Unicode scalar value"),
    (b'name = "\x1b[31m"', ":1:9", "Illegal character '\\x1b'"),
    (b"seed = 1\r\nname = 01", ":2:9", "not TOML"),
    (b"seed = 1\n\nseed = " + b"9" * 5000, ":3", "a number of more than 4300 digits"),
    (b"tags = " + b"[" * 100_000, "", "nested too deeply"),
    (b"tags = " + b"[" * 2_000 + b"]" * 2_000, "", "nested too deeply"),
    (b"x = " + b"{a=" * 5_000, "", "nested too deeply"),
    (b"seed = 1\n" + b"a." * 100_000 + b"a = 1", ":2", "a key of more than 32 parts"),
    (b"x = 1\n[" + b'"a" . ' * 100_000 + b"a]", ":2", "a key of more than 32 parts"),
    (b"#" * (MAX_BYTES + 1), "", "got a file of 1.0 MB, allowed at most 1 MB"),
]


def refusal(path: Path, start: str) -> list[str]:
    """The lines of the refusal, each checked to begin with the file and to be one safe line."""
    with pytest.raises(ConfigError) as caught:
        Experiment.load(path)
    error = caught.value
    assert error.exit_code == 2
    lines = str(error).split("\n")
    assert len(lines) == len(error.faults)
    for line in lines:
        assert line.startswith(f"{start}: ")
        assert line.isprintable()
        assert len(line) < 600
    return lines


@pytest.mark.parametrize(("text", "key", "message"), BROKEN_KEYS, ids=lambda value: value[:40])
def test_a_wrong_key_is_named(tmp_path: Path, text: str, key: str, message: str) -> None:
    path = tmp_path / "broken.toml"
    path.write_text(text)
    first, *others = refusal(path, str(path))
    assert first.startswith(f"{path}: {key}: got ")
    assert message in first
    # A range written as a table within a table lacks both its ends, and has a key too many.
    assert len(others) == (2 if key.startswith("tuning.space") else 0)


@pytest.mark.parametrize(("content", "place", "message"), BROKEN_TEXTS, ids=lambda value: str(value[:20]))
def test_what_is_no_toml_is_refused_at_its_line(
    tmp_path: Path, content: bytes, place: str, message: str
) -> None:
    path = tmp_path / "broken.toml"
    path.write_bytes(content)
    started = time.perf_counter()
    (line,) = refusal(path, f"{path}{place}")
    assert message in line
    assert time.perf_counter() - started < 2


def test_a_missing_file(tmp_path: Path) -> None:
    path = tmp_path / "missing.toml"
    assert refusal(path, str(path)) == [f"{path}: no such file"]


def test_a_folder(tmp_path: Path) -> None:
    assert refusal(tmp_path, str(tmp_path)) == [f"{tmp_path}: a folder, not a TOML file"]


def test_a_file_in_place_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("seed = 1")
    path = tmp_path / "file" / "x.toml"
    assert refusal(path, str(path)) == [f"{path}: cannot be read: Not a directory"]


def test_a_huge_file_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "huge.toml"
    with path.open("wb") as file:
        file.truncate(50_000_000)
    assert refusal(path, str(path)) == [f"{path}: got a file of 50.0 MB, allowed at most 1 MB"]


def test_a_device_without_end() -> None:
    path = Path("/dev/zero")
    assert refusal(path, "/dev/zero") == ["/dev/zero: cannot be read: not a regular file"]


def test_a_file_without_permission(tmp_path: Path) -> None:
    path = tmp_path / "secret.toml"
    path.write_text("seed = 1")
    path.chmod(stat.S_IWUSR)
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)  # the superuser may read everything
    try:
        assert refusal(path, str(path)) == [f"{path}: no permission to read this file"]
    finally:
        os.seteuid(user)


@pytest.mark.parametrize(
    "name", ["a\0b.toml", "a\ud800.toml", "x" * 5000, "two\nlines.toml", "\x1b[31m.toml"]
)
def test_names_that_no_file_can_have_or_that_a_terminal_would_act_on(name: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Experiment.load(name)
    assert str(caught.value).isprintable()


def test_the_path_is_printed_as_it_was_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("experiments").mkdir()
    Path("experiments/bad.toml").write_text("seed = 'x'")
    with pytest.raises(ConfigError, match=r"^experiments/bad\.toml: seed: got text"):
        Experiment.load("experiments/bad.toml")


def test_a_large_file_of_faults_is_refused_quickly(tmp_path: Path) -> None:
    path = tmp_path / "broken.toml"
    path.write_text("\n".join(f"seeds{i} = {i}" for i in range(50_000)))
    started = time.perf_counter()
    assert len(refusal(path, str(path))) == 201
    assert time.perf_counter() - started < 10


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(
        st.text(),
        st.text(alphabet="[]{}=.,\"'\\#\n\r\t 01ae_-:+naifT\x00é", max_size=60),
        st.lists(
            st.sampled_from(["seed", "=", "[", "]", "{", "}", "network", ".", "1", "nan", '"', "\n", ","])
        ).map("".join),
    )
)
@example("=")
def test_any_text_is_an_experiment_or_refused(text: str) -> None:
    try:
        validate(parse_toml(text, "any.toml"), "any.toml")
    except ConfigError as error:
        lines = error.lines()
    else:
        return
    assert lines
    assert all(line.isprintable() for line in lines)
