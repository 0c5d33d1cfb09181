"""``l5tui delete``: delete runs."""

from __future__ import annotations

from typing import Annotated

import typer

from l5tui.cli.options import WorkspaceOption
from l5tui.text import safe
from l5tui.workspace import find_workspace


def delete(
    runs: Annotated[
        list[str],
        typer.Argument(metavar="RUN...", help="Id of a run, its beginning or its end, or `last`."),
    ],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Delete without confirmation.")] = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Delete runs: rows, files and MLflow runs.

    Example: l5tui delete 20260101-120000-abcdef
    """
    place = find_workspace(workspace)
    from l5tui.runner.curation import delete_run
    from l5tui.runner.history import show_run

    # All are looked up before the first is gone: `last` would then be another.
    found = {(record := show_run(place, run).record).id: record for run in runs}
    for record in found.values():
        text = safe(f"run {record.id} ({record.name}), {record.status}")
        if not yes and not typer.confirm(f"Delete {text}?"):
            typer.echo("kept")
            continue
        done = delete_run(place, record.id)
        typer.echo(f"deleted {text}")
        for warning in done.warnings:
            typer.echo(safe(f"warning: {warning}"), err=True)
