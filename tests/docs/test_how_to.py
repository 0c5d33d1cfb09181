"""The how-to pages say what the code says; the page on rules is tested with the rule that it makes."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from pydantic import BaseModel

import l5tui
from l5tui.config import Experiment
from l5tui.config.schema import section_of
from l5tui.notebook.run import Run
from l5tui.notebook.study import Study

FOLDER = Path(__file__).parents[2] / "docs" / "how-to"
NOTEBOOK = (FOLDER / "read-results-in-a-notebook.md").read_text(encoding="utf-8")


def aliases(model: type[BaseModel], prefix: str = "") -> dict[str, str]:
    """The research code's names, each with the path of our key."""
    found = {}
    for name, field in model.model_fields.items():
        extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
        if extra.get("alias"):
            found[str(extra["alias"])] = f"{prefix}{name}"
        inner = section_of(field)
        if inner is not None:
            found |= aliases(inner, f"{prefix}{name}.")
    return found


def test_the_table_of_names_is_the_schemas() -> None:
    page = (FOLDER / "move-from-the-research-scripts.md").read_text(encoding="utf-8")
    listed = dict(re.findall(r"^\| `(\w+)` \| `([\w.]+)` \|", page, re.MULTILINE))

    assert listed == aliases(Experiment)


def test_the_notebook_page_names_what_there_is() -> None:
    for name in set(re.findall(r"\bl5tui\.([a-z]\w+)\(", NOTEBOOK)):
        assert name in l5tui.__all__
    attributes = {"id", "name", "rule", "status", "loss", "warnings"}
    for name in set(re.findall(r"\brun\.(\w+)", NOTEBOOK)):
        assert hasattr(Run, name) or name in attributes, name
    for name in set(re.findall(r"\bstudy\.(\w+)", NOTEBOOK)):
        assert hasattr(Study, name), name


def test_the_measure_of_the_page_is_what_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    page = (FOLDER / "add-a-measure.md").read_text(encoding="utf-8")
    names, formula, test = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    source = (Path(l5tui.__file__).parent / "analysis" / "selectivity.py").read_text(encoding="utf-8")
    begin, end = source.index("MEASURES = measure_names"), source.index("ACTIVE_RATE = ")
    source = source[:begin] + names + source[end:]
    begin, end = source.index("    pairs = ["), source.index("    active = (rates")
    module = ModuleType("changed_selectivity")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    changed: dict[str, Any] = vars(module)
    changed["np"] = np
    exec(compile(source[:begin] + formula + source[end:], "selectivity.py", "exec"), changed)
    exec(compile(test, "test_selectivity.py", "exec"), changed)

    changed["test_sparseness_of_one_direction_and_of_all"]()
    assert changed["neuron_measures"](np.ones((4, 3)), (0.0, 90.0, 180.0, 270.0)).shape == (7, 3)
