"""``l5tui compare-rules``: one experiment under every learning rule."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from l5tui.cli.completion import complete_rules
from l5tui.cli.execution import EXIT_CODES, execution
from l5tui.cli.interrupts import interrupts
from l5tui.cli.option_faults import read_with_options
from l5tui.cli.options import ForceOption, JsonOption, OutOption, SetOption, WorkspaceOption
from l5tui.config.rules import rule_names
from l5tui.errors import Fault
from l5tui.text import interval_text, number, p_text, safe
from l5tui.workspace import Workspace, find_workspace

if TYPE_CHECKING:
    from rich.console import Console

    from l5tui.runner.rule_comparison import RuleComparison

ALL = rule_names()
NOTES = """\
effect: mean over circuits of the change less the control's, with its Student t
interval. d_z: effect in standard deviations of its differences. p_Holm: paired
t test, adjusted by Holm's method for all tests of these tables."""


def compare_rules(
    file: Annotated[Path | None, typer.Argument(metavar="[FILE]", help="TOML file of an experiment.")] = None,
    rules: Annotated[
        str,
        typer.Option(
            metavar="RULES",
            help="Rules, separated by commas; the control `none` always runs.",
            autocompletion=complete_rules,
        ),
    ] = ",".join(ALL),
    group: Annotated[
        str | None, typer.Option(metavar="ID", help="Show an earlier comparison instead of running one.")
    ] = None,
    assignments: SetOption = None,
    force: ForceOption = False,
    as_json: JsonOption = False,
    out: OutOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Run every learning rule on the same circuits and stimuli, against a control that learns nothing.

    Example: l5tui compare-rules experiments/default.toml --out figures
    """
    if (file is None) == (group is None):
        raise typer.BadParameter("give either FILE or --group ID")
    place = find_workspace(workspace)
    if file is not None:
        comparison = _run(file, rules, assignments or [], place, force=force)
    else:
        from l5tui.runner.rule_comparison import stored_rule_comparison

        comparison = stored_rule_comparison(place, str(group))
    if as_json:
        typer.echo(json.dumps(comparison.as_dict(), indent=2, allow_nan=False))
    else:
        print_rule_comparison(comparison, Console())
    if out is not None and comparison.effects:
        from l5tui.runner.rule_comparison import draw_rule_comparison

        with Console(stderr=True).status("drawing"):
            paths = draw_rule_comparison(comparison, out)
        for path in paths:
            typer.echo(safe(f"written: {path}"), err=True)
    raise typer.Exit(_exit_code(comparison) if file is not None else 0)


def _run(file: Path, rules: str, assignments: list[str], place: Workspace, *, force: bool) -> RuleComparison:
    chosen = [name.strip() for name in rules.split(",") if name.strip()]
    source = read_with_options(file, assignments, "run", lambda parameters: _rules_faults(chosen))
    from l5tui.runner.rule_comparison import compare_rules as run_rules

    with execution(place) as ready:
        return run_rules(
            source.text,
            place,
            rules=[rule for rule in ALL if rule in chosen],
            observe=ready.observe,
            cancelled=ready.cancelled,
            recorder=ready.recorder,
            force=force,
        )


def _exit_code(comparison: RuleComparison) -> int:
    """As of one run: interrupted, failed, diverged or complete, whichever of these comes first."""
    if interrupts.requested():
        return EXIT_CODES["cancelled"]
    statuses = {str(record.status) for record in comparison.records}
    first = next(each for each in ("cancelled", "failed", "diverged", "completed") if each in statuses)
    return EXIT_CODES[first]


def _rules_faults(names: list[str]) -> list[Fault]:
    unknown = [name for name in names if name not in ALL]
    return [Fault("--rules", ", ".join(unknown), f"rules among {', '.join(ALL)}")] if unknown else []


def print_rule_comparison(comparison: RuleComparison, console: Console) -> None:
    """Print a table a measure, with every population and rule, and where the runs are."""
    from l5tui.analysis.intervals import FEWEST

    few = f" Fewer than {FEWEST}: no interval and no test."
    for measure in dict.fromkeys(effect.measure for effect in comparison.effects):
        table = Table(
            title=f"{measure}, and its change against the control, over realizations",
            title_justify="left",
            title_style="bold",
            box=None,
            pad_edge=False,
            padding=(0, 2, 0, 0),
        )
        for heading in ("", "rule"):
            table.add_column(heading, no_wrap=True)
        for heading in ("before", "after", "change", "effect", "95 % interval", "d_z", "p_Holm"):
            table.add_column(heading, justify="right", no_wrap=True)
        previous = ""
        for effect in comparison.effects:
            if effect.measure != measure:
                continue
            is_control = effect.rule == "none"
            table.add_row(
                effect.population if effect.population != previous else "",
                effect.rule,
                number(effect.before),
                number(effect.after),
                number(effect.change, signed=True),
                "" if is_control else number(effect.effect, signed=True),
                "" if is_control else interval_text(effect.low, effect.high),
                "" if is_control else number(effect.effect_size, 1, signed=True),
                "" if is_control else p_text(effect.p_holm),
            )
            previous = effect.population
        console.print(table)
        console.print()
    if comparison.effects:
        console.print(NOTES)
        pairs = [effect.realizations for effect in comparison.effects if effect.rule != "none"]
        if pairs:
            fewest, most = min(pairs), max(pairs)
            n = f"{fewest} to {most}" if fewest < most else str(most)
            console.print(f"n = {n} circuits, paired.{few if fewest < FEWEST else ''}")
        console.print()
    else:
        console.print("The control is not complete: there is nothing to compare with.")
    for record in comparison.records:
        line = f"{record.rule:<12} {record.id}  {record.status}"
        console.print(Text(safe(f"{line}: {record.error}" if record.error else line)), highlight=False)
    console.print(Text(f"Group {comparison.group_id}"), highlight=False, soft_wrap=True)
