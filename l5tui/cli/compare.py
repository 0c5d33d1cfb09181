"""``l5tui compare``: put runs side by side."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from l5tui.analysis.comparison import differences
from l5tui.cli.options import JsonOption, OutOption, WorkspaceOption
from l5tui.runner.output import csv_text
from l5tui.text import count, number, safe
from l5tui.workspace import find_workspace

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from l5tui.runner.comparison import Comparison

LETTERS = "ABCDEF"

CsvOption = Annotated[bool, typer.Option("--csv", help="Print only CSV on standard output.")]


def compare(
    runs: Annotated[
        list[str], typer.Argument(metavar="RUN RUN…", help="Two to six runs, each by its id, or `last`.")
    ],
    as_json: JsonOption = False,
    as_csv: CsvOption = False,
    out: OutOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Compare runs: the parameters that differ, and the measures with their differences from the first run.

    Example: l5tui compare 6xqz6c last --out figures
    """
    if as_json and as_csv:
        raise typer.BadParameter("give one of them", param_hint="--json, --csv")
    place = find_workspace(workspace)
    from l5tui.runner.comparison import compare_runs, draw_comparison

    comparison = compare_runs(place, runs)
    if as_json:
        typer.echo(json.dumps(comparison.as_dict(), indent=2, allow_nan=False))
    elif as_csv:
        typer.echo(csv_text(comparison.rows()), nl=False)
    else:
        print_comparison(comparison, Console())
    if out is not None:
        with Console(stderr=True).status("drawing"):
            paths = draw_comparison(comparison, place, out)
        for path in paths:
            typer.echo(safe(f"figure: {path}"), err=True)


def print_comparison(comparison: Comparison, console: Console) -> None:
    """Print which runs are compared, what differs between them, and what they were measured by."""
    for letter, record in zip(LETTERS, comparison.records, strict=False):
        label = f"{letter}  {record.id}  {record.status}  {safe(record.name)}"
        console.print(Text(label, no_wrap=True, overflow="ellipsis"), highlight=False)
    for caveat in comparison.caveats:
        console.print(Text(f"caveat: {caveat}", "yellow"), highlight=False)
    console.print()
    if comparison.parameters:
        table = _table("Parameters that differ", comparison)
        for name, values in comparison.parameters.items():
            table.add_row(name, *("–" if value is None else safe(str(value)) for value in values))
        console.print(table)
    else:
        console.print("No parameter differs.")
    for title, names in comparison.sections().items():
        console.print()
        console.print(_measure_table(title, names, comparison))
    console.print()
    console.print(f"{count(len(comparison.measures), 'measure')} in all: --json and --csv give every one.")


def _measure_table(title: str, names: list[str], comparison: Comparison) -> Table:
    """Values of every run, and below each the differences from the first run, where there are any."""
    table = _table(title, comparison)
    for name in names:
        values = comparison.measures[name]
        shown = name.partition("/")[2] or name
        if all(value.is_integer() for value in values):
            table.add_row(shown, *(str(int(value)) for value in values))
            continue
        table.add_row(shown, *(number(value, 4) for value in values))
        changes = [number(each, 4, signed=True) for each in differences(values)[1:]]
        if any(value != values[0] for value in values[1:] if value == value):
            table.add_row("", f"− {LETTERS[0]}", *changes, style="dim")
    return table


def _table(title: str, comparison: Comparison) -> Table:
    table = Table(
        title=title,
        title_justify="left",
        title_style="bold",
        box=None,
        pad_edge=False,
        padding=(0, 2, 0, 0),
    )
    table.add_column("", overflow="fold")
    for letter in LETTERS[: len(comparison.records)]:
        table.add_column(letter, justify="right", overflow="fold")
    return table
