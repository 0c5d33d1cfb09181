"""A run and its measures on a terminal of 80 columns."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from l5tui.analysis.cell_rows import cell_rows
from l5tui.analysis.tables import RunTables, cells_with_spread
from l5tui.analysis.targets import TargetRow
from l5tui.config import POPULATIONS
from l5tui.runner.report import RunReport
from l5tui.text import duration, filled, number, safe, summary_pieces

STATUS_STYLES = {"completed": "bold green", "queued": "bold", "running": "bold"}
"""Any other status is red."""


def print_report(report: RunReport, console: Console) -> None:
    """Print everything there is to say of a run."""
    if report.tables is not None:
        console.print(selectivity_table(report.tables))
        console.print()
        if report.tables.cells:
            console.print(cell_table(report.tables))
            console.print()
        console.print(weight_table(report.tables))
        console.print()
        if report.tables.targets:
            print_targets(report.tables.targets, console)
            console.print()
        for line in _loss_and_summary(report.tables, console.width):
            console.print(line, highlight=False)
        console.print()
    _print_closing(report, console)


def selectivity_table(tables: RunTables) -> Table:
    """Rate and selectivity before and after, mean ± standard deviation over realizations."""
    cells = cells_with_spread(tables)
    table = _table("Rate and selectivity, mean ± std of the realizations' means", 1, "", "", *POPULATIONS)
    for measure in dict.fromkeys(row.measure for row in tables.selectivity):
        for condition in ("before", "after"):
            values = []
            for population in POPULATIONS:
                mean, spread = cells.get((condition, measure, population), (math.nan, math.nan))
                values.append(f"{number(mean)} ± {number(spread)}" if mean == mean else "n/a")
            table.add_row(measure if condition == "before" else "", condition, *values)
    return table


def cell_table(tables: RunTables) -> Table:
    """Which cells are behind the means, over all realizations."""
    table = _table("Cells behind these means, over all realizations", 1, "", "", *POPULATIONS)
    # Where the counts of many circuits need the room, the titles wrap and no count is cut.
    table.columns[0].no_wrap = False
    for title, condition, texts in cell_rows(tables.cells):
        table.add_row(title if condition == "before" else "", condition, *texts)
    return table


def weight_table(tables: RunTables) -> Table:
    """Mean weight of every block over all its pairs."""
    means = {(r.post, r.pre, r.quantity): r.value for r in tables.weights if r.statistic == "mean"}
    table = _table(
        "Mean weight of each block over all its pairs",
        *(2, "from", "to", "initial", "final", "change", "target"),
    )
    for pre in POPULATIONS:
        for post in POPULATIONS:
            initial, final, target = (
                number(means.get((post, pre, name), math.nan), 4) for name in ("initial", "final", "target")
            )
            change = number(means.get((post, pre, "change"), math.nan), 6, signed=True)
            table.add_row(pre if post == POPULATIONS[0] else "", post, initial, final, change, target)
    return table


def print_targets(rows: Sequence[TargetRow], console: Console) -> None:
    """Print what experiments want, how far the run is from it, and who found it."""
    sources = list(dict.fromkeys(row.source for row in rows))
    table = _table(
        "Targets, distances in standard deviations", 2, "measure", "", "predicted", "wanted", "± std"
    )
    for heading in ("distance", "adds", "source"):
        table.add_column(heading, justify="right", no_wrap=True)
    for row in rows:
        cells = (number(value, 4) for value in (row.predicted, row.wanted, row.uncertainty))
        distance, adds = number(row.distance, 2, signed=True), number(row.contribution, 2)
        table.add_row(row.measure, row.relation, *cells, distance, adds, f"[{sources.index(row.source) + 1}]")
    console.print(table, markup=False)
    for position, source in enumerate(sources, 1):
        console.print(Text(f"  [{position}] {safe(source)}"), highlight=False)


def _table(title: str, gap: int, *columns: str) -> Table:
    """Return a table without lines whose first two columns are labels, and whose others are numbers."""
    table = Table(
        title=title,
        title_justify="left",
        title_style="bold",
        box=None,
        pad_edge=False,
        padding=(0, gap, 0, 0),
    )
    for index, column in enumerate(columns):
        table.add_column(column, justify="left" if index < 2 else "right", no_wrap=True)
    return table


def _loss_and_summary(tables: RunTables, width: int) -> Iterator[Text]:
    yield Text(f"Loss {number(tables.loss, 4)}", "bold")
    for line in filled((f"{name} {number(value, 4)}" for name, value in tables.loss_terms.items()), width):
        yield Text(line)
    yield Text("Summary", "bold")
    for line in filled(summary_pieces(tables.summary), width):
        yield Text(line)


def _print_closing(report: RunReport, console: Console) -> None:
    record = report.record
    took = f" in {duration(sum(record.timings.values()))}" if record.timings else ""
    status = (record.shown_status, STATUS_STYLES.get(record.shown_status, "bold red"))
    console.print(Text.assemble(f"Run {record.id} ({safe(record.name)}) ", status, took), highlight=False)
    for caveat in report.caveats:
        console.print(Text(f"caveat: {caveat}", "yellow"), highlight=False)
    if error := record.shown_error:
        console.print(Text(f"  {safe(error)}"), highlight=False)
    paths = report.paths
    for label, path in (
        ("file", paths["netcdf"]),
        ("catalogue", paths["catalog"]),
        ("MLflow run", paths["mlflow_run"]),
    ):
        if path:
            # Never broken, so that it can be copied.
            console.print(Text(f"  {label}: {safe(path)}"), highlight=False, soft_wrap=True)
