"""Mean rates by population over time, as they grow."""

from __future__ import annotations

import math
from collections.abc import Sequence

from rich.text import Text
from textual.widget import Widget

from l5tui.config.populations import POPULATIONS
from l5tui.text import number, steps_text
from l5tui.tui.colours import POPULATION_COLOURS
from l5tui.tui.widgets.braille import Canvas

AXIS = 6
NICE = (1.0, 1.5, 2.0, 3.0, 5.0, 7.0, 10.0)
"""Where an axis may end, times a power of ten."""


class RateChart(Widget):
    """Four curves, each with its population's name at its end."""

    def __init__(self) -> None:
        super().__init__(classes="panel")
        self.border_title = "Mean rate, a.u."
        self._steps: Sequence[int] = ()
        self._rates: Sequence[Sequence[float]] = ()
        self._total = 1
        self._onset = 0
        self._step_seconds: float | None = None
        self._nothing = "no rates yet"

    def show(
        self,
        steps: Sequence[int],
        rates: Sequence[Sequence[float]],
        total: int,
        onset: int,
        title: str,
        step_seconds: float | None = None,
        *,
        is_condensed: bool = False,
    ) -> None:
        """Show a course.

        Parameters
        ----------
        steps : sequence of int
        rates : sequence
            Four rates a step.
        total, onset : int
            Steps in all, and before learning.
        title : str
        step_seconds : float, optional
            Length of a step.
        is_condensed : bool, optional
            Whether the course is on the page of the run alone.
        """
        self._step_seconds = step_seconds
        self._nothing = "Enter opens its page, which has the curves" if is_condensed else "no rates yet"
        self._steps, self._rates, self._total, self._onset = steps, rates, max(total, 1), onset
        self.border_title = title
        self.refresh()

    def render(self) -> Text:
        """Axis, curves, names, and what the numbers are now."""
        width, height = self.size.width - AXIS, self.size.height - 2
        if width < 10 or height < 2:
            return Text("")
        if not self._steps:
            return Text(self._nothing, "dim")
        finite = [value for four in self._rates for value in four if math.isfinite(value)]
        top = _nice(max(finite, default=1.0))
        canvas = Canvas(width, height)
        names: dict[tuple[int, int], int] = {}
        for index in range(len(POPULATIONS)):
            ys = [four[index] for four in self._rates]
            if (end := canvas.curve(self._steps, ys, index, x_max=self._total, y_max=top)) is not None:
                names[_free(end, names, width, height)] = index
        onset = round(self._onset / self._total * (width - 1)) if 0 < self._onset < self._total else -1
        lines = [self._line(canvas, row, top, names, onset) for row in range(height)]
        return Text("\n").join([*lines, self._scale(width, onset), self._legend(width + AXIS)])

    def _line(
        self, canvas: Canvas, row: int, top: float, names: dict[tuple[int, int], int], onset: int
    ) -> Text:
        label = number(top, 2) if row == 0 else "0" if row == canvas.height - 1 else ""
        marks: dict[int, tuple[str, str]] = {
            column: (POPULATIONS[index], f"bold {POPULATION_COLOURS[index]}")
            for (column, at), index in names.items()
            if at == row
        }
        if onset >= 0 and canvas.owners[row][onset] < 0:
            marks.setdefault(onset, ("┊", "dim"))
        axis = (f"{label:>{AXIS - 1}}" + ("┤" if label else "│"), "dim")
        return Text.assemble(axis, canvas.text(row, POPULATION_COLOURS, marks))

    def _scale(self, width: int, onset: int) -> Text:
        end = steps_text(self._total, self._step_seconds)
        line = " " * AXIS + "0".ljust(width - len(end)) + end
        if onset > 2:
            text = f"learning from {self._onset:,}"
            at = AXIS + onset
            if at + len(text) < AXIS + width - len(end) - 1:
                line = line[:at] + text + line[at + len(text) :]
        return Text(line, "dim", no_wrap=True)

    def _legend(self, width: int) -> Text:
        text = Text(" " * AXIS, no_wrap=True)
        wide = width >= 60
        for index, value in enumerate(self._rates[-1]):
            text.append(f"{POPULATIONS[index]} ", f"bold {POPULATION_COLOURS[index]}")
            text.append(number(value, 3 if wide else 2) + ("   " if wide else " "))
        text.truncate(width)
        return text


def _nice(value: float) -> float:
    if value <= 0:
        return 1.0
    power: float = 10.0 ** math.floor(math.log10(value))
    return next((power * each for each in NICE if power * each >= value), 10 * power)


def _free(
    end: tuple[int, int], taken: dict[tuple[int, int], int], width: int, height: int
) -> tuple[int, int]:
    """Where a name can stand near the end of its curve."""
    longest = max(map(len, POPULATIONS))
    column, row = min(end[0] + 1, width - longest), end[1]
    for away in (0, -1, 1, -2, 2, -3, 3):
        spot = (column, row + away)
        if 0 <= spot[1] < height and not any(
            abs(spot[0] - other[0]) <= longest and spot[1] == other[1] for other in taken
        ):
            return spot
    return (column, row)
