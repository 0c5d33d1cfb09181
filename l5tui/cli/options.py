"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from l5tui.cli.completion import complete_assignment, complete_run
from l5tui.config.rules import is_rule, rule_names
from l5tui.config.spelling import did_you_mean
from l5tui.text import safe


def _known_rule(name: str | None) -> str | None:
    if name is not None and not is_rule(name):
        message = (
            f"unknown: {name}; the rules are {', '.join(rule_names())}{did_you_mean(name, rule_names())}"
        )
        raise typer.BadParameter(safe(message))
    return name


WorkspaceOption: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--workspace",
        metavar="DIR",
        help="Folder with experiments/, store/ and mlruns/; by default $L5TUI_WORKSPACE, "
        "else the current folder or its nearest parent with these three.",
    ),
]
JsonOption: TypeAlias = Annotated[
    bool, typer.Option("--json", help="Print only one JSON value on standard output.")
]
SetOption: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="Override a key, e.g. --set plasticity.rule=oja; repeatable.",
        autocompletion=complete_assignment,
    ),
]
ForceOption: TypeAlias = Annotated[
    bool, typer.Option("--force", help="Start even if more memory is needed than is free.")
]
RuleOption: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--rule",
        metavar="RULE",
        callback=_known_rule,
        autocompletion=rule_names,
        help=f"Only runs with this learning rule: {', '.join(rule_names())}.",
    ),
]
FileArgument: TypeAlias = Annotated[Path, typer.Argument(metavar="FILE", help="TOML file of an experiment.")]
RunArgument: TypeAlias = Annotated[
    str,
    typer.Argument(
        metavar="RUN",
        help="Id of a run, its beginning or its end, or `last`.",
        autocompletion=complete_run,
    ),
]
OutOption: TypeAlias = Annotated[
    Path | None,
    typer.Option("--out", metavar="DIR", help="Draw figures into this folder, created if it is missing."),
]
