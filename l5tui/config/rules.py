"""The learning rules there are: those that come with l5tui, and those of other packages.

One line registers a rule: in `BUILT_IN` here, or in another package as an entry point of the group ``l5tui.rules``.
Names are known without importing what they stand for.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from functools import cache
from importlib.metadata import entry_points
from typing import Any, Final, NamedTuple

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


class PackageRule(NamedTuple):
    """A rule of an installed package: where its class stands, and which package of which version has it."""

    path: str
    package: str
    version: str


@cache
def rules_of_packages() -> Mapping[str, PackageRule]:
    """Rules of installed packages, by name.

    Names of l5tui's own are left out: no package can change what they mean.
    """
    return {
        entry.name: PackageRule(entry.value, entry.dist.name, entry.dist.version)
        for entry in sorted(entry_points(group=GROUP), key=lambda entry: entry.name)
        if entry.dist is not None and entry.name != CONTROL and entry.name not in BUILT_IN
    }


def rule_names() -> tuple[str, ...]:
    """Return the names that ``plasticity.rule`` can have, the control first."""
    return (CONTROL, *BUILT_IN, *rules_of_packages())


def is_rule(name: str) -> bool:
    """Whether a rule goes by a name; looks at installed packages only where it has to."""
    return name == CONTROL or name in BUILT_IN or name in rules_of_packages()


def package_rule(name: str) -> PackageRule | None:
    """Return where the rule of another package is; None for those of l5tui, and where it is not installed."""
    return None if name == CONTROL or name in BUILT_IN else rules_of_packages().get(name)


@cache
def rule_class(name: str) -> Any:
    """Return the class of a rule.

    Parameters
    ----------
    name : str
        One of `rule_names`, but for the control.

    Raises
    ------
    ConfigError
        If no installed package registers it, or that package cannot be loaded or has no rule of that name.
    """
    if not is_rule(name):
        raise ConfigError(
            [Fault("plasticity.rule", f'"{name}", which is not installed', "an installed rule")]
        )
    path = BUILT_IN.get(name) or rules_of_packages()[name].path
    try:
        found = pkgutil.resolve_name(path)
    except Exception as error:
        # A package's code may fail in any way when it is imported.
        raise _unusable(name, f"{path} cannot be loaded ({type(error).__name__}: {error})") from error
    if not callable(getattr(found, "factors", None)):
        raise _unusable(name, f"{path} is not a learning rule: it has no method factors")
    return found


def _unusable(name: str, why: str) -> ConfigError:
    found = package_rule(name)
    whose = f" of the package {found.package} {found.version}" if found else ""
    text = " ".join(f'"{name}"{whose}: {why}'.split())
    return ConfigError([Fault("plasticity.rule", text, "a rule whose package can be loaded")])
