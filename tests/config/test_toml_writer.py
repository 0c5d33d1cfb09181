"""Writing: what is read back is the same experiment, and a person's own text stays theirs."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from l5tui.config import POPULATIONS, Experiment, parameters
from l5tui.config.toml_text import parse_toml
from l5tui.config.toml_writer import to_toml, toml_value
from l5tui.config.validation import validate_stored

SPACE = "tuning.space"
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
SEARCHABLE = ("plasticity.tau_learn", "network.gamma", "stimulus.amplitude.CS", "network.weight_noise")


def table(elements: st.SearchStrategy[Any]) -> st.SearchStrategy[list[list[Any]]]:
    row = st.lists(elements, min_size=4, max_size=4)
    return st.lists(row, min_size=4, max_size=4)


def target_weights() -> st.SearchStrategy[list[list[float]]]:
    magnitudes = table(st.floats(0, 1000))
    return magnitudes.map(lambda rows: [[x if i < 2 else -x for x in row] for i, row in enumerate(rows)])


def directions() -> st.SearchStrategy[list[float]]:
    first = st.lists(st.integers(0, 89), min_size=1, max_size=5, unique=True)
    return first.map(lambda angles: [float(a + turn) for a in angles for turn in (0, 90, 180, 270)])


def search_space() -> st.SearchStrategy[dict[str, Any]]:
    ends = st.tuples(st.floats(0.001, 1), st.floats(2, 1e5))
    ranges = st.builds(
        lambda pair, log: {"low": pair[0], "high": pair[1], **({"log": True} if log else {})},
        ends,
        st.booleans(),
    )
    choice = st.one_of(st.booleans(), st.integers(-5, 5), st.floats(-5, 5), TEXT)
    choices = st.lists(choice, min_size=2, max_size=4)
    return st.dictionaries(st.sampled_from(SEARCHABLE), st.one_of(ranges, choices), max_size=3)


def targets() -> st.SearchStrategy[dict[str, Any]]:
    wanted = st.one_of(
        st.fixed_dictionaries({"value": st.floats(-5, 5) | st.integers(-5, 5) | st.just("after/OS.PV")}),
        st.fixed_dictionaries({"sign": st.sampled_from(["positive", "negative"])}),
        st.fixed_dictionaries({"above": st.just("after/DS.CC")}),
    )
    always = st.fixed_dictionaries(
        {"uncertainty": st.floats(0.001, 10), "source": TEXT.filter(bool)},
        optional={"weight": st.floats(0.1, 9)},
    )
    target = st.builds(lambda what, rest: {**what, **rest}, wanted, always)
    names = st.sampled_from(["after/DS.CS", "weight_final/CS_from_CC", "summary/contrast_DS"])
    return st.dictionaries(names, target, max_size=2)


BOUNDED: dict[str, st.SearchStrategy[Any]] = {
    "name": TEXT.filter(bool),
    "notes": TEXT,
    "tags": st.lists(TEXT.filter(bool), max_size=3),
    "seed": st.integers(0, 2**63 - 1),
    "network.connection_probability": table(st.floats(0, 0.8)),
    "network.target_weights": target_weights(),
    "network.gamma": st.floats(0, 10, exclude_min=True),
    "dynamics.tau": st.floats(0.05, 1),
    "dynamics.dt": st.floats(0.001, 0.01),
    "dynamics.tau_ms": st.floats(1, 1000),
    "dynamics.duration_tau": st.floats(200, 500),
    "simulation.tolerance": st.floats(1e-9, 1000),
    "simulation.max_duration_tau": st.floats(200, 5000),
    "plasticity.tau_learn": st.floats(0, 1e12, exclude_min=True),
    "plasticity.tau_threshold": st.floats(1, 1e12),
    "plasticity.onset_step": st.integers(0, 900),
    "stimulus.directions": directions(),
    "tuning.objective": TEXT.filter(bool),
    SPACE: search_space(),
    "loss.form": st.sampled_from(["auto", "signed", "absolute"]),
    "targets": targets(),
}


def strategy_of(path: str) -> st.SearchStrategy[Any]:
    known = next(p for p in parameters() if p.path == path)
    if path in BOUNDED:
        return BOUNDED[path]
    if known.choices:
        return st.sampled_from(known.choices)
    if isinstance(known.default, bool):
        return st.booleans()
    if path.startswith("network.sizes"):
        return st.integers(5, 99)
    return st.integers(1, 1000) if isinstance(known.default, int) else st.floats(0, 10)


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """The values of a valid experiment, as nested tables; any key may be left to its default."""
    paths = draw(st.lists(st.sampled_from([p.path for p in parameters()]), unique=True, max_size=12))
    data: dict[str, Any] = {}
    for path in paths:
        *sections, key = path.split(".")
        inner = data
        for section in sections:
            inner = inner.setdefault(section, {})
        inner[key] = draw(strategy_of(path))
    return data


@st.composite
def experiments(draw: st.DrawFn) -> Experiment:
    return validate_stored(draw(documents()))


class Author:
    """Writes the values of an experiment as some person might: own spellings, forms, order and comments."""

    def __init__(self, data: st.DataObject) -> None:
        self.draw = data.draw
        self.comments = 0

    def toss(self) -> bool:
        return self.draw(st.booleans())

    def comment(self) -> str:
        if not self.toss():
            return ""
        self.comments += 1
        return f" # remark {self.comments}"

    def spelling(self, path: str) -> str:
        known: dict[str, str] = {p.path: p.alias for p in parameters()}
        known |= {"network.sizes": "N", "stimulus.steady": "steady_input"}
        alias = known.get(path, "")
        return alias if alias and self.toss() else path.rpartition(".")[2]

    def document(self, data: dict[str, Any]) -> str:
        above, below = [], []
        for key in self.draw(st.permutations(list(data))):
            value = data[key]
            if not isinstance(value, dict):
                above.append(f"{key} = {toml_value(value)}{self.comment()}")
            elif self.toss():
                above += self.dotted(key, key, value)
            else:
                below.append("\n".join(self.headed(key, value)))
        return "\n".join((*above, *below)) + ("\n" if self.toss() else "")

    def dotted(self, path: str, written: str, values: dict[str, Any]) -> Iterator[str]:
        for key, value in values.items():
            inner = f"{path}.{key}"
            spelt = f"{written}.{self.key(path, key)}"
            if isinstance(value, dict) and path not in (SPACE, "targets") and self.toss():
                yield from self.dotted(inner, spelt, value)
            else:
                yield f"{spelt} = {self.value(inner, value)}{self.comment()}"

    def headed(self, path: str, values: dict[str, Any]) -> Iterator[str]:
        tables = {k: v for k, v in values.items() if isinstance(v, dict) and self.toss()}
        own = [
            f"[{path}]{self.comment()}",
            *self.dotted(path, "", {k: values[k] for k in values if k not in tables}),
        ]
        own = [line.removeprefix(".") for line in own]
        inner: list[str] = []
        for key, value in tables.items():
            spelt = f"{path}.{self.key(path, key)}"
            inner += [f"[{spelt}]{self.comment()}"]
            inner += [line.removeprefix(".") for line in self.dotted(f"{path}.{key}", "", value)]
        yield from ((*inner, *own) if self.toss() else (*own, *inner))

    def key(self, path: str, key: str) -> str:
        spelt = key if set("./") & set(key) else self.spelling(f"{path}.{key}")
        forms = [f'"{spelt}"', f"'{spelt}'", *([] if set("./") & set(spelt) else [spelt, f" {spelt} "])]
        return self.draw(st.sampled_from(forms))

    def value(self, path: str, value: Any) -> str:
        if isinstance(value, dict) and set(value) == set(POPULATIONS) and self.toss():
            value = [value[name] for name in POPULATIONS]
        return toml_value(value)


def keys_of(data: Any, prefix: str = "") -> set[str]:
    if not isinstance(data, dict) or prefix.startswith((f"{SPACE}.", "targets.")):
        return {prefix}
    return {prefix}.union(*(keys_of(value, f"{prefix}{key}.") for key, value in data.items()))


@settings(deadline=None)
@given(experiments())
def test_text_made_from_nothing_reads_back_as_the_same_experiment(experiment: Experiment) -> None:
    read = validate_stored(parse_toml(to_toml(experiment)))
    assert read == experiment
    assert repr(read) == repr(experiment)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_edited_text_reads_back_as_the_same_experiment_and_keeps_the_rest(data: st.DataObject) -> None:
    author = Author(data)
    base_text = author.document(data.draw(documents().filter(bool)))
    if not tomllib.loads(base_text):
        return
    base, wanted = validate_stored(parse_toml(base_text)), data.draw(experiments())
    text = to_toml(wanted, base_text)
    read = validate_stored(parse_toml(text))
    assert read == wanted
    assert repr(read) == repr(wanted)
    kept = {key for key in keys_of(tomllib.loads(base_text)) if not key.startswith(("tuning.", "targets."))}
    assert kept <= keys_of(tomllib.loads(text))
    assert to_toml(base, base_text) == base_text
    if not base.tuning.space and not base.targets:
        assert re.findall("# remark [0-9]+", base_text) == re.findall("# remark [0-9]+", text)
