"""``l5tui export``: take a run, or a table of runs, out of the workspace."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from l5tui.cli.options import RuleOption, WorkspaceOption
from l5tui.cli.runs import StatusName
from l5tui.runner.logs import log_to
from l5tui.runner.output import csv_text, write_new_file
from l5tui.text import count, safe
from l5tui.workspace import Workspace, find_workspace


def export(
    run: Annotated[
        str | None, typer.Argument(metavar="[RUN]", help="A run, by its id or `last`; with --to.")
    ] = None,
    to: Annotated[
        Path | None,
        typer.Option("--to", metavar="DIR", help="Write everything of RUN into this new folder."),
    ] = None,
    table: Annotated[
        str | None,
        typer.Option(
            "--table",
            metavar="FILE",
            help="Write a CSV file: one row per run, parameters and measures as columns; - for standard output.",
        ),
    ] = None,
    status: Annotated[
        StatusName | None, typer.Option(help="With --table: only runs with this status.")
    ] = None,
    rule: RuleOption = None,
    tag: Annotated[
        str | None, typer.Option(metavar="TAG", help="With --table: only runs with this tag.")
    ] = None,
    group: Annotated[
        str | None, typer.Option(metavar="ID", help="With --table: only runs of this group.")
    ] = None,
    limit: Annotated[int | None, typer.Option(metavar="N", min=1, help="With --table: the newest N.")] = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Export a run as a folder, or runs as one table.

    Example: l5tui export last --to for-the-paper
    """
    if (run is None) == (table is None) or (run is None) != (to is None):
        raise typer.BadParameter("give either RUN and --to DIR, or --table FILE")
    place = find_workspace(workspace)
    log_to(place)
    if run is not None and to is not None:
        from l5tui.runner.export import export_run

        with Console(stderr=True).status("drawing and copying"):
            record = export_run(place, run, to)
        typer.echo(safe(f"{to}: run {record.id}"))
    elif table is not None:
        _export_table(place, table, status=status, rule=rule, tag=tag, group=group, limit=limit)


def _export_table(
    place: Workspace,
    table: str,
    *,
    status: str | None,
    rule: str | None,
    tag: str | None,
    group: str | None,
    limit: int | None,
) -> None:
    from l5tui.runner.history import RunStatus
    from l5tui.runner.run_table import run_table

    console = Console(stderr=True)
    with console.status("reading runs") as shown:
        found = run_table(
            place,
            status=RunStatus(status) if status else None,
            rule=rule,
            tag=tag,
            group=group,
            limit=limit,
            observe=lambda done, total: shown.update(f"{done} of {count(total, 'run')}"),
        )
    if found.unreadable:
        left_out = count(found.unreadable, "run")
        typer.echo(
            safe(f"{left_out} without parameters, from another version of l5tui; {place.log} names them"),
            err=True,
        )
    text = csv_text(found.lines())
    if table == "-":
        typer.echo(text, nl=False)
    else:
        write_new_file(Path(table), text.encode())
        typer.echo(safe(f"{table}: {count(len(found.rows), 'run')}"))
