"""The 4×4 mean weights of the blocks as a heat map with numbers, and how far they are from their targets."""

from __future__ import annotations

import math

from rich.text import Text
from textual.widget import Widget

from l5tui.config.populations import POPULATIONS
from l5tui.runner.events import Blocks
from l5tui.text import number
from l5tui.tui.colours import heat_style

ORIENTATION = "from ↓ to →"
CELL = 7
LABEL = 4
WIDTH = LABEL + 4 * CELL


class BlockMap(Widget):
    """Mean weights, rows presynaptic and columns postsynaptic as in the configuration.

    Below it the differences from the targets, where there is room.
    """

    def __init__(self) -> None:
        super().__init__(classes="panel")
        self.border_title = f"W, {ORIENTATION}"
        self._weights: Blocks = ()
        self._targets: Blocks = ()
        self._notes: tuple[str, ...] = ()
        self.shows_distance = False

    def show(self, weights: Blocks, targets: Blocks, *notes: str) -> None:
        """Show weights and targets, both [post][pre], and lines below them."""
        self._weights, self._targets, self._notes = weights, targets, notes
        self.refresh()

    def toggle(self) -> None:
        """Show the differences from the targets in place of the weights, or the weights again."""
        self.shows_distance = not self.shows_distance
        self.refresh()

    def render(self) -> Text:
        """Return the map or maps, and the notes."""
        if not self._weights:
            return Text("no weights yet", "dim")
        difference: Blocks = tuple(
            tuple(weight - target for weight, target in zip(row, wanted, strict=True))
            for row, wanted in zip(self._weights, self._targets, strict=True)
        )
        both = self.size.height >= 12 + len(self._notes)
        lines: list[Text] = []
        if both or not self.shows_distance:
            lines += _map(self._weights)
        if both:
            lines.append(Text("distance to target, W − target", "dim"))
        if both or self.shows_distance:
            lines += _map(difference)
        self.border_title = (
            f"W − target, {ORIENTATION}" if self.shows_distance and not both else f"W, {ORIENTATION}"
        )
        room = self.size.height - len(lines)
        return Text("\n").join([*lines, *(Text(note, no_wrap=True) for note in self._notes[: max(room, 0)])])


def _map(blocks: Blocks) -> list[Text]:
    finite = [abs(value) for row in blocks for value in row if math.isfinite(value)]
    largest = max(finite, default=0.0)
    lines = [Text(" " * LABEL + "".join(f"{name:>{CELL - 1}} " for name in POPULATIONS), "dim")]
    for name, row in zip(POPULATIONS, zip(*blocks, strict=True), strict=True):
        line = Text(f"{name:<{LABEL}}", "dim")
        for value in row:
            text = number(value, 3, signed=True).replace("0.", ".") if math.isfinite(value) else "·"
            line.append(f"{text:>{CELL - 1}} ", heat_style(value, largest))
        lines.append(line)
    return lines
