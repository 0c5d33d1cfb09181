"""``l5tui tag``: tag a run."""

from __future__ import annotations

from typing import Annotated

import typer

from l5tui.cli.options import RunArgument, WorkspaceOption
from l5tui.text import safe
from l5tui.workspace import find_workspace


def tag(
    run: RunArgument,
    tags: Annotated[list[str], typer.Argument(metavar="TAG...", help="Tags for searching.")],
    remove: Annotated[bool, typer.Option("--remove", help="Remove the tags instead.")] = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Add tags to a run, or remove them.

    Example: l5tui tag last paper figure-2
    """
    place = find_workspace(workspace)
    from l5tui.runner.curation import tag_run

    done = tag_run(place, run, **{"remove" if remove else "add": tags})
    typer.echo(safe(f"run {done.record.id}: {', '.join(done.record.tags) or 'no tags'}"))
    for warning in done.warnings:
        typer.echo(safe(f"warning: {warning}"), err=True)
