"""The examples in the docstrings of public functions run, in a workspace of small experiments."""

from __future__ import annotations

import doctest
from importlib import import_module
from pathlib import Path

import pytest

import l5tui
from l5tui.workspace import VARIABLE, Workspace
from tests.docs.test_code_blocks import shrunk
from tests.workspaces import copy_of

SLOW = ("l5tui.infer", "l5tui.sensitivity", "l5tui.compare_rules")
FUNCTIONS = (
    *(
        "l5tui.run",
        "l5tui.runs",
        "l5tui.open_run",
        "l5tui.weights_at",
        "l5tui.compare",
        "l5tui.compare_rules",
    ),
    *("l5tui.preview", "l5tui.sweep", "l5tui.tune", "l5tui.open_study", "l5tui.sensitivity", "l5tui.infer"),
    *("l5tui.create_workspace", "l5tui.analysis.measure", "l5tui.analysis.selectivity"),
)
"""In an order in which an example finds the runs and studies that it opens."""


@pytest.fixture(scope="module")
def place(original: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A workspace with small experiments, a run and a study."""
    made = copy_of(original, tmp_path_factory.mktemp("docstrings") / "workspace")
    for path in sorted(made.experiments.glob("*.toml")):
        path.write_text(shrunk(path.read_text(encoding="utf-8")), encoding="utf-8")
    l5tui.run("tiny", workspace=made, progress=False)
    space = {"plasticity.tau_learn": {"low": 100.0, "high": 4000.0}}
    changes = {"tuning.space": space, "tuning.method": "sobol", "tuning.confirm": 0}
    l5tui.tune("tiny", changes, trials=1, workers=1, workspace=made, progress=False)
    return made


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow) if name in SLOW else name for name in FUNCTIONS]
)
def test_examples_run(
    name: str, place: Workspace, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(place.root)
    monkeypatch.delenv(VARIABLE, raising=False)
    module, _, attribute = name.rpartition(".")
    found = getattr(import_module(module), attribute)
    # A module of the same name can be called as the function.
    found = getattr(found, attribute, found)
    (test,) = doctest.DocTestFinder().find(found, name, module=False, globs={})
    assert test.examples
    results = doctest.DocTestRunner(verbose=False).run(test)
    assert results.failed == 0, capsys.readouterr().out


def test_every_public_function_has_an_example_and_says_what_it_returns() -> None:
    page = (Path(__file__).parents[2] / "docs" / "python.md").read_text(encoding="utf-8")
    functions = {f"l5tui.{name}" for name in l5tui.__all__ if name[0].islower()}
    assert functions <= set(FUNCTIONS)
    for name in FUNCTIONS:
        section = page.partition(f"## `{name}`\n")[2].partition("\n## ")[0]
        for part in ("```text\n", "**Parameters**", "**Returns**", "```pycon\n>>> "):
            assert part in section, (name, part)


@pytest.mark.parametrize(
    "name",
    [
        *("circuit", "connectivity", "grating", "layout", "simulation", "spectrum", "transfer"),
        *("plasticity.bcm", "plasticity.recent_rates", "plasticity.sliding_bcm"),
    ],
)
def test_examples_of_the_model_run(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    results = doctest.testmod(import_module(f"l5tui.model.{name}"))
    assert results.attempted > 0
    assert results.failed == 0, capsys.readouterr().out
