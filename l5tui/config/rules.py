"""The learning rules there are: those that come with l5tui, and those of other packages.

One line registers a rule: in `BUILT_IN` here, or in another package as an entry point of the group ``l5tui.rules``.
Names are known without importing what they stand for.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from l5tui.errors import ConfigError, Fault

GROUP: Final = "l5tui.rules"
"""Entry points by which other packages register rules."""

CONTROL: Final = "none"
"""The rule that learns nothing: it has no class."""

BUILT_IN: Final[Mapping[str, str]] = {
    "bcm": "l5tui.model.plasticity.bcm:Bcm",
    "sliding_bcm": "l5tui.model.plasticity.sliding_bcm:SlidingBcm",
    "oja": "l5tui.model.plasticity.oja:Oja",
    "covariance": "l5tui.model.plasticity.covariance:Covariance",
}
"""Rules that come with l5tui: where each name's class stands."""


@cache
def rules_of_packages() -> Mapping[str, tuple[str, str]]:
    """Rules of installed packages: where each name's class stands, and the package, with its version.

    Names of l5tui's own are left out: no package can change what they mean.
    """
    from importlib.metadata import entry_points

    return {
        entry.name: (entry.value, f"{entry.dist.name} {entry.dist.version}" if entry.dist else "unknown")
        for entry in sorted(entry_points(group=GROUP), key=lambda entry: entry.name)
        if entry.name != CONTROL and entry.name not in BUILT_IN
    }


def rule_names() -> tuple[str, ...]:
    """The names that ``plasticity.rule`` can have, the control first."""
    return (CONTROL, *BUILT_IN, *rules_of_packages())


def is_rule(name: str) -> bool:
    """Whether a rule goes by a name; looks at installed packages only where it has to."""
    return name == CONTROL or name in BUILT_IN or name in rules_of_packages()


def rule_package(name: str) -> str:
    """The package that a rule comes from, with its version; empty for those of l5tui."""
    return "" if name == CONTROL or name in BUILT_IN else rules_of_packages()[name][1]


@cache
def rule_class(name: str) -> Any:
    """The class of a rule.

    Parameters
    ----------
    name : str
        One of `rule_names`, but for the control.

    Raises
    ------
    ConfigError
        Where the package that registers it cannot be loaded, or gives something else.
    """
    path = BUILT_IN.get(name) or rules_of_packages()[name][0]
    try:
        found = pkgutil.resolve_name(path)
    except Exception as error:
        # A package's code may fail in any way when it is imported.
        raise _unusable(name, f"{path} cannot be loaded ({type(error).__name__}: {error})") from error
    if not callable(getattr(found, "factors", None)):
        raise _unusable(name, f"{path} is no learning rule: it has no method factors")
    return found


def _unusable(name: str, why: str) -> ConfigError:
    told = (
        f'"{name}" of the package {rule_package(name)}: {why}' if rule_package(name) else f'"{name}": {why}'
    )
    return ConfigError([Fault("plasticity.rule", " ".join(told.split()), "a rule whose package works")])
