"""``l5tui doctor``: say what is wrong in a workspace, and mend it."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import MofNCompleteColumn
from rich.table import Table
from rich.text import Text

from l5tui.cli.bar import ProgressBar
from l5tui.cli.options import JsonOption, WorkspaceOption
from l5tui.runner.logs import log_to
from l5tui.text import count, safe
from l5tui.workspace import find_workspace

if TYPE_CHECKING:
    from rich.text import Text

    from l5tui.runner.doctor import Examination, Finding


LINE_SECONDS = 10.0


def doctor(
    repair: Annotated[
        bool,
        typer.Option(
            "--repair", help="Repair faults where possible; replaced files are backed up in the same folder."
        ),
    ] = False,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Report the faults of a workspace; the exit code is 1 if there are any.

    Example: l5tui doctor --repair
    """
    place = find_workspace(workspace)
    from l5tui.runner import doctor as use_case

    mended: list[str] = []

    def say(line: str) -> None:
        mended.append(line)
        if not as_json:
            typer.echo(safe(line if line.startswith("not ") else f"mended {line}"))

    with ProgressBar(Console(stderr=True, quiet=as_json), MofNCompleteColumn(), LINE_SECONDS) as bar:

        def show_progress(done: int, total: int) -> None:
            bar.draw("looking at files", completed=done, total=total)
            bar.line(f"examined {done} of {count(total, 'file')}")

        if repair:
            log_to(place)
            examined = use_case.repair(place, say, show_progress)
        else:
            examined = use_case.examine(place, show_progress)
    lost = [line for line in mended if line.startswith(use_case.NOT_RECOVERED)]
    if as_json:
        fields = {**examined.as_dict(), "mended": mended, "not_recovered": lost}
        typer.echo(json.dumps(fields, indent=2))
    else:
        _print(examined, len(lost))
    sys.exit(1 if examined.findings or lost else 0)


def _print(examined: Examination, lost: int) -> None:
    # In a pipe each finding is one line, however long; on a terminal it is broken and indented.
    console = Console(soft_wrap=not sys.stdout.isatty())
    parts = [f"{name} {version}" for name, version in examined.versions.items()]
    if examined.missing_extras:
        parts.append(f"optional extras not installed: {', '.join(examined.missing_extras)}")
    console.print(Text(", ".join(parts)), highlight=False, style="dim")
    for note in examined.notes:
        console.print(Text(safe(f"note: {note}"), "yellow"), highlight=False)
    console.print()
    if console.is_terminal:
        table = Table.grid(padding=(0, 1))
        for each in examined.findings:
            table.add_row("-", _line(each))
        console.print(table)
    else:
        for each in examined.findings:
            console.print(_line(each), highlight=False)
    console.print(Text(_closing(examined, lost)), highlight=False)


def _line(finding: Finding) -> Text:
    return Text.assemble((safe(finding.where), "bold"), safe(finding.as_line().removeprefix(finding.where)))


def _closing(examined: Examination, lost: int) -> str:
    studies = f"{examined.studies} {'study' if examined.studies == 1 else 'studies'}"
    looked = f"{count(examined.runs, 'run')}, {count(examined.files, 'file')} and {studies}"
    where = f"{looked} in {safe(str(examined.workspace.root))}"
    if not examined.findings and lost:
        return f"{count(lost, 'thing')} could not be recovered, as listed above; there are no other faults: {where}."
    if not examined.findings:
        return f"All is well: {where}."
    mendable = sum(each.is_mendable for each in examined.findings)
    closing = f"; `l5tui doctor --repair` mends {mendable} of them" if mendable else ""
    return f"{count(len(examined.findings), 'thing')} wrong, {where}{closing}."
