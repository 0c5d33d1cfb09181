"""Text for a terminal: harmless, and of a width that fits."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from typing import Final

ESTIMATE_ENDINGS: Final = ("_low", "_high", "_n")
"""Endings of the names that belong to an estimated mean: bounds of its interval, and its number of circuits."""


def safe(text: str) -> str:
    """Text that cannot steer the terminal: whatever does not print is shown as an escape."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def number(value: float, decimals: int = 3, *, signed: bool = False) -> str:
    """Format a number with a true minus sign and a bounded width; n/a if it is not defined.

    Parameters
    ----------
    value : float
    decimals : int
        After the point, for numbers below 10; larger ones get as many fewer as they have more digits before
        it, and from 10**(decimals + 1) on an exponent.
    signed : bool
        Whether to write a plus sign as well.
    """
    if not math.isfinite(value):
        return "n/a"
    whole_digits = len(str(int(abs(value))))
    sign = "+" if signed else ""
    style = ".2e" if whole_digits > decimals + 1 else f".{decimals + 1 - whole_digits}f"
    shown = f"{value:{sign}{style}}"
    if float(shown) == 0:
        return shown.lstrip("+-")
    return shown.replace("-", "−")


def model_time(seconds: float) -> str:
    """Return a time of the model in the unit that suits it, such as ``10 ms``, ``25 s`` or ``33 min``.

    Parameters
    ----------
    seconds : float
    """
    for below, unit, length in ((1.0, "ms", 1e-3), (120.0, "s", 1.0), (7200.0, "min", 60.0)):
        if seconds < below:
            return f"{seconds / length:.3g} {unit}"
    return f"{seconds / 3600:.3g} h"


def steps_text(steps: int, step_seconds: float | None) -> str:
    """Return a number of time steps, with their duration where it is known: ``2,500 steps, 25 s``.

    Parameters
    ----------
    steps : int
    step_seconds : float or None
        Length of a step.
    """
    return f"{steps:,} steps" + (f", {model_time(steps * step_seconds)}" if step_seconds else "")


def interval_text(low: float, high: float) -> str:
    """Format an interval as ``+0.02 to +0.11``; n/a if it is not defined."""
    if not (math.isfinite(low) and math.isfinite(high)):
        return "n/a"
    return f"{number(low, signed=True)} to {number(high, signed=True)}"


def p_text(p: float) -> str:
    """Format a p-value with three decimals, ``<0.001`` below these; n/a if it is not defined."""
    return "<0.001" if p < 0.001 else number(p)


def summary_pieces(values: Mapping[str, float | None]) -> list[str]:
    """Names and values of a run's summary; bounds ``_low``, ``_high`` and the count ``_n`` follow their mean."""
    pieces = []
    for name, value in values.items():
        if any(name.endswith(end) and name.removesuffix(end) in values for end in ESTIMATE_ENDINGS):
            continue
        piece = f"{name} {_plain(value)}"
        low, high, n = (values.get(f"{name}{end}") for end in ESTIMATE_ENDINGS)
        if low is not None and high is not None and math.isfinite(low):
            piece += f" ({_plain(low)} to {_plain(high)})"
        pieces.append(piece if n is None else f"{piece}, n = {int(n)}")
    return pieces


def _plain(value: float | None) -> str:
    """Format a count without decimals, any other number with four."""
    if value is None:
        return "n/a"
    return str(int(value)) if float(value).is_integer() else number(value, 4)


def fitted(text: str, width: int) -> str:
    """Text in a bounded width: a number loses digits but stays the same number; other text gets an ellipsis.

    Parameters
    ----------
    text : str
        A number as `number` writes it, or any text.
    width : int
        Characters that there is room for. A number that has no room at all becomes ``#`` signs.
    """
    if len(text) <= width:
        return text
    plain = text.replace("−", "-").replace(",", "")
    try:
        value = float(plain)
    except ValueError:
        # Never within a number: 120/4000 is not cut to 120/40.
        return re.sub(r"[\d.,+−-]+$", "", text[: max(width - 1, 0)]) + "…"
    sign = "+" if plain.startswith("+") else ""
    for digits in range(17, 0, -1):
        shown = re.sub(r"e([+-]?)0*(\d+)$", _exponent, f"{value:{sign}.{digits}g}")
        if len(shown) <= width:
            return shown.replace("-", "−")
    return "#" * width


def _exponent(match: re.Match[str]) -> str:
    return f"e{'-' if match[1] == '-' else ''}{match[2]}"


def count(amount: int, what: str) -> str:
    """Format a number of things: ``1 run``, ``2 runs``."""
    return f"{amount} {what}" if amount == 1 else f"{amount} {what}s"


def filled(pieces: Iterable[str], width: int, indent: str = "  ") -> list[str]:
    """Lines of pieces, two blanks between them, none of which is broken."""
    lines: list[str] = []
    for piece in pieces:
        if lines and len(lines[-1]) + 2 + len(piece) <= width:
            lines[-1] += f"  {piece}"
        else:
            lines.append(indent + piece)
    return lines


def duration(seconds: float) -> str:
    """Seconds as people say them: ``0.4 s``, ``12 s``, ``3 min 20 s``, ``2 h 5 min``."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def without_zero(text: str) -> str:
    """Format a number without the zero before its point, for narrow columns: ``−.12``."""
    return text.replace("0.", ".", 1) if text.lstrip("+−").startswith("0.") else text


def amount(size: float) -> str:
    """Return a number of bytes with its unit: ``17 MB``, ``1.2 GB``."""
    for unit in ("B", "kB", "MB", "GB"):
        if size < 999.5:
            return f"{size:.3g} {unit}"
        size /= 1000
    return f"{size:.3g} TB"
