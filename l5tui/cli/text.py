"""Text for a terminal: harmless, and of a width that fits."""

from __future__ import annotations

import math


def safe(text: str) -> str:
    """Text that cannot steer the terminal: whatever does not print is shown as an escape."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def number(value: float, decimals: int = 3, *, signed: bool = False) -> str:
    """A number with a true minus sign, or n/a where it is not defined."""
    if math.isnan(value):
        return "n/a"
    shown = f"{value:{'+' if signed else ''}.{decimals}f}"
    return shown.replace("-", "−")


def duration(seconds: float) -> str:
    """Seconds as people say them: ``0.4 s``, ``12 s``, ``3 min 20 s``, ``2 h 5 min``."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
