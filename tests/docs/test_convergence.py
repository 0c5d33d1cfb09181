"""The numbers of convergence.md come from the script beside it."""

from __future__ import annotations

from pathlib import Path

import measure_convergence
import pytest


@pytest.mark.slow
def test_the_rows_of_a_rule_are_what_is_measured_now() -> None:
    assert measure_convergence.stale(["oja"]) == []


def test_a_row_that_is_measured_otherwise_is_stale(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """With one circuit in place of the page's eight, other numbers are measured."""
    monkeypatch.setattr(measure_convergence, "CIRCUITS", 1)
    found = measure_convergence.stale(["none"])
    assert len([line for line in found if line.startswith("| `none` |")]) == 5
