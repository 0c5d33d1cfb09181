"""``l5tui runs``: list the runs of a workspace."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from l5tui.analysis.caveats import unequal_realizations
from l5tui.cli.options import JsonOption, RuleOption, WorkspaceOption
from l5tui.text import number, safe
from l5tui.workspace import find_workspace

if TYPE_CHECKING:
    from l5tui.runner.history import RunRecord

StatusName = Literal["queued", "running", "completed", "failed", "cancelled", "diverged"]


def runs(
    query: Annotated[
        str,
        typer.Argument(
            metavar="[QUERY]",
            help="Filter, as in the app: 'rule:oja loss<3 created>2026-11-28 words'; dates are in local time.",
        ),
    ] = "",
    status: Annotated[StatusName | None, typer.Option(help="Only runs with this status.")] = None,
    rule: RuleOption = None,
    tag: Annotated[str | None, typer.Option(metavar="TAG", help="Only runs with this tag.")] = None,
    group: Annotated[
        str | None,
        typer.Option(metavar="ID", help="Only runs of this group, for example of one comparison of rules."),
    ] = None,
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
    found = list_runs(place, query, status=wanted, rule=rule, tag=tag, group=group, limit=limit)
    if as_json:
        typer.echo(json.dumps([listing(record) for record in found], indent=2, allow_nan=False))
    elif found:
        _print_table(found)
    elif query or status or rule or tag or group:
        typer.echo("No such runs; `l5tui runs` lists all.", err=True)
    else:
        typer.echo("No runs yet; `l5tui run --headless experiments/default.toml` makes one.", err=True)


def _print_table(found: list[RunRecord]) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("run", "status", "rule", "seed"):
        table.add_column(title, no_wrap=True)
    table.add_column("R", justify="right", no_wrap=True)
    table.add_column("loss", justify="right", no_wrap=True)
    table.add_column("name")
    for record in found:
        realizations = str(record.realizations or "")
        cells = (
            *(safe(record.id), record.shown_status, safe(record.rule), str(record.seed)),
            *(realizations, number(record.loss, 4)),
        )
        # Only the name gives way where the terminal is narrow, which a column that may not wrap would not do.
        table.add_row(*cells, Text(safe(record.name), no_wrap=True, overflow="ellipsis"))
    console = Console()
    console.print(table)
    compared = (record.realizations for record in found if record.loss == record.loss)
    if caveat := unequal_realizations(compared):
        console.print(Text(f"R: {caveat}"), highlight=False)
    for record in found:
        if record.damage:
            console.print(Text(safe(f"{record.id}: {record.shown_error}")), highlight=False, soft_wrap=True)
