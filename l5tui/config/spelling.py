"""Guessing what a misspelt name was meant to be."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from l5tui.config.schema import parameters

LONGEST = 100
"""Longer names are not compared: no key is that long, and comparing takes long."""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """``; did you mean "…"?`` with the nearest known name, or nothing where none is near."""
    near = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6) if len(name) <= LONGEST else []
    return f'; did you mean "{near[0]}"?' if near else ""


def did_you_mean_path(path: str) -> str:
    """As `did_you_mean`, over the paths of all parameters; a bare key finds the section that it is in."""
    for known in parameters():
        if path in (known.path.rpartition(".")[2], known.alias):
            return f'; did you mean "{known.path}"?'
    return did_you_mean(path, (known.path for known in parameters()))
