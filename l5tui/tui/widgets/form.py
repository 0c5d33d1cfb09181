"""The form of an experiment: sections that fold, values, units, and faults where they are."""

from __future__ import annotations

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

from l5tui.config.document import SEARCH_SPACE
from l5tui.config.populations import POPULATIONS
from l5tui.text import count, fitted, safe
from l5tui.tui.colours import FAULT, WARNING, sign_style
from l5tui.tui.draft import Draft
from l5tui.tui.form_lines import Cell, Line, form_lines, shown
from l5tui.tui.search_space import SpaceCell, space_lines, space_of

LABEL, CELL = 21, 7
SPACE_LABEL, SPACE_CELL = 25, 8
"""Of the search space, whose paths are long."""
FOLDED = ("dynamics", "simulation", "loss", "recording", "tuning")
"""Sections that are folded to begin with."""


class Form(ScrollView, can_focus=True):
    """Display a draft; changes are requested by messages to the owner of the draft."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "edit", "Edit"),
        Binding("space", "next_choice", "Next choice", show=False),
        Binding("up,k", "move(-1)", "Up", show=False),
        Binding("down,j", "move(1)", "Down", show=False),
        Binding("left,h", "cell(-1)", "Left", show=False),
        Binding("right,l", "cell(1)", "Right", show=False),
        Binding("home,g", "edge(0)", "First", show=False),
        Binding("end,G", "edge(-1)", "Last", show=False),
        Binding("pageup", "move(-10)", "Page up", show=False),
        Binding("pagedown", "move(10)", "Page down", show=False),
        Binding(
            "a",
            "search",
            "Search it",
            show=False,
            tooltip="Add the parameter at the cursor to the search space",
        ),
        Binding(
            "x,delete",
            "unsearch",
            "No search",
            show=False,
            tooltip="Remove the parameter from the search space",
        ),
        Binding("z", "fold_all", "Fold all", show=False, tooltip="Fold or unfold every section"),
        Binding("f8", "next_fault", "Next fault", show=False, tooltip="Go to the next fault"),
    ]

    class EditRequested(Message):
        """A cell is to be edited."""

        def __init__(self, cell: Cell) -> None:
            super().__init__()
            self.cell = cell

    class ChoiceRequested(Message):
        """A cell is to take its next choice."""

        def __init__(self, cell: Cell) -> None:
            super().__init__()
            self.cell = cell

    class SearchRequested(Message):
        """A parameter is to be searched, or no more.

        Parameters
        ----------
        path : str
            The parameter's; empty where one is to be chosen.
        """

        def __init__(self, path: str, *, wanted: bool = True) -> None:
            super().__init__()
            self.path = path
            self.wanted = wanted

    class CellReached(Message):
        """The cursor is at another cell, or at a heading."""

        def __init__(self, cell: Cell | None) -> None:
            super().__init__()
            self.cell = cell

    def __init__(self, draft: Draft) -> None:
        super().__init__()
        self.draft = draft
        self._folded = set(FOLDED)
        self._all: tuple[Line, ...] = ()
        self._lines: list[Line] = []
        self._row = 0
        self._column = 0
        self._relist()

    @property
    def cell(self) -> Cell | None:
        """The cell at the cursor; None at a heading."""
        cells = self._lines[self._row].cells
        return cells[min(self._column, len(cells) - 1)] if cells else None

    @property
    def hint(self) -> str:
        """What can be done at the cursor, where there is no cell."""
        if self._lines[self._row].kind == "add":
            return "Enter adds a parameter to the search space; x removes one."
        return "A section: Enter folds and unfolds it, z all of them."

    def go_to_searched(self, path: str) -> None:
        """Put the cursor at a searched parameter."""
        self._folded.discard(SEARCH_SPACE[0])
        self._relist()
        for row, line in enumerate(self._lines):
            if line.kind == "space" and line.label == path:
                self._column = 0
                self._go(row)

    def show(self, draft: Draft) -> None:
        """Show a draft, or that it has changed."""
        self.draft = draft
        self._relist()
        self.refresh()

    def on_mount(self) -> None:
        """Size the page."""
        self._relist()

    def on_resize(self) -> None:
        """Size the page."""
        self._relist()

    def action_move(self, by: int) -> None:
        """Move the cursor by some lines; headings of a table's columns are passed over."""
        row = max(0, min(self._row + by, len(self._lines) - 1))
        step = 1 if by > 0 else -1
        while 0 < row < len(self._lines) - 1 and self._lines[row].kind.endswith("columns"):
            row += step
        self._go(row)

    def action_cell(self, by: int) -> None:
        """Move to another population's cell; fold or unfold a section."""
        line = self._lines[self._row]
        if line.kind == "section":
            if (by < 0) != (line.section in self._folded):
                self.action_edit()
            return
        self._column = max(0, min(self._column + by, max(len(line.cells) - 1, 0)))
        self._go(self._row)

    def action_edge(self, index: int) -> None:
        """Go to the first or the last line."""
        self._go(index % len(self._lines))

    def action_edit(self) -> None:
        """Request that the cell is edited; fold or unfold a section."""
        line = self._lines[self._row]
        if line.kind == "section":
            self._folded ^= {line.section}
            self.show(self.draft)
        elif line.kind == "add":
            self.post_message(self.SearchRequested(""))
        elif (cell := self.cell) is not None:
            self.post_message(self.EditRequested(cell))

    def action_search(self) -> None:
        """Request that the parameter at the cursor is searched, or that one is chosen."""
        cell = self.cell
        path = cell.parameter.path if cell is not None and not isinstance(cell, SpaceCell) else ""
        self.post_message(self.SearchRequested(path))

    def action_unsearch(self) -> None:
        """Request that the parameter at the cursor is not searched."""
        cell = self.cell
        if cell is not None:
            path = cell.searched if isinstance(cell, SpaceCell) else cell.parameter.path
            self.post_message(self.SearchRequested(path, wanted=False))

    def action_next_choice(self) -> None:
        """Select the next choice, or toggle a switch; any other cell is edited."""
        cell = self.cell
        if cell is not None and (cell.parameter.choices or isinstance(cell.parameter.default, bool)):
            self.post_message(self.ChoiceRequested(cell))
        else:
            self.action_edit()

    def action_fold_all(self) -> None:
        """Fold every section, or unfold all where one is folded."""
        line = self._lines[self._row]
        self._folded = set() if self._folded else {each.section for each in self._all}
        self._relist()
        self._go(next(i for i, each in enumerate(self._lines) if each.section == line.section))

    def action_next_fault(self) -> None:
        """Go to the next line with a fault, wherever it is folded away."""
        faulty = [
            (index, number)
            for index, line in enumerate(self._all)
            for number, cell in enumerate(line.cells)
            if self.draft.faults_at(cell)
        ]
        if not faulty:
            return
        here = self._all.index(self._lines[self._row])
        index, number = next((each for each in faulty if each > (here, self._column)), faulty[0])
        line = self._all[index]
        self._folded.discard(line.section)
        self._relist()
        self._column = number
        self._go(self._lines.index(line))

    def on_click(self, event: events.Click) -> None:
        """Move the cursor to the cell under the pointer; a second click edits it."""
        at = event.get_content_offset(self)
        if at is None or (row := at.y + self.scroll_offset.y) >= len(self._lines):
            return
        line = self._lines[row]
        label, cell = (SPACE_LABEL + 2, SPACE_CELL) if line.kind == "space" else (LABEL + 1, CELL)
        column = max(at.x - label, 0) // cell
        column = min(column, max(len(line.cells) - 1, 0))
        again = (row, column) == (self._row, self._column) or line.kind in ("section", "add")
        self._column = column
        self._go(row)
        if again:
            self.action_edit()

    def render_line(self, y: int) -> Strip:
        """One line of the form."""
        row, width = y + self.scroll_offset.y, self.size.width
        if row >= len(self._lines):
            return Strip.blank(width, self.rich_style)
        line = self._lines[row]
        room = self.scrollable_content_region.width
        text = self._section(line) if line.kind == "section" else self._line(line, row, room)
        strip = Strip(
            Segment(segment.text, self.rich_style + (segment.style or Style()))
            for segment in text.render(self.app.console, end="")
        )
        return strip.adjust_cell_length(width, self.rich_style).crop(0, width)

    def _section(self, line: Line) -> Text:
        members = [each for each in self._all if each.section == line.section]
        cells = [cell for each in members for cell in each.cells]
        changed = sum(self.draft.differs(cell) for cell in cells)
        faults = {str(fault) for cell in cells for fault in self.draft.faults_at(cell)}
        text = Text.assemble("▸ " if line.section in self._folded else "▾ ", (line.label, "bold"))
        if line.section in self._folded and line.section == "tuning":
            text.append(f"  {count(len(space_of(self.draft.data)), 'parameter')} to search", "dim")
        if line.section in self._folded and line.section == "loss":
            text.append("  targets are in the TOML", "dim")
        if changed:
            text.append(f"  {changed} changed", "italic")
        if faults:
            text.append(f"  ✗ {len(faults)}", FAULT)
        if warnings := {warning for cell in cells for warning in self.draft.warnings_at(cell)}:
            text.append(f"  ! {len(warnings)}", WARNING)
        if self._lines[self._row] is line and self.has_focus:
            text.stylize("reverse", 0, 2 + len(line.label))
        return text

    def _line(self, line: Line, row: int, width: int) -> Text:
        if line.kind == "columns":
            heads = "".join(f"{name:>{CELL - 1}} " for name in POPULATIONS)
            # A long label takes the blanks before the first heading.
            blanks = len(heads) - len(heads.lstrip())
            label = f"  {line.label}"[: LABEL + blanks].ljust(LABEL + 1)
            text = Text.assemble(label, (heads[len(label) - LABEL - 1 :], "dim"))
            if text.cell_len + 11 < width:
                return text.append("from ↓ to →", "dim")
            # Without room on the right, the orientation takes the end of the label.
            label = f"  {line.label[: LABEL - 14]}… from↓ to→"
            return Text.assemble(label.ljust(LABEL + 1)[: LABEL + 1], (heads, "dim"))
        if line.kind in ("space-columns", "add"):
            return self._around_space(line, at_cursor=row == self._row and self.has_focus)
        label = f"    {line.label}" if line.kind == "row" else f"  {line.label}"
        changed = any(self.draft.differs(cell) for cell in line.cells)
        if line.kind == "space":
            room = SPACE_LABEL - 2
            label = line.label if len(line.label) <= room else f"…{line.label[1 - room :]}"
            text = Text(("• " if changed else "  ") + f"  {safe(label)}".ljust(SPACE_LABEL))
        else:
            text = Text(("• " if changed else "  ") + label[2:][: LABEL - 2].ljust(LABEL - 1))
        faults = []
        for number, cell in enumerate(line.cells):
            faults += [fault for fault in self.draft.faults_at(cell) if fault not in faults]
            text.append_text(self._cell(line, cell, at_cursor=row == self._row and number == self._column))
        room = width - text.cell_len - 1
        if faults:
            first = faults[0]
            shown_text = f"✗ {first.got}, allowed {first.allowed}" if first.allowed else f"✗ {first.got}"
            text.append(" " + safe(shown_text)[: max(room, 2)], FAULT)
        elif warnings := [each for cell in line.cells for each in self.draft.warnings_at(cell)]:
            text.append(" " + safe(f"! {warnings[0].text}")[: max(room, 2)], WARNING)
        elif line.kind not in ("row", "space") and room > 4:
            text.append(" " + self._aside(line, room), "dim")
        return text

    def _around_space(self, line: Line, *, at_cursor: bool) -> Text:
        """Return the headings of the search space, and the line that adds to it."""
        if line.kind == "add":
            return Text.assemble("    + ", (f"{line.label} …", "reverse" if at_cursor else "dim"))
        heads = "".join(f"{name:>{SPACE_CELL - 1}} " for name in ("low", "high", "scale"))
        return Text.assemble("  space".ljust(SPACE_LABEL + 2), (heads, "dim"))

    def _cell(self, line: Line, cell: Cell, *, at_cursor: bool) -> Text:
        value = self.draft.value(cell)
        shown_text = (
            safe(cell.text_of(value)).replace("-", "−") if not isinstance(value, str) else safe(value)
        )
        is_range = line.kind == "space" and len(line.cells) > 1
        wide = line.kind in ("row", "populations") or is_range
        size = (SPACE_CELL if is_range else CELL) - 1
        shown_text = f"{fitted(shown_text, size):>{size}}" if wide else f"{shown_text[:34] or '—':<14}"
        style = sign_style(value) if line.kind == "row" else Style()
        if repr(value) != repr(self.draft.default(cell)) and line.kind != "space":
            style += Style(bold=True)
        if self.draft.faults_at(cell):
            style += FAULT
        if at_cursor and (self.has_focus or not wide):
            style += Style(reverse=self.has_focus, underline=not self.has_focus)
        return Text.assemble((shown_text, style), " " if wide else "")

    def _aside(self, line: Line, room: int) -> str:
        """Return the unit, and the default if the value differs; the description is below the form."""
        if line.kind == "populations":
            return "   ".join((" ".join(POPULATIONS), line.cells[0].parameter.unit))[:room]
        (cell,) = line.cells
        parts = [cell.parameter.unit.removeprefix("1")]
        if repr(self.draft.value(cell)) != repr(self.draft.default(cell)):
            parts.append(f"default {shown(self.draft.default(cell))}")
        shown_text = safe("  ".join(part for part in parts if part))
        return shown_text if len(shown_text) <= room else f"{shown_text[: room - 1]}…"

    def _relist(self) -> None:
        here = self._lines[self._row] if self._lines else None
        self._all = (*form_lines(), *space_lines(self.draft.data))
        self._lines = [
            line for line in self._all if line.kind == "section" or line.section not in self._folded
        ]
        if here is not None:
            same = [index for index, line in enumerate(self._lines) if line == here]
            self._row = same[0] if same else min(self._row, len(self._lines) - 1)
        self.virtual_size = Size(max(self.size.width, 1), len(self._lines))

    def _go(self, row: int) -> None:
        self._row = max(0, min(row, len(self._lines) - 1))
        self._column = min(self._column, max(len(self._lines[self._row].cells) - 1, 0))
        self.scroll_to_region(Region(0, self._row, 1, 1), animate=False, force=True)
        self.refresh()
        self.post_message(self.CellReached(self.cell))
