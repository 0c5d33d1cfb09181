"""Lines drawn with the dots of braille characters: two columns and four rows of dots in each cell."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import Final

from rich.text import Text

COLUMNS, ROWS = 2, 4
BASE: Final = 0x2800
DOTS: Final = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))


@dataclass
class Canvas:
    """A grid of cells; each remembers the line that touched it last.

    Parameters
    ----------
    width, height : int
        In cells.
    """

    width: int
    height: int
    cells: list[list[int]] = field(init=False)
    owners: list[list[int]] = field(init=False)

    def __post_init__(self) -> None:
        self.cells = [[0] * self.width for _ in range(self.height)]
        self.owners = [[-1] * self.width for _ in range(self.height)]

    def dot(self, x: int, y: int, owner: int) -> None:
        """Set a dot, counted from the left and from the top; one outside is left out."""
        column, row = x // COLUMNS, y // ROWS
        if 0 <= column < self.width and 0 <= row < self.height:
            self.cells[row][column] |= DOTS[y % ROWS][x % COLUMNS]
            self.owners[row][column] = owner

    def line(self, start: tuple[int, int], end: tuple[int, int], owner: int) -> None:
        """Set the dots from one to another."""
        (x, y), (to_x, to_y) = start, end
        steps = max(abs(to_x - x), abs(to_y - y), 1)
        for step in range(steps + 1):
            self.dot(x + round((to_x - x) * step / steps), y + round((to_y - y) * step / steps), owner)

    def curve(
        self, xs: Sequence[float], ys: Sequence[float], owner: int, *, x_max: float, y_max: float
    ) -> tuple[int, int] | None:
        """Draw a curve from (0, 0) at the bottom left to the maxima at the top right.

        Returns
        -------
        tuple of int or None
            Column and row of the cell where it ends; None where no point of it is finite.
        """
        across, down = self.width * COLUMNS - 1, self.height * ROWS - 1
        before: tuple[int, int] | None = None
        for x, y in zip(xs, ys, strict=True):
            if not math.isfinite(y):
                before = None
                continue
            share = min(max(y / y_max, 0.0), 1.0) if y_max > 0 else 0.0
            here = (round(x / x_max * across), down - round(share * down))
            self.line(before or here, here, owner)
            before = here
        return (before[0] // COLUMNS, before[1] // ROWS) if before else None

    def character(self, column: int, row: int) -> str:
        """Return the character of a cell."""
        return chr(BASE + self.cells[row][column]) if self.cells[row][column] else " "

    def text(
        self, row: int, styles: Sequence[str], marks: Mapping[int, tuple[str, str]] | None = None
    ) -> Text:
        """Return a row of cells; neighbours of one style form one piece, as each change is sent to the terminal.

        Parameters
        ----------
        row : int
        styles : sequence of str
            Of the lines, by owner.
        marks : mapping of int to (str, str), optional
            What covers cells from a column on, and its style.
        """
        pieces: list[tuple[str, str]] = []
        column = 0
        while column < self.width:
            if marks and column in marks:
                piece = marks[column]
            else:
                owner = self.owners[row][column]
                piece = (self.character(column, row), styles[owner] if owner >= 0 else "")
            pieces.append(piece)
            column += len(piece[0])
        text = Text(no_wrap=True, end="")
        for style, group in groupby(pieces, itemgetter(1)):
            text.append("".join(symbol for symbol, _ in group), style)
        return text
