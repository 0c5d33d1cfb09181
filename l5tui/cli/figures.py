"""``l5tui figures``: draw the figures of a run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console

from l5tui.cli.completion import complete_figures
from l5tui.cli.options import JsonOption, RunArgument, WorkspaceOption
from l5tui.text import safe
from l5tui.workspace import find_workspace

FormatName = Literal["png", "svg", "pdf"]


def figures(
    run: RunArgument,
    which: Annotated[
        str | None,
        typer.Option(
            metavar="NAME,…",
            help="Only these: selectivity, weights, rates, weight_course, rate_distribution, tuning (or "
            "tuning_polar), weight_maps, stability, loss.",
            autocompletion=complete_figures,
        ),
    ] = None,
    format: Annotated[FormatName, typer.Option(help="File format.")] = "png",  # noqa: A002
    out: Annotated[
        Path, typer.Option(metavar="DIR", help="Folder for the files, created if it is missing.")
    ] = Path(),
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Draw the figures of a run into files, all nine or some of them.

    Example: l5tui figures last --which tuning,stability --format pdf --out figures
    """
    place = find_workspace(workspace)
    from l5tui.runner.figures import ALL, draw_figures, figure_names

    warnings: list[str] = []
    names = ALL if which is None else figure_names(which)
    with Console(stderr=True).status("Reading the run") as status:
        paths = draw_figures(
            *(place, run, names, format, out),
            observe=lambda name: status.update(f"Drawing {name}"),
            warn=warnings.append,
        )
    for warning in warnings:
        typer.echo(safe(f"warning: {warning}"), err=True)
    if as_json:
        typer.echo(json.dumps([str(path) for path in paths], indent=2))
        return
    for path in paths:
        typer.echo(safe(str(path)))
