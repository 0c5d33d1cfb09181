"""Faults: every one of a file at once, one line each, and never anything but a ConfigError."""

from __future__ import annotations

import datetime
import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from l5tui.config import Experiment, parameters
from l5tui.config.faults import MAX_FAULTS
from l5tui.config.rules import rule_names
from l5tui.config.toml_text import parse_toml
from l5tui.config.validation import all_faults, validate
from l5tui.config.wording import WIDTH, dotted, one_line, overlap, quoted, shown, shown_with_kind
from l5tui.errors import ConfigError, Fault


def fault_lines(data: dict[str, Any]) -> list[str]:
    return [str(fault) for fault in all_faults(data)]


def test_no_fault_in_the_default() -> None:
    assert all_faults({}) == []


SIX_FAULTS = """
sede = 3
[network]
sizes = [9, 55, 9]
target_weights = [[-0.27, 0, 1, 0], [0.19, 0.24, 0.48, 0.09], [0, 0, 0, 0], [0, 0, 0, 0]]
[dynamics]
tau = "long"
[plasticity]
rule = "slidingbcm"
[stimulus]
directions = [0, 90, 180, 400]
"""


def test_six_faults_of_different_kinds_are_reported_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        validate(parse_toml(SIX_FAULTS), "my.toml")
    lines = str(caught.value).splitlines()
    rules = ", ".join(f'"{name}"' for name in rule_names())
    assert lines == caught.value.lines()
    assert sorted(lines) == [
        'my.toml: dynamics.tau: got text "long", allowed a number > 0 and ≤ 1e6',
        "my.toml: network.sizes: got a list of 3, allowed a table or list of four (CS, CC, PV, SST), "
        "each a whole number from 0 to 20000",
        "my.toml: network.target_weights[0][0]: got -0.27, allowed 0 or more, as CS is excitatory",
        f'my.toml: plasticity.rule: got "slidingbcm", allowed one of {rules}; did you mean "sliding_bcm"?',
        "my.toml: sede: got an unknown key, allowed one of name, notes, tags, seed, variant; "
        'did you mean "seed"?',
        "my.toml: stimulus.directions[3]: got 400, allowed a number ≥ 0 and < 360",
    ]
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("data", "line"),
    [
        ({"network": 3}, "network: got the number 3, allowed a table of sizes, "),
        ({"network": {"gama": 1}}, "network.gama: got an unknown key, allowed one of sizes, "),
        (
            {"stimulus": {"amplitude": {"VIP": 1}}},
            "stimulus.amplitude.VIP: got an unknown key, allowed one of CS, CC",
        ),
        ({"seed": True}, "seed: got true, allowed a whole number"),
        ({"seed": 4.0}, "seed: got the number 4.0, allowed a whole number"),
        ({"seed": 10**400}, "seed: got a whole number of about 401 digits, allowed a whole number"),
        ({"seed": -1}, "seed: got -1, allowed"),
        ({"name": 5}, "name: got the number 5, allowed text"),
        ({"name": ""}, 'name: got "", allowed text of 1 to 200 characters'),
        ({"name": "x" * 201}, 'name: got "xxx'),
        ({"tags": "a"}, 'tags: got text "a", allowed a list of at most 50 values'),
        ({"tags": ["a", ""]}, 'tags[1]: got "", allowed text of 1 to 100 characters'),
        ({"dynamics": {"tau": math.nan}}, "dynamics.tau: got nan, allowed a number"),
        ({"dynamics": {"tau": math.inf}}, "dynamics.tau: got inf, allowed a number"),
        ({"dynamics": {"tau": 10**400}}, "dynamics.tau: got a whole number of about 401 digits"),
        (
            {"dynamics": {"tau": datetime.date(2026, 1, 2)}},
            "dynamics.tau: got the date 2026-01-02, allowed a number",
        ),
        ({"dynamics": {"tau": datetime.time(1, 2)}}, "dynamics.tau: got the time 01:02:00, allowed"),
        ({"dynamics": {"tau": {}}}, "dynamics.tau: got a table, allowed a number"),
        ({"dynamics": {"tau": None}}, "dynamics.tau: got nothing, allowed a number"),
        ({"dynamics": {"delta_t": "x"}}, 'dynamics.dt: got text "x" as delta_t, allowed a number'),
        ({"dynamics": {"delta_t": 1, "dt": 1}}, "dynamics.dt: got both dt and delta_t, allowed one of them"),
        ({"plasticity": {"dale": 1}}, "plasticity.dale: got the number 1, allowed true or false"),
        ({"network": {"N": [1, 2, 3, -4]}}, "network.sizes.SST: got -4 as N, allowed a whole number from 0"),
        ({"network": {"prob": [[0.1] * 4] * 3}}, "network.connection_probability: got a list of 3 as prob"),
        (
            {"network": {"connection_probability": [[0.1] * 4, [0.1] * 3, [0.1] * 4, [0.1] * 4]}},
            "network.connection_probability[1]: got a list of 3, allowed a list of four, each a number from",
        ),
        (
            {"network": {"connection_probability": [[0.1] * 4, [0.1] * 5, [0.1] * 4, [0.1] * 4]}},
            "network.connection_probability[1]: got a list of 5, allowed a list of four",
        ),
        (
            {"stimulus": {"directions": [0, 90]}},
            "stimulus.directions: got a list of 2, allowed a list of 4 to 360",
        ),
        (
            {"stimulus": {"directions": [0, 90, 180, "270"]}},
            'stimulus.directions[3]: got text "270", allowed',
        ),
        (
            {"tuning": {"space": {"dynamics.tau": 3}}},
            "tuning.space.dynamics.tau: got the number 3, allowed a table of",
        ),
        (
            {"tuning": {"space": {"dynamics.tau": {"low": 1}}}},
            "tuning.space.dynamics.tau.high: got nothing, allowed",
        ),
        (
            {"tuning": {"space": {"dynamics.tau": [1]}}},
            "tuning.space.dynamics.tau: got a list of 1, allowed a table",
        ),
        (
            {"tuning": {"space": {"dynamics.tau": [1, []]}}},
            "tuning.space.dynamics.tau[1]: got a list of 0, allowed",
        ),
        ({"simulations": {}}, "simulations: got an unknown section, allowed one of network, dynamics, "),
        ({"\x1b[31m\n": 1}, '"\\x1b[31m\\n": got an unknown key'),
        ({"variant": "\x1b[2J\x07"}, 'variant: got "\\x1b[2J\\x07", allowed one of "original", "corrected"'),
        ({"variant": "a\u202eb\x9b"}, 'variant: got "a\\u202eb\\x9b", allowed'),
    ],
    ids=lambda value: value.partition(":")[0] if isinstance(value, str) else "",
)
def test_a_fault_is_one_line_with_its_key(data: dict[str, Any], line: str) -> None:
    (only,) = fault_lines(data)
    assert only.startswith(line)
    assert only.isprintable()


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ({"netwrok": {}}, '"network"'),
        ({"Seed": 1}, '"seed"'),
        ({"network": {"sise": []}}, '"sizes"'),
        ({"plasticity": {"tau_lern": 1}}, '"tau_learn"'),
        ({"plasticity": {"dt": 1}}, '"dynamics.dt"'),
        ({"rule": "oja"}, '"plasticity.rule"'),
        ({"learning_rule": "oja"}, '"plasticity.rule"'),
        ({"dynamics": {"integrator": "eular"}}, '"euler"'),
    ],
    ids=str,
)
def test_a_misspelt_or_misplaced_name_is_guessed(written: dict[str, Any], meant: str) -> None:
    (only,) = fault_lines(written)
    assert only.endswith(f"; did you mean {meant}?")


