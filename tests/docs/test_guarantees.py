"""Every promise about data names tests that are there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROW = re.compile(r"^\| (?!promise )(?!-)(.+) \| (.+) \|$", re.MULTILINE)
TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


def promises() -> list[tuple[str, list[tuple[str, str]]]]:
    """Each promise with the files and names of its tests."""
    page = (ROOT / "docs" / "guarantees.md").read_text(encoding="utf-8")
    return [(promise, TEST.findall(tests)) for promise, tests in ROW.findall(page)]


def names_in(path: Path) -> set[str]:
    """Names of the tests of a file."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def test_every_promise_is_held_by_tests_that_are_there() -> None:
    assert len(promises()) > 10
    for promise, held_by in promises():
        assert held_by, promise
        for path, name in held_by:
            assert name.startswith("test_"), name
            assert name in names_in(ROOT / path), f"{path}::{name}"
