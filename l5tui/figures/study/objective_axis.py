"""Axis of the objective, on a scale that resolves good and bad values."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from matplotlib.axes import Axes

from l5tui.analysis.study_table import StudyTable
from l5tui.config.wording import one_line
from l5tui.figures.study.log_ticks import plain_log_ticks
from l5tui.model.arrays import FloatArray

HEAVY = 20.0
"""Ratio of the largest to a typical small value from which an axis is logarithmic."""

DECADES = 6
"""Largest number of decades of a logarithmic axis; with more it is linear near zero."""


@dataclass(frozen=True)
class ObjectiveScale:
    """Scale of the objective's axis.

    Parameters
    ----------
    kind : str
        ``linear``, ``log`` or ``symlog``.
    threshold : float
        Absolute value below which a symmetric logarithmic axis is linear.
    """

    kind: Literal["linear", "log", "symlog"]
    threshold: float = 1.0

    @property
    def words(self) -> str:
        """Description of the scale in the axis label; empty for a linear scale."""
        if self.kind == "symlog":
            return f"log beyond ±{self.threshold:g}"
        return "log scale" if self.kind == "log" else ""


def objective_scale(values: FloatArray) -> ObjectiveScale:
    """Choose the scale for some values: linear unless they span orders of magnitude.

    Parameters
    ----------
    values : ndarray
        Values of the objective; NaN is left out.

    Returns
    -------
    ObjectiveScale
    """
    known = values[np.isfinite(values)]
    sizes = np.abs(known[known != 0])
    if len(sizes) < 2:
        return ObjectiveScale("linear")
    smallest = float(known.min())
    # One value that happens to be near zero makes no tail, and near zero are many where signs differ.
    typical = float(np.quantile(sizes, 0.1 if smallest > 0 else 0.5))
    if sizes.max() < HEAVY * typical:
        return ObjectiveScale("linear")
    if smallest > 0 and sizes.max() / smallest < 10**DECADES:
        return ObjectiveScale("log")
    return ObjectiveScale("symlog", 10.0 ** math.floor(math.log10(np.quantile(sizes, 0.1))))


def set_objective_axis(axes: Axes, table: StudyTable) -> None:
    """Give a panel's y axis the objective's scale and limits.

    Parameters
    ----------
    axes : Axes
        Panel that is changed in place.
    table : StudyTable
        Trials of the study.
    """
    scale, values = objective_scale(table.values), table.values[table.finished]
    if not len(values):
        axes.set_yticks([])
        return
    if scale.kind == "symlog":
        axes.set_yscale("symlog", linthresh=scale.threshold, linscale=1.0)
    else:
        axes.set_yscale(scale.kind)
    plain_log_ticks(axes.yaxis, float(values.min()), float(values.max()))
    transform = axes.yaxis.get_transform()
    low, high = transform.transform(np.array([values.min(), values.max()]))
    room = 0.06 * (high - low) or 0.05 * abs(high) or 1.0
    # Trials without a value stand at the worse end, in room of their own.
    below, above = (1.8, 1.0) if table.maximize else (1.0, 1.8)
    axes.set_ylim(*transform.inverted().transform(np.array([low - below * room, high + above * room])))


def objective_label(table: StudyTable) -> str:
    """Return the objective's name, and on a second line its scale if it is not linear.

    Parameters
    ----------
    table : StudyTable
        Trials of the study.

    Returns
    -------
    str
    """
    name, words = one_line(table.objective, 30), objective_scale(table.values).words
    return f"{name}\n({words})" if words else name
