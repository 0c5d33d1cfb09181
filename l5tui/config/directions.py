"""Directions of motion: what a set of them needs for selectivity to be defined."""

from __future__ import annotations

from collections.abc import Sequence

from l5tui.errors import Fault

KEY = "stimulus.directions"
SAME_DIRECTION = 1e-6
"""Degrees within which two directions count as one."""


def direction_faults(directions: Sequence[float]) -> list[Fault]:
    """Return a fault for repeated directions, and one for those that are missing.

    Parameters
    ----------
    directions : sequence of float
        In degrees.
    """

    def has(angle: float) -> bool:
        return any(abs((other - angle + 180) % 360 - 180) < SAME_DIRECTION for other in directions)

    faults = []
    if len({round(d / SAME_DIRECTION) for d in directions}) < len(directions):
        faults.append(Fault(KEY, "a direction twice", "each direction once"))
    needed = {(d + turn) % 360 for d in directions for turn in (90, 180, 270)}
    if missing := sorted({round(angle, 6) for angle in needed if not has(angle)}):
        listed = ", ".join(f"{angle:g}" for angle in missing[:8])
        got = f"a set that lacks {listed}{' …' if len(missing) > 8 else ''}"
        faults.append(Fault(KEY, got, "every direction with its opposite and both orthogonals"))
    return faults
