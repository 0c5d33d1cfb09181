"""What the shell offers when Tab is pressed: runs, keys of an experiment, names of rules and figures."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from l5tui.config.rules import rule_names
from l5tui.config.schema import parameters
from l5tui.errors import L5Error
from l5tui.runner.overview import overview
from l5tui.workspace import find_workspace

OFFERED_RUNS = 20


def complete_run(incomplete: str) -> Iterator[tuple[str, str]]:
    """``last``, and the newest runs of the workspace that the shell stands in."""
    yield "last", "the newest run"
    try:
        runs = overview(find_workspace())
    except L5Error:
        # There is nothing to offer, and no place to say why.
        return
    matching = [run for run in runs if run.id.startswith(incomplete)]
    yield from ((run.id, f"{run.name}, {run.rule}, {run.status}") for run in matching[:OFFERED_RUNS])


def complete_assignment(incomplete: str) -> Iterator[tuple[str, str]]:
    """Keys of an experiment with an equals sign; behind it, the names that the key can have."""
    path, equals, _ = incomplete.partition("=")
    for known in parameters():
        if not equals:
            yield f"{known.path}=", known.description
        elif known.path == path:
            yield from ((f"{path}={choice}", "") for choice in known.choices)


def one_of(names: Callable[[], tuple[str, ...]]) -> Callable[[str], Iterator[str]]:
    """Completes the last name of a list with commas."""

    def complete(incomplete: str) -> Iterator[str]:
        before, comma, _ = incomplete.rpartition(",")
        taken = before.split(",")
        yield from (f"{before}{comma}{name}" for name in names() if name not in taken)

    return complete


def _figure_names() -> tuple[str, ...]:
    from l5tui.runner.figures import NAMES

    return NAMES


complete_rules = one_of(rule_names)
complete_figures = one_of(_figure_names)
