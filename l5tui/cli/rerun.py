"""``l5tui rerun``: run a stored run's configuration again."""

from __future__ import annotations

import json
from typing import Annotated

import typer
from rich.console import Console

from l5tui.cli.execution import EXIT_CODES, execution
from l5tui.cli.options import ForceOption, JsonOption, RunArgument, WorkspaceOption
from l5tui.cli.tables import print_report
from l5tui.text import safe
from l5tui.workspace import find_workspace

DIFFERENT = 1


def rerun(
    run: RunArgument,
    verified: Annotated[
        bool,
        typer.Option("--verify", help="Compare both runs bit for bit; exit code 0 if identical, 1 if not."),
    ] = False,
    as_json: JsonOption = False,
    force: ForceOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Run a stored run's configuration again, as a new run.

    Example: l5tui rerun last --verify
    """
    place = find_workspace(workspace)
    from l5tui.runner.rerun import find_run, verify
    from l5tui.runner.rerun import rerun as run_again

    original = find_run(place, run, with_file=verified)
    with execution(place) as ready:
        report = run_again(
            original,
            place,
            observe=ready.observe,
            cancelled=ready.cancelled,
            recorder=ready.recorder,
            force=force,
        )
    has_file = report.record.file is not None
    if verified and has_file:
        with Console(stderr=True).status("comparing both files"):
            verification = verify(original, report.record, report.workspace)
        if as_json:
            typer.echo(json.dumps(verification.as_dict(), indent=2, allow_nan=False))
        else:
            for line in verification.lines():
                typer.echo(safe(line))
        raise typer.Exit(0 if verification.is_same else DIFFERENT)
    if as_json:
        typer.echo(report.as_json())
    else:
        print_report(report, Console())
    if report.record.status == "failed":
        message = safe(
            f"run {report.record.id} failed: {report.record.error}; details: {report.workspace.log}"
        )
        typer.echo(message, err=True)
    raise typer.Exit(EXIT_CODES[report.record.status])
