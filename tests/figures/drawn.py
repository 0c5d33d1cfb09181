"""Finding what is drawn in a panel."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import FillBetweenPolyCollection
from matplotlib.figure import Figure

from l5tui.model.arrays import FloatArray


def titled(figure: Figure, title: str) -> Axes:
    """The only panel with a title."""
    (found,) = [axes for axes in figure.axes if axes.get_title(loc="left") == title]
    return found


def course(axes: Axes, label: str) -> tuple[FloatArray, FloatArray]:
    """Data of the only line with a label."""
    (line,) = [line for line in axes.lines if line.get_label() == label]
    return np.asarray(line.get_xdata(), dtype=float), np.asarray(line.get_ydata(), dtype=float)


def labels(axes: Axes) -> set[str]:
    """Labels of the lines of a panel."""
    return {str(line.get_label()) for line in axes.lines}


def bands(axes: Axes) -> list[FloatArray]:
    """Vertices of the bands of a panel, in the order in which they were drawn."""
    found = [each for each in axes.collections if isinstance(each, FillBetweenPolyCollection)]
    return [np.asarray(each.get_paths()[0].vertices) for each in found]
