"""``l5tui run``: run one experiment and keep it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal, NoReturn

import typer
from rich.console import Console

from l5tui.cli.execution import EXIT_CODES, execution
from l5tui.cli.interrupts import interrupts
from l5tui.cli.options import FileArgument, ForceOption, JsonOption, SetOption, WorkspaceOption
from l5tui.cli.tables import print_report
from l5tui.config.toml_file import ReadExperiment, read_experiment
from l5tui.config.toml_writer import toml_value
from l5tui.runner.engine_settings import require_engine_settings
from l5tui.runner.forecast import forecast
from l5tui.runner.lines import as_line
from l5tui.runner.memory import require_memory
from l5tui.text import safe
from l5tui.tui.start import open_app
from l5tui.workspace import Workspace, find_workspace

if TYPE_CHECKING:
    from l5tui.runner.report import RunReport


def run(
    file: FileArgument,
    headless: Annotated[
        bool, typer.Option("--headless", help="Run without the app, which shows the run live by default.")
    ] = False,
    assignments: SetOption = None,
    seed: Annotated[int | None, typer.Option(metavar="N", help="Seed of all randomness.")] = None,
    name: Annotated[str | None, typer.Option(metavar="NAME", help="Name of the run.")] = None,
    as_json: JsonOption = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print only the run's id.")] = False,
    progress: Annotated[
        Literal["bar", "jsonl"],
        typer.Option(help="Progress: a bar on standard error, or JSON lines on standard output."),
    ] = "bar",
    force: ForceOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Run an experiment; store its file, its catalogue row and its MLflow run.

    Example: l5tui run --headless experiments/default.toml --set plasticity.rule=oja --seed 7
    """
    if progress == "jsonl" and (as_json or quiet):
        raise typer.BadParameter("jsonl: cannot be combined with --json or --quiet", param_hint="--progress")
    overrides = [*(assignments or [])]
    if seed is not None:
        overrides.append(f"seed={seed}")
    if name is not None:
        # Bytes that are no text in the terminal's encoding cannot be kept.
        overrides.append(f"name={toml_value(name.encode(errors='replace').decode())}")
    place = find_workspace(workspace)
    source = read_experiment(file, overrides)
    if not headless:
        _show(place, source, force=force)

    from l5tui.runner.run import run_experiment

    # Before a process is started for MLflow.
    require_engine_settings(source.experiment)
    require_memory(forecast(source.experiment), force=force)
    with execution(place, quiet=quiet, lines=progress == "jsonl") as ready:
        report = run_experiment(
            source.experiment,
            source.text,
            place,
            observe=ready.observe,
            cancelled=ready.cancelled,
            recorder=ready.recorder,
            force=force,
        )
    _print(report, "jsonl" if progress == "jsonl" else "json" if as_json else "quiet" if quiet else "tables")
    raise typer.Exit(EXIT_CODES[report.record.status])


def _show(workspace: Workspace, source: ReadExperiment, *, force: bool) -> NoReturn:
    """Run it in the app."""
    interrupts.heed()
    interrupts.release()
    open_app(workspace.root, run=source, force=force)


def _print(report: RunReport, form: Literal["jsonl", "json", "quiet", "tables"]) -> None:
    record = report.record
    if form == "jsonl":
        typer.echo(as_line("ended", report=report.as_dict()))
    elif form == "json":
        typer.echo(report.as_json())
    elif form == "quiet":
        typer.echo(record.id)
    else:
        print_report(report, Console())
    if record.status == "failed":
        message = safe(f"run {record.id} failed: {record.error}; details: {report.workspace.log}")
        typer.echo(message, err=True)
