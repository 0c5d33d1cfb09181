"""``l5tui runs`` and ``l5tui show``: look back."""

from __future__ import annotations

import json
from typing import Annotated, Literal

import typer

from l5tui.cli.options import JsonOption, RunArgument, WorkspaceOption
from l5tui.cli.text import number, safe
from l5tui.workspace import find_workspace

StatusName = Literal["queued", "running", "completed", "failed", "cancelled", "diverged"]


def runs(
    status: Annotated[StatusName | None, typer.Option(help="Only runs with this status.")] = None,
    rule: Annotated[
        str | None, typer.Option(metavar="RULE", help="Only runs with this learning rule.")
    ] = None,
    tag: Annotated[str | None, typer.Option(metavar="TAG", help="Only runs with this tag.")] = None,
    limit: Annotated[int, typer.Option(metavar="N", min=1, help="The newest N.")] = 20,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """List runs, newest first.

    Example: l5tui runs --status completed --rule oja --limit 5
    """
    place = find_workspace(workspace)
    from l5tui.runner.history import RunStatus, list_runs, listing

    wanted = RunStatus(status) if status else None
    found = list_runs(place, status=wanted, rule=rule, tag=tag, limit=limit)
    if as_json:
        typer.echo(json.dumps([listing(record) for record in found], indent=2, ensure_ascii=False))
        return
    if not found:
        typer.echo("No runs. `l5tui run --headless experiments/default.toml` makes one.", err=True)
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("run", "status", "rule", "seed"):
        table.add_column(title, no_wrap=True)
    table.add_column("loss", justify="right", no_wrap=True)
    table.add_column("name", overflow="ellipsis", no_wrap=True)
    for record in found:
        cells = (record.id, str(record.status), record.rule, str(record.seed), number(record.loss, 4))
        table.add_row(*cells, Text(safe(record.name)))
    Console().print(table)


def show(run: RunArgument, as_json: JsonOption = False, workspace: WorkspaceOption = None) -> None:
    """Show a run: its measures, its loss, where it is kept.

    Example: l5tui show last
    """
    place = find_workspace(workspace)
    from l5tui.runner.history import show_run

    report = show_run(place, run)
    if as_json:
        typer.echo(report.as_json())
        return
    from rich.console import Console

    from l5tui.cli.tables import print_report

    print_report(report, Console())
