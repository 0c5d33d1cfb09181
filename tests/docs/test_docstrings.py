"""The examples in docstrings run: those of public functions in a workspace of small experiments, of analysis alone.

Public functions of analysis and figures describe each of their parameters and their result.
"""

from __future__ import annotations

import ast
import doctest
import pkgutil
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Final

import pytest

import l5tui
import l5tui.analysis
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


ANALYSIS: Final = sorted(found.name for found in pkgutil.iter_modules(l5tui.analysis.__path__))
WITH_EXAMPLES: Final = 25
"""Modules of analysis that have examples, at least."""


def analysis_examples(module: str) -> list[doctest.DocTest]:
    """Return the examples of a module of analysis, without the one that needs a workspace."""
    name = f"l5tui.analysis.{module}"
    tests = doctest.DocTestFinder().find(import_module(name), name)
    return [test for test in tests if test.examples and test.name != "l5tui.analysis.measures.measure"]


@pytest.mark.parametrize("module", ANALYSIS)
def test_examples_of_analysis_run(module: str, capsys: pytest.CaptureFixture[str]) -> None:
    for test in analysis_examples(module):
        assert doctest.DocTestRunner(verbose=False).run(test).failed == 0, capsys.readouterr().out


def test_most_modules_of_analysis_have_examples() -> None:
    assert sum(bool(analysis_examples(module)) for module in ANALYSIS) >= WITH_EXAMPLES


def public_functions(package: str) -> Iterator[tuple[str, ast.FunctionDef, bool]]:
    """Yield name and definition of each public function or method below a package, and whether it is a property."""
    root = Path(l5tui.__file__).parent
    for path in sorted((root / package).rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        classes = [node for node in tree.body if isinstance(node, ast.ClassDef) and node.name[0] != "_"]
        for body in (tree.body, *(each.body for each in classes)):
            for node in body:
                if isinstance(node, ast.FunctionDef) and node.name[0] != "_":
                    decorators = {ast.unparse(each) for each in node.decorator_list}
                    yield f"{path.relative_to(root)}::{node.name}", node, "property" in decorators


@pytest.mark.parametrize("package", ["analysis", "figures"])
def test_public_functions_describe_parameters_and_result(package: str) -> None:
    faults = []
    for name, node, is_property in public_functions(package):
        text = ast.get_docstring(node) or ""
        section = text.partition("Parameters\n----------\n")[2].partition("\n\n")[0]
        described = set(re.findall(r"\w+", " ".join(re.findall(r"^(\S.*?)(?: :|$)", section, re.MULTILINE))))
        arguments = node.args
        every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        every += [each for each in (arguments.vararg, arguments.kwarg) if each]
        missing = {each.arg for each in every} - {"self", "cls"} - described
        faults += [f"{name}: {each} is not described" for each in sorted(missing)]
        has_result = node.returns is not None and ast.unparse(node.returns) != "None"
        if has_result and not is_property and not re.search(r"^(Returns|Yields)\n---", text, re.MULTILINE):
            faults.append(f"{name}: the result is not described")
        if not text:
            faults.append(f"{name}: no docstring")
    assert not faults, "\n".join(faults)
