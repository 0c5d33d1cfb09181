"""Stored runs whose learning rule belongs to a package that is not installed: they stay readable, with one warning."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Final

from l5tui.config.rules import is_rule

SOURCE: Final = " source"
"""Ending of the key, among a run's versions, of the digest of its rule's package."""

log = logging.getLogger(__name__)
_reported: set[str] = set()


def warn_of_missing_rule(rule: str, versions: Mapping[str, str]) -> None:
    """Log a warning if a run's rule is not installed, once in each process.

    Parameters
    ----------
    rule : str
    versions : mapping
        The run's own, which name the package.
    """
    if is_rule(rule):
        return
    package = next((key.removesuffix(SOURCE) for key in versions if key.endswith(SOURCE)), None)
    of = f" of the package {package} {versions.get(package, '')}".rstrip() if package else ""
    text = f'learning rule "{rule}"{of} is not installed: its runs can be shown, but not run again'
    if text not in _reported:
        _reported.add(text)
        log.warning("%s", text)
