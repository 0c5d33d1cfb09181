"""``l5tui studies``: list the studies of a workspace."""

from __future__ import annotations

import json
from typing import Annotated

import typer
from rich.console import Console

from l5tui.cli.options import JsonOption, WorkspaceOption
from l5tui.cli.study_tables import print_studies
from l5tui.tuning.confirmed import read_best
from l5tui.workspace import find_workspace


def studies(
    limit: Annotated[int, typer.Option(metavar="N", min=1, help="The newest N.")] = 20,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """List studies, newest first, with their best point and their number of trials.

    Example: l5tui studies --limit 5
    """
    place = find_workspace(workspace)
    from l5tui.tuning.study import list_studies, study_listing

    found = list_studies(place, limit)
    bests = {record.id: read_best(place, record) for record in found}
    if as_json:
        rows = [study_listing(record, bests[record.id]) for record in found]
        typer.echo(json.dumps(rows, indent=2, allow_nan=False))
    elif found:
        print_studies(found, {name: best for name, best in bests.items() if best}, Console())
    else:
        typer.echo("No studies yet; `l5tui tune experiments/tuning.toml` makes one.", err=True)
