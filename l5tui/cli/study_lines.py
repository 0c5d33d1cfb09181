"""Progress of a study: a bar on standard error, or JSON lines on standard output."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final, NoReturn

import typer
from rich.console import Console

from l5tui.cli.bar import LineWriter
from l5tui.cli.study_progress import StudyView
from l5tui.errors import ClusterLostError, StudyFailedError
from l5tui.runner.lines import as_line
from l5tui.text import safe
from l5tui.tuning.lines import study_line

if TYPE_CHECKING:
    from l5tui.tuning.events import StudyObserver
    from l5tui.tuning.report import StudyReport
    from l5tui.workspace import Workspace

EXIT_CODES: Final = {"completed": 0, "stopped": 130, "failed": 1}
"""Exit code of a command by the status of its study."""


def refuse_both(as_json: bool, progress: str) -> None:
    """Refuse to write one JSON object among lines of JSON.

    Raises
    ------
    typer.BadParameter
        If both are requested.
    """
    if as_json and progress == "jsonl":
        raise typer.BadParameter("jsonl: cannot be combined with --json", param_hint="--progress")


def leave(report: StudyReport, command: str, begun_in: Workspace, *, is_silent: bool) -> NoReturn:
    """Leave with the exit code of a study, and say how a stopped one is resumed.

    Parameters
    ----------
    report : StudyReport
    command : str
        Of l5tui, which resumes it.
    begun_in : Workspace
        Where the command has found the workspace; if it was moved since, its new place is named.
    is_silent : bool
        Whether a study that was stopped on request leaves without a line.

    Raises
    ------
    StudyFailedError
        Where the study has no result.
    ClusterLostError
        Where it has lost its cluster.
    """
    study = report.record
    if study.status == "failed":
        raise StudyFailedError(f"study {study.id} has failed: {study.error}")
    resumed = f"l5tui {command} --resume {study.id}"
    if report.workspace != begun_in:
        resumed += f" --workspace {safe(shlex.quote(str(report.workspace.root)))}"
    if report.interruption:
        raise ClusterLostError(
            f"study {study.id} is stopped: {report.interruption}; `{resumed} --scheduler ADDRESS` resumes it"
        )
    if study.status == "stopped" and not is_silent:
        typer.echo(f"stopped; `{resumed}` resumes it", err=True)
    raise typer.Exit(EXIT_CODES[study.status])


@contextmanager
def study_observer(as_lines: bool) -> Iterator[StudyObserver]:
    """Provide the listener that prints a study's events.

    Parameters
    ----------
    as_lines : bool
        Whether they are written as lines of JSON; else a bar shows them.
    """
    with StudyView(Console(stderr=True, quiet=as_lines)) as view:
        yield LineWriter(sys.stdout, study_line).observe if as_lines else view.observe


def write_end(report: StudyReport) -> None:
    """Write the last line of JSON, with the whole report."""
    # A study continues to its end if the reader of its lines is gone.
    with suppress(BrokenPipeError):
        typer.echo(as_line("ended", report=report.as_dict()))
