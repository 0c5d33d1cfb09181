"""Tuning curves of the four populations beside each other, before learning and now."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import zip_longest

from rich.text import Text
from textual.widget import Widget

from l5tui.config.populations import POPULATIONS
from l5tui.runner.events import Four
from l5tui.text import number, without_zero
from l5tui.tui.colours import POPULATION_COLOURS
from l5tui.tui.widgets.braille import COLUMNS, ROWS, Canvas

AROUND = 360.0
TITLE = "Tuning, a.u."
BEFORE, NOW = "○", "━"
NARROWEST = 8


class TuningChart(Widget):
    """A panel a population: rings for before learning, a line for now; each has a scale of its own.

    Parameters
    ----------
    now : str
        What the later curve is called.
    """

    def __init__(self, now: str) -> None:
        super().__init__(classes="panel")
        self._called = now
        self._angles: Sequence[float] = ()
        self._before: Sequence[Four] = ()
        self._now: Sequence[Four] = ()
        self._empty = "no whole period of the stimulus yet"
        self.border_title = TITLE

    def show(
        self, angles: Sequence[float], before: Sequence[Four], now: Sequence[Four], where: str = ""
    ) -> None:
        """Show curves.

        Parameters
        ----------
        angles : sequence of float
            Degrees from what each neuron prefers.
        before, now : sequence of Four
            A rate a population at each of these; NaN where it is not known.
        where : str
            What they are of.
        """
        self._angles, self._before, self._now = angles, before, now
        self.border_title = f"{TITLE} · {where}" if where else TITLE
        self.refresh()

    def say(self, why: str) -> None:
        """Show no curve, and say why."""
        self._angles, self._empty = (), why
        self.refresh()

    def render(self) -> Text:
        """Panels, and what the signs mean."""
        width, height = self.size.width // len(POPULATIONS), self.size.height - 3
        if width < NARROWEST or height < 2:
            return Text("")
        if not self._angles:
            return Text(self._empty, "dim")
        columns = [self._panel(index, width - 1, height) for index in range(len(POPULATIONS))]
        lines = [
            Text(" ", no_wrap=True).join(parts)
            for parts in zip_longest(*columns, fillvalue=Text(" " * (width - 1)))
        ]
        return Text("\n").join([*lines, Text(legend(self._called, self.size.width), "dim", no_wrap=True)])

    def _panel(self, index: int, width: int, height: int) -> list[Text]:
        """Name and scale, curves, and the angles at both ends."""
        before, now = ([four[index] for four in curve] for curve in (self._before, self._now))
        colour, name = POPULATION_COLOURS[index], POPULATIONS[index]
        finite = [value for value in (*before, *now) if math.isfinite(value)]
        if not finite:
            message = [
                Text.assemble((f"{name:<{width}}", f"bold {colour}")),
                Text(f"{'none active':<{width}.{width}}"),
            ]
            return [*message, *(Text(" " * width) for _ in range(height))]
        top = max(finite) or 1.0
        xs = [angle + AROUND / 2 for angle in self._angles]
        if xs[0] == 0.0:
            # Both ends of the axis are the opposite direction.
            xs, before, now = [*xs, AROUND], [*before, before[0]], [*now, now[0]]
        canvas = Canvas(width, height)
        canvas.curve(xs, now, index, x_max=AROUND, y_max=top)
        rings = {_cell(x, y, canvas, top) for x, y in zip(xs, before, strict=True) if math.isfinite(y)}
        scale = f"≤{without_zero(number(top, 2))}"
        head = Text.assemble((name, f"bold {colour}"), (f"{scale:>{width - len(name)}}", "dim"))
        ends = Text("−180" + f"{'180°':>{width - 4}}", "dim")
        lines = (
            canvas.text(
                row, POPULATION_COLOURS, {at: (BEFORE, "bold") for at, where in rings if where == row}
            )
            for row in range(height)
        )
        return [head, *lines, ends]


def _cell(x: float, y: float, canvas: Canvas, top: float) -> tuple[int, int]:
    """Return the cell of a point, where `Canvas.curve` would draw it."""
    across, down = canvas.width * COLUMNS - 1, canvas.height * ROWS - 1
    return round(x / AROUND * across) // COLUMNS, (down - round(min(max(y / top, 0.0), 1.0) * down)) // ROWS


def legend(called: str, room: int) -> str:
    """Return what the signs and the axis of the panels mean, in the longest form for which there is room."""
    signs = f"{BEFORE} before  {NOW} {called}"
    forms = [f"{signs}   {axis}" for axis in ("by angle from preferred", "angle from preferred", "angle")]
    return next((form for form in forms if len(form) <= room), signs[:room])
