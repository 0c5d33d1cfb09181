"""Ticks of logarithmic axes, as plain numbers."""

from __future__ import annotations

import math

import numpy as np
from matplotlib.axis import Axis
from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, NullLocator

FEW_DECADES = 2.5
"""Number of decades up to which there are ticks at 1, 2 and 5."""

MOST_TICKS = 5
"""Largest number of ticks on either side of zero of a symmetric logarithmic axis."""


def plain_log_ticks(axis: Axis, low: float, high: float) -> None:
    """Write the ticks of an axis as numbers where it is logarithmic: 0.001, 10, 1e+06.

    Text is never read as a formula here, and powers would be one. Minor ticks are left out: they take longer
    than everything else in a panel.

    Parameters
    ----------
    axis : matplotlib.axis.Axis
        Axis that is changed in place.
    low, high : float
        Ends of the visible range.
    """
    if axis.get_scale() == "linear":
        return
    if axis.get_scale() == "log":
        few = math.log10(high / low) < FEW_DECADES
        axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0) if few else (1.0,), numticks=7))
    else:
        threshold = float(axis.get_transform().linthresh)  # type: ignore[attr-defined]
        axis.set_major_locator(FixedLocator(_symmetric_ticks(low, high, threshold)))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}".replace("-", "−")))
    axis.set_minor_locator(NullLocator())


def _symmetric_ticks(low: float, high: float, threshold: float) -> list[float]:
    """Zero and powers of ten on both sides, so few that their labels stand apart."""
    decades = math.log10(max(abs(low), abs(high), threshold) / threshold)
    step = max(1, math.ceil(decades / MOST_TICKS))
    first = 0 if step == 1 else step
    sizes = threshold * 10.0 ** np.arange(first, math.ceil(decades) + 1, step)
    ticks = np.concatenate([-sizes[::-1], [0.0], sizes])
    return [float(tick) for tick in ticks if low <= tick <= high]
