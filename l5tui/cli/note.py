"""``l5tui note``: note something about a run."""

from __future__ import annotations

from typing import Annotated

import typer

from l5tui.cli.options import RunArgument, WorkspaceOption
from l5tui.text import safe
from l5tui.workspace import find_workspace


def note(
    run: RunArgument,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="The new notes.")],
    workspace: WorkspaceOption = None,
) -> None:
    """Replace the notes of a run.

    Example: l5tui note last 'the one for the talk'
    """
    place = find_workspace(workspace)
    from l5tui.runner.curation import note_run

    done = note_run(place, run, text.encode(errors="replace").decode())
    typer.echo(safe(f"run {done.record.id}: {done.record.notes or 'no notes'}"))
    for warning in done.warnings:
        typer.echo(safe(f"warning: {warning}"), err=True)
