"""What a run comes to: selectivity before and after, the loss, and where it is kept."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from rich.table import Table
from rich.text import Text

from l5tui.analysis.cell_rows import cell_rows
from l5tui.analysis.tables import SelectivityRow
from l5tui.config.populations import POPULATIONS
from l5tui.text import duration, number, safe, without_zero
from l5tui.tui.colours import STATUS_SIGNS, STATUS_STYLES, WARNING


def selectivity_table(report: Mapping[str, Any]) -> Table:
    """Each measure before → after, by population."""
    cells = {
        (row["condition"], row["measure"], row["population"]): _defined(row["value"])
        for row in report["selectivity"]
        if row["statistic"] == "mean"
    }
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="dim")
    table.add_column("", no_wrap=True)
    for name in POPULATIONS:
        table.add_column(name, justify="right", no_wrap=True)
    for measure in dict.fromkeys(row["measure"] for row in report["selectivity"]):
        row = []
        for name in POPULATIONS:
            before, after = (cells.get((when, measure, name), math.nan) for when in ("before", "after"))
            row.append("→".join(without_zero(number(value, 2)) for value in (before, after)))
        table.add_row(measure, *row)
    return table


def cell_table(report: Mapping[str, Any]) -> Table:
    """Which cells are behind the means."""
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="dim")
    for title in ("", "", *POPULATIONS):
        table.add_column(title, justify="right" if title else "left", no_wrap=True)
    for title, condition, texts in cell_rows([SelectivityRow(**row) for row in report.get("cells", ())]):
        table.add_row(title if condition == "before" else "", condition, *texts)
    return table


def headline(report: Mapping[str, Any]) -> Text:
    """Status, loss and time in one line."""
    status = report["status"]
    took = sum(report["timings"].values())
    text = Text.assemble((f"{STATUS_SIGNS.get(status, '?')} {status}", STATUS_STYLES.get(status, "")))
    if report["loss"] is not None:
        text.append(f"   loss {number(report['loss'], 4)}", "bold")
    if took:
        text.append(f"   {duration(took)}")
    return text


def kept(report: Mapping[str, Any]) -> Text:
    """Where it was kept, or why it was not."""
    if report["error"]:
        return Text(safe(report["error"]), STATUS_STYLES["failed"])
    name = str(report["paths"]["netcdf"] or "").rpartition("/store/")[2]
    return Text(f"kept in store/{safe(name)}" if name else "", "dim")


def caveat_lines(report: Mapping[str, Any]) -> list[Text]:
    """Return the caveats of the measures, one line each."""
    return [Text(f"caveat: {safe(each)}", WARNING) for each in report.get("caveats", ())]


def _defined(value: float | None) -> float:
    return math.nan if value is None else value
