"""Values as dots over trials or over a parameter, with a line through the best."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import quantiles

from rich.text import Text
from textual.widget import Widget

from l5tui.text import number
from l5tui.tui.widgets.braille import COLUMNS, ROWS, Canvas

AXIS = 8
WIDE_SPREAD = 20.0
"""Ratio of the largest value to the smallest from which the axis is logarithmic."""

DOTS, LINE = 0, 1
STYLES = ("#56b4e9", "bold #e07b39")


class ValueChart(Widget):
    """Dots whose heavy tail does not flatten the rest: a logarithmic axis, or one that is cut off."""

    def __init__(self, *, name: str) -> None:
        super().__init__(id=name, classes="panel")
        self._places: Sequence[float] = ()
        self._values: Sequence[float] = ()
        self._steps: Sequence[tuple[float, float]] = ()
        self._ends = ("", "")
        self._best = -1
        self._maximize = False

    def show(
        self,
        places: Sequence[float],
        values: Sequence[float],
        *,
        ends: tuple[str, str],
        title: str,
        best: int = -1,
        steps: Sequence[tuple[float, float]] = (),
        maximize: bool = False,
    ) -> None:
        """Show values.

        Parameters
        ----------
        places, values : sequence of float
            Where each dot is across, from 0 to 1, and its value; one that is not finite is left out.
        ends : tuple of str
            What stands below the left and the right end.
        title : str
        best : int, optional
            Index of the dot that is marked.
        steps : sequence of tuple, optional
            Place and value of each step of a line; it goes on to the right end.
        maximize : bool, optional
            Whether large values are the good ones, so that the axis is cut off below.
        """
        self._places, self._values, self._steps = places, values, steps
        self._ends, self._best, self._maximize = ends, best, maximize
        self.border_title = title
        self.refresh()

    def render(self) -> Text:
        """Axis, dots, line, and a diamond at the best."""
        width, height = self.size.width - AXIS, self.size.height - 1
        finite = [value for value in self._values if math.isfinite(value)]
        if width < 8 or height < 3:
            return Text("")
        if not finite:
            return Text("no values yet", "dim")
        axis = Axis(finite, maximize=self._maximize)
        self.border_subtitle = axis.note
        canvas = Canvas(width, height)
        across, down = width * COLUMNS - 1, height * ROWS - 1
        for place, value in zip(self._places, self._values, strict=True):
            if math.isfinite(value):
                x, y = round(place * across), down - round(axis.share(value) * down)
                # Two dots beside each other, as one is hard to see.
                canvas.line((max(x - 1, 0), y), (x, y), DOTS)
        corners = [
            (round(place * across), down - round(axis.share(value) * down)) for place, value in self._steps
        ]
        for index, (x, y) in enumerate(corners):
            following = corners[index + 1] if index + 1 < len(corners) else (across, y)
            canvas.line((x, y), (following[0], y), LINE)
            canvas.line((following[0], y), following, LINE)
        mark = None
        if 0 <= self._best < len(self._values):
            y = down - round(axis.share(self._values[self._best]) * down)
            mark = (round(self._places[self._best] * across) // COLUMNS, y // ROWS)
        lines = [self._line(canvas, row, axis, mark) for row in range(height)]
        left, right = self._ends
        scale = (
            " " * AXIS + left[: width // 2].ljust(width - min(len(right), width // 2)) + right[: width // 2]
        )
        return Text("\n").join([*lines, Text(scale, "dim", no_wrap=True)])

    def _line(self, canvas: Canvas, row: int, axis: Axis, mark: tuple[int, int] | None) -> Text:
        label = {0: axis.high, canvas.height - 1: axis.low}.get(row)
        text = _short(label) if label is not None else ""
        marks = {mark[0]: ("◆", "bold #2fb58a")} if mark is not None and mark[1] == row else None
        return Text.assemble(
            (f"{text:>{AXIS - 1}}" + ("┤" if text else "│"), "dim"),
            canvas.text(row, STYLES, marks),
            no_wrap=True,
            end="",
        )


class Axis:
    """Where a value lies between the lowest and the highest that are shown.

    Parameters
    ----------
    values : sequence of float
        Finite ones.
    maximize : bool
        Whether the axis may be cut off below instead of above.
    """

    def __init__(self, values: Sequence[float], *, maximize: bool) -> None:
        self.low, self.high = min(values), max(values)
        self.is_log = self.low > 0 and self.high / self.low > WIDE_SPREAD
        self.note = "log axis" if self.is_log else ""
        if not self.is_log and len(values) >= 8:
            self._cut(values, maximize)

    def share(self, value: float) -> float:
        """From 0 at the bottom to 1 at the top; what is cut off lies at an end."""
        low, high = self.low, self.high
        if self.is_log:
            low, high, value = math.log(low), math.log(high), math.log(value)
        return min(max((value - low) / (high - low), 0.0), 1.0) if high > low else 0.5

    def _cut(self, values: Sequence[float], maximize: bool) -> None:
        quarters = quantiles(values, n=4)
        reach = 3 * (quarters[2] - quarters[0])
        if maximize and reach > 0 and self.low < quarters[0] - reach:
            self.low = quarters[0] - reach
            self.note = f"{sum(value < self.low for value in values)} below"
        elif not maximize and reach > 0 and self.high > quarters[2] + reach:
            self.high = quarters[2] + reach
            self.note = f"{sum(value > self.high for value in values)} above"


def _short(value: float) -> str:
    """Format a number in at most seven characters."""
    if value and not 1e-3 <= abs(value) < 1e5:
        return f"{value:.1e}".replace("e-0", "e-").replace("e+0", "e").replace("-", "−")
    return number(value, 3 if abs(value) < 100 else 1)
