"""``l5tui fork``: begin a new experiment with the configuration of a run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from l5tui.cli.options import RunArgument, WorkspaceOption
from l5tui.text import safe
from l5tui.workspace import find_workspace


def fork(
    run: RunArgument,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="TOML file to write; must not exist.")],
    workspace: WorkspaceOption = None,
) -> None:
    """Write a run's configuration, comments included, as a new experiment.

    Example: l5tui fork last --out experiments/variation.toml
    """
    place = find_workspace(workspace)
    from l5tui.runner.rerun import find_run, fork_run

    record = find_run(place, run)
    fork_run(record, place, out)
    typer.echo(safe(f"{out}: the experiment of run {record.id}"))
