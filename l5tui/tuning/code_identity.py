"""Identity of the code that computes trials, by which a study compares the workers of a cluster with itself."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, NamedTuple

from l5tui.config import Experiment
from l5tui.config.rules import package_rule
from l5tui.config.tuning import Range
from l5tui.runner.code_state import source_digest, source_of
from l5tui.version import __version__

RULE: Final = "plasticity.rule"
SHOWN: Final = 8
"""Characters of a digest in messages."""


class CodeIdentity(NamedTuple):
    """What decides which numbers a trial has.

    Parameters
    ----------
    version : str
        Of l5tui.
    digest : str
        SHA-256 of the Python files of l5tui.
    rules : tuple of tuple of str
        Name, and version and digest of the package, of each rule of another package; ``not installed`` where there is
        none.
    """

    version: str
    digest: str
    rules: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        rules = "".join(f", {name} of {what}" for name, what in self.rules)
        return f"l5tui {self.version}, code {self.digest[:SHOWN]}{rules}"


def rules_of_study(experiment: Experiment) -> tuple[str, ...]:
    """Return the rules of other packages that the trials of a study can have, by name.

    Parameters
    ----------
    experiment : Experiment
        That is varied.
    """
    spread: Any = experiment.tuning.space.get(RULE, ())
    choices = () if isinstance(spread, Range) else spread
    names = {experiment.plasticity.rule, *map(str, choices)}
    return tuple(sorted(name for name in names if package_rule(name) is not None))


def code_identity(rules: Sequence[str]) -> CodeIdentity:
    """Return the identity of the code of this process.

    It is computed once in a process, before the first trial, so that files that change later do not count: the process
    continues with the code that it has loaded.

    Parameters
    ----------
    rules : sequence of str
        Rules of other packages.
    """
    return CodeIdentity(__version__, _own_digest(), tuple((name, _package_of_rule(name)) for name in rules))


@lru_cache
def _own_digest() -> str:
    return source_digest(Path(__file__).parents[1], frozenset({".py"}))


@lru_cache
def _package_of_rule(name: str) -> str:
    rule = package_rule(name)
    if rule is None:
        return "not an installed package"
    source = source_of(rule)
    digest = source_digest(source)[:SHOWN] if source else "without files"
    return f"{rule.package} {rule.version}, code {digest}"
