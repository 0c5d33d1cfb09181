"""The mean rate of one population over time, in several runs."""

from __future__ import annotations

import math
from collections.abc import Sequence

from rich.text import Text
from textual.widget import Widget

from l5tui.text import number, steps_text
from l5tui.tui.widgets.braille import Canvas

AXIS = 8
LETTERS = "ABCDEF"
COLOURS = ("#56b4e9", "#e07b39", "#2fb58a", "#d69ac0", "#e5d352", "#9aa5ce")
"""Of runs A to F, each of which has its letter at the end of its curve too."""


class CourseChart(Widget):
    """Curves laid over each other."""

    def __init__(self) -> None:
        super().__init__(classes="panel")
        self._curves: Sequence[tuple[Sequence[int], Sequence[float]]] = ()
        self._step_seconds: float | None = None

    def show(
        self,
        curves: Sequence[tuple[Sequence[int], Sequence[float]]],
        title: str,
        step_seconds: float | None = None,
    ) -> None:
        """Show curves.

        Parameters
        ----------
        curves : sequence
            Steps and rates of each run; empty where they are not known.
        title : str
        step_seconds : float, optional
            Length of a step.
        """
        self._curves, self._step_seconds = curves, step_seconds
        self.border_title = title
        self.refresh()

    def render(self) -> Text:
        """Axes, curves, and a letter at the end of each."""
        width, height = self.size.width - AXIS, self.size.height - 1
        finite = [value for _, rates in self._curves for value in rates if math.isfinite(value)]
        if width < 10 or height < 3:
            return Text("")
        if not finite:
            return Text("no rates", "dim")
        top = max(finite) or 1.0
        last = max(steps[-1] for steps, _ in self._curves if steps)
        canvas = Canvas(width, height)
        letters: dict[tuple[int, int], int] = {}
        for index, (steps, rates) in enumerate(self._curves):
            if (end := canvas.curve(steps, rates, index, x_max=last, y_max=top)) is not None:
                letters[_free((min(end[0] + 1, width - 1), end[1]), letters, height)] = index
        lines = [self._line(canvas, row, top, letters) for row in range(height)]
        label = steps_text(last, self._step_seconds)
        scale = " " * AXIS + "0".ljust(width - len(label)) + label
        return Text("\n").join([*lines, Text(scale, "dim", no_wrap=True)])

    def _line(self, canvas: Canvas, row: int, top: float, letters: dict[tuple[int, int], int]) -> Text:
        label = number(top, 3) if row == 0 else "0" if row == canvas.height - 1 else ""
        marks = {
            column: (LETTERS[index], f"bold {COLOURS[index]}")
            for (column, at), index in letters.items()
            if at == row
        }
        axis = (f"{label:>{AXIS - 1}}" + ("┤" if label else "│"), "dim")
        return Text.assemble(axis, canvas.text(row, COLOURS, marks), no_wrap=True)


def _free(spot: tuple[int, int], taken: dict[tuple[int, int], int], height: int) -> tuple[int, int]:
    """Where a letter can stand near the end of its curve."""
    column, row = spot
    places = ((column, row + away) for away in (0, -1, 1, -2, 2, -3, 3, -4, 4, -5, 5))
    return next((each for each in places if 0 <= each[1] < height and each not in taken), spot)
