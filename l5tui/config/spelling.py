"""Guessing what a misspelt name was meant to be."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """``; did you mean "…"?`` with the nearest known name, or nothing where none is near."""
    near = difflib.get_close_matches(name[:200], list(known), n=1, cutoff=0.6)
    return f'; did you mean "{near[0]}"?' if near else ""
