"""``l5tui show``: show one run."""

from __future__ import annotations

import typer

from l5tui.cli.options import JsonOption, RunArgument, WorkspaceOption
from l5tui.workspace import find_workspace


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
