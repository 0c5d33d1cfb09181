"""Tables of a run on a terminal of 80 columns."""

from __future__ import annotations

import pytest
from rich.console import Console

from l5tui.analysis.tables import RunTables, SelectivityRow
from l5tui.cli.tables import cell_table
from l5tui.config import POPULATIONS
from l5tui.config.measure_names import CELL_COUNTS

NEURONS = dict(zip(POPULATIONS, (45, 275, 46, 34), strict=True))
"""Of the default experiment."""


@pytest.mark.parametrize("circuits", [1, 5, 40, 100])
def test_no_count_of_cells_is_cut(circuits: int) -> None:
    cells = tuple(
        SelectivityRow(condition, name, "count", population, float(count * circuits))
        for condition in ("before", "after")
        for name in CELL_COUNTS
        for population, count in NEURONS.items()
    )
    console = Console(width=80)
    with console.capture() as captured:
        console.print(cell_table(RunTables((), (), {}, 0.0, {}, cells=cells)))
    text = captured.get()

    assert "…" not in text
    assert max(map(len, text.splitlines())) <= 80
    for count in NEURONS.values():
        assert f"{count * circuits} of {count * circuits}" in text
