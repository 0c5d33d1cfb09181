"""The words of the command line: one a use case."""

from __future__ import annotations

from typing import Annotated

import typer

from l5tui.cli.lazy_group import LazyGroup
from l5tui.version import __version__

app = typer.Typer(
    name="l5tui",
    cls=LazyGroup,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


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
        bool, typer.Option("--verbose", help="Write the log to standard error as well.")
    ] = False,
) -> None:
    """A workbench for a firing-rate model of mouse V1 layer 5; without a command, the app opens.

    Example: l5tui run --headless experiments/default.toml
    """  # noqa: D401
    if verbose:
        from l5tui.runner.logs import log_on_screen

        log_on_screen()
    if context.invoked_subcommand is None:
        from l5tui.tui.start import open_app

        open_app()