def test_nothing_is_guessed_where_nothing_is_near() -> None:
    assert "did you mean" not in fault_lines({"zzzzzz": 1})[0]
    assert "did you mean" not in fault_lines({"seed" * 1000: 1})[0]


def test_hidden_faults_come_to_light() -> None:
    data = {
        "network": {
            "N": [1, 2, 3, 4],
            "sizes": [1, 2, 3, 4],
            "gamma": "g",
            "prob": 1,
            "connection_probability": 2,
        },
        "dynamics": {"dt": 3, "duration_tau": 0.0},
        "tuning": {"space": {"a": {"low": 1, "up": 3, "log": 1}}},
    }
    assert {fault.key for fault in all_faults(data)} == {
        "network.sizes",
        "network.connection_probability",
        "network.gamma",
        "dynamics.duration_tau",
        "dynamics.dt",
        "tuning.space.a.high",
        "tuning.space.a.up",
        "tuning.space.a.log",
    }


def test_what_was_given_is_left_as_it_was() -> None:
    data = {"dynamics": {"tau": "x"}, "network": {"sizes": [1, 2, 3]}}
    all_faults(data)
    assert data == {"dynamics": {"tau": "x"}, "network": {"sizes": [1, 2, 3]}}


def test_faults_beyond_counting_are_cut_short() -> None:
    faults = all_faults({f"key{i}": i for i in range(50_000)})
    assert len(faults) == MAX_FAULTS + 1
    assert faults[-1] == Fault("", "more faults than are listed", "")


