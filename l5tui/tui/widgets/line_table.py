"""A table of any length, drawn a line at a time, with a cursor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from l5tui.text import fitted

GAP = 1


@dataclass(frozen=True)
class Column:
    """One column.

    Parameters
    ----------
    title : str
    width : int
    right : bool
        Whether it is set to the right.
    grows : bool
        Whether it takes what room is left.
    """

    title: str
    width: int
    right: bool = False
    grows: bool = False


class LineTable(ScrollView, can_focus=True):
    """Rows with a key each; columns on the right go first where it is narrow.

    Parameters
    ----------
    empty : str
        What stands there where there are no rows.
    name : str
        The widget's id.
    opens : bool, optional
        Whether rows can be opened.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "Open"),
        Binding("up,k", "move(-1)", "Up", show=False),
        Binding("down,j", "move(1)", "Down", show=False),
        Binding("home,g", "edge(0)", "First", show=False),
        Binding("end,G", "edge(-1)", "Last", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("pagedown", "page(1)", "Page down", show=False),
    ]

    class Opened(Message):
        """The row at the cursor is to be opened."""

    class Moved(Message):
        """The cursor has moved, or the rows are others."""

    def __init__(self, empty: str, *, name: str, opens: bool = True) -> None:
        super().__init__(id=name, classes="panel")
        self._opens = opens
        self._empty = empty
        self._columns: Sequence[Column] = ()
        self._keys: Sequence[object] = ()
        self._cells: Sequence[Sequence[str | Text]] = ()
        self._at = 0

    @property
    def key(self) -> object:
        """Key of the row at the cursor; None where there is none."""
        return self._keys[self._at] if self._keys else None

    def show(self, columns: Sequence[Column], rows: Sequence[tuple[object, Sequence[str | Text]]]) -> None:
        """Show rows, each a key and its cells; the cursor stays at its row, or at the top."""
        here = self.key if self._at else None
        self._columns = columns
        self._keys = [key for key, _ in rows]
        self._cells = [cells for _, cells in rows]
        self.virtual_size = Size(self.size.width, len(rows) + 1)
        self._go(self._keys.index(here) if here is not None and here in self._keys else 0)

    def action_move(self, by: int) -> None:
        """Move the cursor."""
        self._go(self._at + by)

    def action_page(self, by: int) -> None:
        """Move the cursor by a page."""
        self._go(self._at + by * max(self.size.height - 2, 1))

    def action_edge(self, index: int) -> None:
        """Go to the first or the last."""
        self._go(index % max(len(self._keys), 1))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Whether there is anything to open."""
        return self._opens or action != "open"

    def action_open(self) -> None:
        """Open the row at the cursor."""
        if self._keys and self._opens:
            self.post_message(self.Opened())

    def on_click(self, event: events.Click) -> None:
        """Move the cursor to the row under the pointer; a double click opens it."""
        at = event.get_content_offset(self)
        if at is None or at.y == 0:
            return
        row = at.y - 1 + self.scroll_offset.y
        if row < len(self._keys):
            is_second = row == self._at and event.chain > 1
            self._go(row)
            if is_second:
                self.action_open()

    def on_resize(self) -> None:
        """Size the page."""
        self.virtual_size = Size(self.size.width, len(self._keys) + 1)

    def render_line(self, y: int) -> Strip:
        """Return a line of the table: the fixed headings first, then a row a line."""
        width, row = self.size.width, y - 1 + self.scroll_offset.y
        if not self._keys:
            text = Text(self._empty if y == 0 else "", "dim", no_wrap=True)
        elif y == 0:
            text = self._line([Text(column.title, "bold") for column in self._columns])
        elif row < len(self._keys):
            text = self._line(self._cells[row])
            if row == self._at:
                text.stylize("reverse" if self.has_focus else "underline")
        else:
            return Strip.blank(width, self.rich_style)
        strip = Strip(
            Segment(segment.text, self.rich_style + (segment.style or Style()))
            for segment in text.render(self.app.console, end="")
        )
        return strip.adjust_cell_length(width, self.rich_style)

    def _line(self, cells: Sequence[str | Text]) -> Text:
        room = self.scrollable_content_region.width
        taken, shown = 0, 0
        for column in self._columns:
            if taken + column.width > room:
                break
            taken += column.width + GAP
            shown += 1
        left = max(room - taken, 0)
        text = Text(no_wrap=True)
        for column, cell in zip(self._columns[:shown], cells[:shown], strict=True):
            width = column.width + (left if column.grows else 0)
            content = cell.copy() if isinstance(cell, Text) else Text(cell)
            if content.cell_len > width:
                content = Text(fitted(content.plain, width), content.style)
                content.truncate(width, overflow="ellipsis")
            content.pad_left(width - content.cell_len) if column.right else content.pad_right(
                width - content.cell_len
            )
            text.append_text(content).append(" " * GAP)
        return text

    def _go(self, row: int) -> None:
        self._at = max(0, min(row, len(self._keys) - 1))
        # The headings cover the first line.
        top = self.scroll_offset.y
        if not top <= self._at <= top + max(self.size.height - 2, 0):
            self.scroll_to_region(Region(0, self._at, 1, 2), animate=False, force=True)
        self.refresh()
        self.post_message(self.Moved())
