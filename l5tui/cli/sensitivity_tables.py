"""Sensitivity as tables on a terminal."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from l5tui.analysis.sensitivity import Sensitivity, Slopes
from l5tui.text import count, number, safe

if TYPE_CHECKING:
    from l5tui.tuning.sensitivity import SensitivityReport

CELL = 13
LABEL = 16


def print_sensitivity(report: SensitivityReport, console: Console) -> None:
    """Print indices with their intervals, or slopes, a row an output."""
    found, record = report.found, report.study.record
    assert found is not None
    console.print(Text(f"{safe(record.name)}  study {record.id}", style="bold"), soft_wrap=True)
    if isinstance(found, Slopes):
        title = "Change for a tenth of the searched range, around the best point"
        _print_by_parts(title, found, lambda o, p: number(float(found.slopes[o, p]), 4, signed=True), console)
        return
    statuses = ", ".join(f"{many} {status}" for status, many in sorted(record.counts.items()))
    console.print(
        f"{count(found.wanted, 'base sample')}, {record.trials} trials: {statuses}", highlight=False
    )
    _print_by_parts(
        "Total index ± half of its 95 % interval",
        found,
        lambda o, p: _with_interval(found.total[o, p], found.total_interval[o, p]),
        console,
    )
    _print_by_parts(
        "First-order index ± half of its 95 % interval",
        found,
        lambda o, p: _with_interval(found.first[o, p], found.first_interval[o, p]),
        console,
    )
    lost = [
        f"{name} {int(n)}" for name, n in zip(found.outputs, found.samples, strict=True) if n < found.wanted
    ]
    if lost:
        console.print(
            f"Base samples that are defined everywhere and count: {', '.join(lost)}", highlight=False
        )


def _with_interval(value: float, half: float) -> str:
    return f"{number(float(value), 2)} ±{number(float(half), 2)}" if value == value else "n/a"


def _print_by_parts(
    title: str, found: Sensitivity | Slopes, cell: Callable[[int, int], str], console: Console
) -> None:
    """One table, or several below each other where not all parameters fit."""
    fit = max(1, (console.width - LABEL) // (CELL + 2))
    console.print(Text(f"\n{title}", style="bold"))
    for start in range(0, len(found.paths), fit):
        shown = range(start, min(start + fit, len(found.paths)))
        table = Table(box=None, pad_edge=False, header_style="bold")
        table.add_column("", no_wrap=True)
        for p in shown:
            # The end of a path is more specific than its beginning; a ratio has two lines.
            first, *second = found.names[p].split(" / ")
            lines = [f"{first[2 - CELL :]} /", second[0][-CELL:]] if second else [first[-CELL:]]
            table.add_column("\n".join(lines), justify="right", no_wrap=True)
        for o, output in enumerate(found.outputs):
            table.add_row(output, *(cell(o, p) for p in shown))
        console.print(table)
