"""``l5tui show``: show one run, or one study."""

from __future__ import annotations

import typer
from rich.console import Console

from l5tui.cli.options import JsonOption, RunArgument, WorkspaceOption
from l5tui.cli.study_tables import print_study
from l5tui.cli.tables import print_report
from l5tui.errors import UnknownRunError
from l5tui.workspace import Workspace, find_workspace


def show(run: RunArgument, as_json: JsonOption = False, workspace: WorkspaceOption = None) -> None:
    """Show a run (measures, loss, location) or a study (best trials).

    Example: l5tui show last
    """
    place = find_workspace(workspace)
    from l5tui.runner.history import show_run

    try:
        report = show_run(place, run)
    except UnknownRunError as unknown:
        _show_study(place, run, as_json, unknown)
        return
    if as_json:
        typer.echo(report.as_json())
        return
    print_report(report, Console())


def _show_study(place: Workspace, reference: str, as_json: bool, unknown: UnknownRunError) -> None:
    """Show a study where no run answers; where no study does either, that is said of runs."""
    from l5tui.tuning.study import show_study

    try:
        report = show_study(place, reference)
    except UnknownRunError:
        raise unknown from None
    if as_json:
        typer.echo(report.as_json())
    else:
        print_study(report, Console())
