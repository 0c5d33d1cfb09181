"""The table of runs: any number of them, drawn a line at a time."""

from __future__ import annotations

from collections.abc import Sequence
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

from l5tui.analysis.caveats import unequal_realizations
from l5tui.runner.overview import RunListing
from l5tui.runner.run_query import RunQuery, searched_text
from l5tui.text import fitted
from l5tui.tui.colours import STATUS_STYLES
from l5tui.tui.widgets.run_columns import RunColumn, chosen, column, widths

GAP = 1


class RunTable(ScrollView, can_focus=True):
    """Runs that a query finds, in some order, with marks."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "Open"),
        Binding("up,k", "move(-1)", "Up", show=False),
        Binding("down,j", "move(1)", "Down", show=False),
        Binding("home,g", "edge(0)", "First", show=False),
        Binding("end,G", "edge(-1)", "Last", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("pagedown", "page(1)", "Page down", show=False),
        Binding("space", "mark", "Mark", tooltip="Mark the run for actions on several runs"),
    ]

    class Opened(Message):
        """A run is to be opened."""

        def __init__(self, run: RunListing) -> None:
            super().__init__()
            self.run = run

    class Moved(Message):
        """The cursor, the marks or what is found have changed."""

    def __init__(self) -> None:
        super().__init__(classes="panel")
        self._runs: Sequence[RunListing] = ()
        self._searched: list[str] = []
        self._rows: list[int] = []
        self._at = 0
        self._query = RunQuery("")
        self.sort = ("created", True)
        self.marked: set[str] = set()
        self.columns = chosen(())

    @property
    def run(self) -> RunListing | None:
        """The run at the cursor."""
        return self._runs[self._rows[self._at]] if self._rows else None

    @property
    def chosen(self) -> list[RunListing]:
        """The marked runs that the filter shows, else the one at the cursor."""
        marked = [run for index in self._rows if (run := self._runs[index]).id in self.marked]
        return marked or ([self.run] if self.run else [])

    @property
    def all_marked(self) -> list[RunListing]:
        """The marked runs, whether the filter shows them or not."""
        return [run for run in self._runs if run.id in self.marked]

    @property
    def hidden(self) -> int:
        """Number of marked runs that the filter hides."""
        if not self.marked:
            return 0
        shown = {self._runs[index].id for index in self._rows}
        return sum(run.id not in shown for run in self.all_marked)

    @property
    def found(self) -> tuple[int, int]:
        """How many runs are found, and how many there are."""
        return len(self._rows), len(self._runs)

    @property
    def caveat(self) -> str:
        """Why the order of the runs means less than it seems; empty where it does not."""
        if self.sort[0] != "loss":
            return ""
        shown = (self._runs[row] for row in self._rows)
        return unequal_realizations(run.realizations for run in shown if run.loss is not None)

    def show(self, runs: Sequence[RunListing]) -> None:
        """Show other runs; the cursor stays at its run."""
        here = self.run.id if self.run else ""
        self._runs = runs
        self._searched = [searched_text(run) for run in runs]
        self._rows = []
        self._find(here)

    def search(self, text: str) -> None:
        """Show what a query finds."""
        self._query = RunQuery(text)
        self._find()

    @property
    def query_faults(self) -> list[str]:
        """What is wrong with the terms of the query; such terms find all."""
        return [str(fault) for fault in self._query.faults]

    def sort_by(self, field: str) -> None:
        """Sort by a column; once more, the other way round."""
        before, reverse = self.sort
        known = column(field)
        newest_first = known is not None and known.newest_first
        self.sort = (field, not reverse if before == field else newest_first)
        self._find()

    def choose(self, fields: Sequence[object]) -> None:
        """Show other columns."""
        self.columns = chosen(fields)
        self.refresh()

    def go_to(self, run_id: str) -> None:
        """Put the cursor at a run, where it is found."""
        for row, index in enumerate(self._rows):
            if self._runs[index].id == run_id:
                self._go(row)

    def action_move(self, by: int) -> None:
        """Move the cursor."""
        self._go(self._at + by)

    def action_page(self, by: int) -> None:
        """Move the cursor by a page."""
        self._go(self._at + by * max(self.size.height - 2, 1))

    def action_edge(self, index: int) -> None:
        """Go to the first or the last."""
        self._go(index % max(len(self._rows), 1))

    def action_mark(self) -> None:
        """Mark the run at the cursor, or take its mark away, and go on to the next."""
        if self.run is not None:
            self.marked ^= {self.run.id}
            self._go(self._at + 1)

    def action_open(self) -> None:
        """Open the run at the cursor."""
        if self.run is not None:
            self.post_message(self.Opened(self.run))

    def on_click(self, event: events.Click) -> None:
        """Sort by the heading under the pointer, or move the cursor to the run; a double click opens it."""
        at = event.get_content_offset(self)
        if at is None:
            return
        row = at.y - 1 + self.scroll_offset.y
        if at.y == 0:
            start = 2
            for each, width in self._shown():
                if start <= at.x < start + width + GAP:
                    self.sort_by(each.field)
                start += width + GAP
        elif row < len(self._rows):
            if row == self._at and event.chain > 1:
                self.action_open()
            self._go(row)

    def on_resize(self) -> None:
        """Size the page."""
        self.virtual_size = Size(self.size.width, len(self._rows) + 1)

    def render_line(self, y: int) -> Strip:
        """Return a line of the table: the fixed headings first, then a run a line."""
        width = self.size.width
        row = y - 1 + self.scroll_offset.y
        if y == 0:
            text = self._headings()
        elif row < len(self._rows):
            text = self._line(row)
        else:
            return Strip.blank(width, self.rich_style)
        strip = Strip(
            Segment(segment.text, self.rich_style + (segment.style or Style()))
            for segment in text.render(self.app.console, end="")
        )
        return strip.adjust_cell_length(width, self.rich_style)

    def _shown(self) -> list[tuple[RunColumn, int]]:
        return widths(self.columns, self.size.width - 2, GAP)

    def _headings(self) -> Text:
        text = Text("  ", no_wrap=True)
        for each, width in self._shown():
            arrow = ("↓" if self.sort[1] else "↑") if each.field == self.sort[0] else ""
            content = f"{each.title}{arrow}"
            text.append(f"{content:>{width}}" if each.right else f"{content:<{width}}", "bold")
            text.append(" " * GAP)
        return text

    def _line(self, row: int) -> Text:
        run = self._runs[self._rows[row]]
        text = Text("▪ " if run.id in self.marked else "  ", no_wrap=True)
        for each, width in self._shown():
            content = Text(
                fitted(each.text(run), width),
                STATUS_STYLES.get(run.status, "") if each.field == "status" else "",
            )
            content.truncate(width, overflow="ellipsis", pad=True)
            if each.right:
                plain = content.plain.strip()
                content = Text(f"{plain:>{width}}")
            text.append_text(content).append(" " * GAP)
        if row == self._at:
            text.stylize("reverse" if self.has_focus else "underline")
        return text

    def _find(self, here: str = "") -> None:
        here = here or (self.run.id if self.run else "")
        found = self._query.find(self._runs, self._searched)
        field, reverse = self.sort
        by = column(field)
        if by is not None and (field != "created" or not reverse):
            found.sort(key=lambda index: by.order(self._runs[index], reverse), reverse=reverse)
        self._rows = found
        rows = {self._runs[index].id: row for row, index in enumerate(found)} if here else {}
        self._at = rows.get(here, 0)
        self.virtual_size = Size(self.size.width, len(self._rows) + 1)
        self._go(self._at)

    def _go(self, row: int) -> None:
        self._at = max(0, min(row, len(self._rows) - 1))
        # The headings cover the first line.
        top = self.scroll_offset.y
        if not top <= self._at <= top + max(self.size.height - 2, 0):
            self.scroll_to_region(Region(0, self._at, 1, 2), animate=False, force=True)
        self.refresh()
        self.post_message(self.Moved())
