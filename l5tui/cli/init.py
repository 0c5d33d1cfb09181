"""``l5tui init``: make a workspace."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from l5tui.runner.network import network_warning
from l5tui.text import count, safe
from l5tui.workspace import create_workspace


def init(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="Folder of the workspace, created if it is missing.")
    ],
) -> None:
    """Create a workspace with the included experiments.

    Example: l5tui init my-study
    """
    workspace = create_workspace(folder)
    ready = len(list(workspace.experiments.glob("*.toml")))
    if warning := network_warning(workspace):
        typer.echo(safe(f"warning: {warning}"), err=True)
    typer.echo(f"{safe(str(workspace.root))}: a workspace with {count(ready, 'experiment')}")
