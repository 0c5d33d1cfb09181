"""A panel for each searched parameter, and the parameter as an axis of it."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from l5tui.analysis.parameter_axis import ParameterAxis
from l5tui.config.schema import parameters
from l5tui.config.wording import one_line
from l5tui.figures.study.heading import TOP_MM, bottom_mm
from l5tui.figures.study.log_ticks import plain_log_ticks
from l5tui.figures.style import Margins, new_figure, set_margins
from l5tui.model.arrays import FloatArray

COLUMNS = 3
PANEL_MM = 31.0
LABELS_MM = 11.0
"""Room for tick labels and an axis label of two lines below a panel."""

GAP_MM = 6.0
LABEL_WIDTH = 34
"""Number of characters of an axis label that fit below a panel."""

CHOICE_WIDTH = 12
"""Number of characters of a choice that fit beside a panel."""

MOST_CHOICES = 8
"""Largest number of choices that have a label each."""


def parameter_panels(
    count: int,
    notes: int,
    *,
    columns: int = COLUMNS,
    left_mm: float = 21.0,
    between_columns: float = 6.0,
    labels_mm: float = LABELS_MM,
) -> tuple[Figure, list[Axes]]:
    """Return a figure with a panel for each parameter.

    Parameters
    ----------
    count : int
        Number of panels.
    notes : int
        Lines below the panels, besides the study's.
    columns : int
        Number of panels in a row.
    left_mm, between_columns : float
        Room for the labels of the y axes, in mm.
    labels_mm : float
        Room for the labels below each panel, in mm.

    Returns
    -------
    figure : Figure
    panels : list of Axes
        One a parameter.
    """
    columns = min(count, columns)
    rows = math.ceil(count / columns)
    margins = Margins(
        left=left_mm,
        right=4,
        bottom=bottom_mm(notes, labels_mm),
        top=TOP_MM + 2.0,
        between_columns=between_columns,
        between_rows=labels_mm + GAP_MM,
    )
    height = margins.top + margins.bottom + rows * PANEL_MM + (rows - 1) * margins.between_rows
    figure = new_figure(height)
    panels = list(figure.subplots(rows, columns, squeeze=False).ravel())
    set_margins(figure, margins)
    for unused in panels[count:]:
        unused.remove()
    return figure, panels[:count]


def axis_label(axis: ParameterAxis, width: int = LABEL_WIDTH) -> str:
    """Return the parameter's path with its unit, or with the parameter that it is a multiple of.

    Parameters
    ----------
    axis : ParameterAxis
        Axis of the parameter.
    width : int, optional
        Number of characters from which the unit is on a second line.

    Returns
    -------
    str
    """
    path = one_line(axis.path, 40)
    unit = next((known.unit for known in parameters() if known.path == axis.path), "")
    if axis.times:
        unit = f"× {one_line(axis.times, 40)}"
    if unit in ("", "1"):
        return path
    return f"{path}{' ' if len(path) + len(unit) < width else chr(10)}({unit})"


def set_parameter_axis(axes: Axes, axis: ParameterAxis, which: Literal["x", "y"]) -> None:
    """Give one axis of a panel the parameter's scale, limits, ticks and label.

    Parameters
    ----------
    axes : Axes
        Panel that is changed in place.
    axis : ParameterAxis
        Axis of the parameter.
    which : str
        ``x`` or ``y``.
    """
    low, high = limits(axis)
    drawn = axes.xaxis if which == "x" else axes.yaxis
    if axis.log:
        (axes.set_xscale if which == "x" else axes.set_yscale)("log")
        plain_log_ticks(drawn, low, high)
    if axis.choices:
        # Of many choices, some are named.
        step = math.ceil(len(axis.choices) / MOST_CHOICES)
        named = range(0, len(axis.choices), step)
        room = CHOICE_WIDTH if which == "y" else max(4, LABEL_WIDTH // len(named))
        drawn.set_ticks(list(named), [choice_name(axis.choices[each], room) for each in named])
    elif not axis.log:
        drawn.set_major_locator(MaxNLocator(5, integer=axis.integer, min_n_ticks=1))
    (axes.set_xlim if which == "x" else axes.set_ylim)(low, high)
    drawn.set_label_text(
        axis_label(axis) if which == "x" else axis_label(axis, width=0), multialignment="center"
    )


def limits(axis: ParameterAxis) -> tuple[float, float]:
    """Return the limits within which an axis is drawn: a little beyond its ends, or half a share.

    Parameters
    ----------
    axis : ParameterAxis
        Axis of the parameter.

    Returns
    -------
    low, high : float
    """
    low, high = axis.ends
    if axis.choices:
        return low - 0.5, high + 0.5
    if axis.log:
        room = (high / low) ** 0.04
        low, high = low / room, high * room
        return low if low < high else low / 2, high if low < high else high * 2
    room = max(0.04 * (high - low), 0.5 if axis.integer else 0.0)
    return low - room, high + room


def choice_name(choice: object, width: int) -> str:
    """Return the name of a choice on an axis, cut to a number of characters.

    Parameters
    ----------
    choice : object
    width : int
        Largest number of characters.

    Returns
    -------
    str
    """
    return one_line(str(choice).lower() if isinstance(choice, bool) else str(choice), width)


def spread_out(axis: ParameterAxis, places: FloatArray) -> FloatArray:
    """Return places, moved apart if choices would overlap; deterministic.

    Parameters
    ----------
    axis : ParameterAxis
        Axis of the parameter.
    places : ndarray, shape (trial,)

    Returns
    -------
    ndarray, shape (trial,)
    """
    if not axis.choices:
        return places
    golden = np.arange(len(places)) * 0.6180339887 % 1.0
    return places + 0.4 * (golden - 0.5)
