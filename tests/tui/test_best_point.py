"""The best point of a search in the panel of a study's page."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from rich.console import Console

from l5tui.tui.screens.study_page import _best_point

SPACE: dict[str, dict[str, Any]] = {
    "plasticity.tau_learn": {"low": 100.0, "high": 4000.0},
    "plasticity.tau_threshold": {"low": 0.001, "high": 1.0, "times": "plasticity.tau_learn"},
    "stimulus.amplitude.CC": {"low": 0.0, "high": 20.0},
}
POINT = {"plasticity.tau_learn": 129.8, "plasticity.tau_threshold": 0.511, "stimulus.amplitude.CC": 9.004}


@pytest.mark.parametrize("width", [34, 38, 60])
def test_values_and_ranges_are_whole_and_names_are_cut(width: int) -> None:
    picture: Any = SimpleNamespace(
        best=SimpleNamespace(number=6, point=POINT),
        paths=list(SPACE),
        report=SimpleNamespace(record=SimpleNamespace(space=SPACE)),
        end_near=lambda path: "low" if path == "plasticity.tau_learn" else "",
    )
    console = Console(width=width)
    with console.capture() as captured:
        console.print(_best_point(picture))
    lines = captured.get().splitlines()

    assert all(len(line) <= width for line in lines)
    for shown in ("129.8 100…4000 ! low", "0.511 0.001…1", "9.004 0…20"):
        assert any(shown in line for line in lines), captured.get()
