"""Colours with a meaning; a word or a sign has the same meaning, for terminals without colours."""

from __future__ import annotations

import math
from typing import Any

from rich.style import Style

POPULATION_COLOURS = ("#e8773a", "#56a5e0", "#2fb58a", "#d69ac0")
"""Of CS, CC, PV and SST: those of the figures, lighter, so that they are readable on dark and light."""

FAULT = Style(color="#e06c75", bold=True)
WARNING = Style(color="#d6a04f")
GOOD = Style(color="#2fb58a")

STATUS_STYLES = {
    "completed": GOOD,
    "running": Style(bold=True),
    "waiting": Style(dim=True),
    "diverged": FAULT,
    "failed": FAULT,
    "cancelled": Style(color="#d6a04f"),
    "stopped": Style(color="#d6a04f"),
    "interrupted": Style(color="#d6a04f"),
}
STATUS_SIGNS = {
    "completed": "✓",
    "running": "●",
    "waiting": "◌",
    "queued": "◌",
    "diverged": "∞",
    "failed": "✗",
    "cancelled": "–",
    "stopped": "–",
    "interrupted": "–",
}

_EXCITATORY, _INHIBITORY = (201, 96, 70), (70, 130, 201)


def sign_style(value: Any) -> Style:
    """Return the colour of a weight's sign: warm for excitation, cold for inhibition."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not value:
        return Style()
    return Style(color="#e59a80" if value > 0 else "#8db4e8")


def heat_style(value: float, largest: float) -> Style:
    """Return a background whose strength is a weight's share of the largest, in the colour of its sign."""
    if not math.isfinite(value) or largest <= 0:
        return Style(dim=True)
    red, green, blue = _EXCITATORY if value > 0 else _INHIBITORY
    share = min(abs(value) / largest, 1.0) ** 0.6
    dark = (38, 42, 51)
    mixed = [round(low + (high - low) * share) for low, high in zip(dark, (red, green, blue), strict=True)]
    return Style(bgcolor=f"#{mixed[0]:02x}{mixed[1]:02x}{mixed[2]:02x}", color="#f4f4f4")
