"""The measures of a run as tables on a terminal of 80 columns."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console
from rich.table import Table
from rich.text import Text

from l5tui.cli.text import duration, number, safe
from l5tui.config import POPULATIONS
from l5tui.runner.report import RunReport

SHOWN_MEASURES = ("rate", "OS", "DS", "OS_p", "OS_vector", "DS_vector")


def print_report(report: RunReport, console: Console) -> None:
    """Print everything there is to say of a run."""
    if report.tables is not None:
        console.print(selectivity_table(report))
        console.print(weight_table(report))
        for line in _loss_lines(report):
            console.print(line, highlight=False, soft_wrap=True)
    for line in _closing_lines(report):
        console.print(line, highlight=False, soft_wrap=True)


def selectivity_table(report: RunReport) -> Table:
    """Rate and selectivity before and after, mean ± standard deviation over realizations."""
    assert report.tables is not None
    cells = {(r.condition, r.measure, r.statistic, r.population): r.value for r in report.tables.selectivity}
    table = _table("Rate and selectivity, mean ± std of the realizations' means", "", "", *POPULATIONS)
    for measure in SHOWN_MEASURES:
        for condition in ("before", "after"):
            values = []
            for population in POPULATIONS:
                mean = cells[condition, measure, "mean", population]
                spread = cells[condition, measure, "std_of_means", population]
                values.append(f"{number(mean)} ± {number(spread)}" if mean == mean else "n/a")
            table.add_row(measure if condition == "before" else "", condition, *values)
    return table


def weight_table(report: RunReport) -> Table:
    """Mean weight of every block over all its pairs."""
    assert report.tables is not None
    rows = report.tables.weights
    means = {(r.post, r.pre, r.quantity): r.value for r in rows if r.statistic == "mean"}
    quantities = ("initial", "final", "change", "target")
    table = _table("Mean weight of each block over all its pairs", "post", "pre", *quantities)
    for post in POPULATIONS:
        for pre in POPULATIONS:
            values = [number(means[post, pre, name], 4, signed=name == "change") for name in quantities]
            table.add_row(post if pre == POPULATIONS[0] else "", pre, *values)
    return table


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False)
    for index, column in enumerate(columns):
        table.add_column(column, justify="left" if index < 2 else "right", no_wrap=True)
    return table


def _loss_lines(report: RunReport) -> Iterator[Text]:
    assert report.tables is not None
    yield Text(f"Loss {number(report.tables.loss, 4)}", "bold")
    terms = (f"{term} {number(value, 4)}" for term, value in report.tables.loss_terms.items())
    yield Text("  " + "  ".join(terms))
    summary = (f"{name} {_plain(value)}" for name, value in report.tables.summary.items())
    yield Text("  " + "  ".join(summary))


def _plain(value: float) -> str:
    return str(int(value)) if value == value and float(value).is_integer() else number(value, 4)


def _closing_lines(report: RunReport) -> Iterator[Text]:
    record = report.record
    seconds = sum(report.record.timings.values())
    took = f" in {duration(seconds)}" if record.timings else ""
    style = "bold green" if record.status == "completed" else "bold red"
    name = safe(record.name)
    yield Text.assemble(f"Run {record.id} ({name}) ", (str(record.status), style), took)
    if record.error:
        yield Text(f"  {safe(record.error)}")
    paths = report.paths
    for label, path in (
        ("file", paths["netcdf"]),
        ("catalogue", paths["catalog"]),
        ("MLflow run", paths["mlflow_run"]),
    ):
        if path:
            yield Text(f"  {label}: {safe(path)}")
