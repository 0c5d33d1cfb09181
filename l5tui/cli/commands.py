"""The words of the command line: one a use case."""

from __future__ import annotations

from typing import Annotated

import typer

from l5tui.cli.check import check
from l5tui.cli.compare import compare
from l5tui.cli.compare_rules import compare_rules
from l5tui.cli.delete import delete
from l5tui.cli.doctor import doctor
from l5tui.cli.export import export
from l5tui.cli.failures import with_exit_codes
from l5tui.cli.figures import figures
from l5tui.cli.fork import fork
from l5tui.cli.infer import infer
from l5tui.cli.init import init
from l5tui.cli.mlflow import mlflow
from l5tui.cli.note import note
from l5tui.cli.rerun import rerun
from l5tui.cli.run import run
from l5tui.cli.runs import runs
from l5tui.cli.sensitivity import sensitivity
from l5tui.cli.show import show
from l5tui.cli.studies import studies
from l5tui.cli.tag import tag
from l5tui.cli.tune import sweep, tune
from l5tui.version import __version__

app = typer.Typer(
    name="l5tui",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (
    *(run, check, runs, show, figures, compare, compare_rules, rerun, fork, export),
    *(tag, note, delete, doctor),
    *(tune, sweep, sensitivity, infer, studies, mlflow, init),
):
    app.command()(with_exit_codes(command))


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"l5tui {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def start(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", help="Show what goes into the log, on standard error too.")
    ] = False,
) -> None:
    """A workbench for a firing-rate model of mouse V1 layer 5; without a command, the app opens.

    Example: l5tui run --headless experiments/default.toml
    """
    if verbose:
        from l5tui.runner.logs import log_on_screen

        log_on_screen()
    if context.invoked_subcommand is None:
        from l5tui.tui.start import open_app

        open_app()
