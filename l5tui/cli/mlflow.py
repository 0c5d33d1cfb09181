"""``l5tui mlflow``: the MLflow UI over a workspace."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console

from l5tui.cli.options import WorkspaceOption
from l5tui.runner.logs import log_to
from l5tui.runner.mlflow_ui import MlflowServer
from l5tui.runner.shield import shielded
from l5tui.text import safe
from l5tui.workspace import find_workspace


def mlflow(
    port: Annotated[
        int | None, typer.Option(metavar="N", min=1, max=65535, help="Port; a free one by default.")
    ] = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Serve runs and studies in the MLflow UI, on 127.0.0.1, until Ctrl+C.

    Example: l5tui mlflow --port 5001
    """
    place = find_workspace(workspace)
    console = Console(stderr=True)
    log_to(place)
    server = MlflowServer(place, port)
    try:
        try:
            with console.status("Starting MLflow, which takes 6 to 20 seconds"):
                server.start()
            typer.echo(f"MLflow shows {safe(str(place.root))} at {server.url}")
            console.print("Ctrl+C ends it.")
            server.wait()
        finally:
            with shielded():
                server.stop()
    except KeyboardInterrupt:
        console.print("MLflow has ended.")