@pytest.mark.parametrize(
    "value",
    ["x" * 10**6, "\x1b" * 10**6, "\n" * 100, [0] * 10**5, -(10**5000), 1e300, "é\u200b"],
    ids=["long", "escapes", "lines", "list", "digits", "float", "invisible"],
)
def test_shown_values_are_short_and_safe(value: Any) -> None:
    for text in (shown(value), shown_with_kind(value)):
        assert len(text) <= WIDTH
        assert text.isprintable()


def test_keys_are_shown_as_paths() -> None:
    assert dotted(("network", "target_weights", 0, 1)) == "network.target_weights[0][1]"
    assert dotted(("tuning", "space", "dynamics.tau", "low")) == "tuning.space.dynamics.tau.low"
    assert dotted(("a b", "")) == '"a b".""'


def test_a_cut_text_says_so() -> None:
    assert one_line("abcdef", 4) == "abc…"
    assert quoted('a"b\\') == '"a\\"b\\\\"'


def test_overlap_of_keys() -> None:
    assert overlap("network.sizes", "network.sizes.CS")
    assert overlap("network.target_weights[0][1]", "network.target_weights")
    assert not overlap("dynamics.tau", "dynamics.tau_2")


TEXT = st.text(max_size=10)
KEYS = st.sampled_from(
    sorted(
        {part for known in parameters() for part in (*known.path.split("."), known.alias)}
        | {"N", "low", "high"}
    )
)
SCALARS = st.one_of(
    st.booleans(),
    st.integers(),
    st.integers(-(10**400), 10**400),
    st.floats(),
    TEXT,
    KEYS,
    st.dates(),
    st.datetimes(),
    st.times(),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=5),
        st.lists(inner, min_size=4, max_size=4),
        st.dictionaries(st.one_of(KEYS, TEXT), inner, max_size=5),
    ),
    max_leaves=6,
)


@st.composite
def nearly_right(draw: st.DrawFn) -> dict[str, Any]:
    """Tables that have real paths, with anything in their places."""
    data: dict[str, Any] = {}
    for known in draw(st.lists(st.sampled_from(parameters()), max_size=4)):
        inner: Any = data
        *sections, key = known.path.split(".")
        for section in sections:
            inner = inner.setdefault(section, {})
        inner[known.alias if known.alias and draw(st.booleans()) else key] = draw(VALUES)
    return data


@settings(max_examples=200, deadline=None)
@given(st.one_of(nearly_right(), st.dictionaries(st.one_of(KEYS, TEXT), VALUES, max_size=6)))
def test_anything_is_an_experiment_or_a_list_of_faults(data: dict[str, Any]) -> None:
    try:
        experiment = validate(data, "any.toml")
    except ConfigError as error:
        lines = error.lines()
    else:
        assert isinstance(experiment, Experiment)
        assert all_faults(data) == []
        return
    assert len(set(lines)) == len(lines) > 0
    for line in lines:
        assert line.startswith("any.toml: ")
        assert line.isprintable()
