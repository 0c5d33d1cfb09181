"""``l5tui run``: run one experiment and keep it."""

from __future__ import annotations

from typing import Annotated

import typer

from l5tui.cli.execution import EXIT_CODES, execution
from l5tui.cli.options import FileArgument, JsonOption, SetOption, WorkspaceOption
from l5tui.cli.text import safe
from l5tui.config.toml_file import read_experiment
from l5tui.config.toml_writer import toml_value
from l5tui.workspace import find_workspace


def run(
    file: FileArgument,
    headless: Annotated[bool, typer.Option("--headless", help="Run without the app.")] = False,
    assignments: SetOption = None,
    seed: Annotated[int | None, typer.Option(metavar="N", help="Seed of all randomness.")] = None,
    name: Annotated[str | None, typer.Option(metavar="NAME", help="Name of the run.")] = None,
    as_json: JsonOption = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print the run's id and nothing else.")] = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Run an experiment; keep its file, its row and its MLflow run.

    Example: l5tui run --headless experiments/default.toml --set plasticity.rule=oja --seed 7
    """
    if not headless:
        raise typer.BadParameter("add it: the app that shows a run live comes later", param_hint="--headless")
    overrides = [*(assignments or [])]
    if seed is not None:
        overrides.append(f"seed={seed}")
    if name is not None:
        # Bytes that are no text in the terminal's encoding cannot be kept.
        overrides.append(f"name={toml_value(name.encode(errors='replace').decode())}")
    place = find_workspace(workspace)
    source = read_experiment(file, overrides)

    from rich.console import Console

    from l5tui.cli.tables import print_report
    from l5tui.runner.run import run_experiment

    with execution(place, quiet=quiet) as ready:
        report = run_experiment(
            source.experiment,
            source.text,
            place,
            observe=ready.observe,
            cancelled=ready.cancelled,
            recorder=ready.recorder,
        )
    record = report.record
    if as_json:
        typer.echo(report.as_json())
    elif quiet:
        typer.echo(record.id)
    else:
        print_report(report, Console())
    if record.status == "failed":
        told = safe(f"run {record.id} failed: {record.error}; details: {place.log}")
        typer.echo(told, err=True)
    raise typer.Exit(EXIT_CODES[record.status])
