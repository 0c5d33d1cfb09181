"""The list of experiments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from l5tui.text import fitted, number, safe
from l5tui.tui.colours import FAULT, STATUS_SIGNS, STATUS_STYLES
from l5tui.tui.experiment_files import ExperimentFile
from l5tui.tui.widgets.options import Options

if TYPE_CHECKING:
    from l5tui.runner.overview import RunListing

RULE_WIDTH = 11
LAST_WIDTH = 6
WIDE = 30
"""Where there is room for the rule."""


class FileList(Options):
    """Name, and of the last run whether it went well and its loss; the rule where there is room."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "cursor_down", "Down", show=False),
        Binding("k", "cursor_up", "Up", show=False),
        Binding("g", "first", "First", show=False),
        Binding("G", "last", "Last", show=False),
    ]

    def __init__(self) -> None:
        super().__init__(classes="panel", id="files")
        self.border_title = "Experiments"
        self._files: tuple[ExperimentFile, ...] = ()
        self._last: Mapping[tuple[str, str], RunListing] = {}
        self._changed: Path | None = None

    @property
    def path(self) -> Path | None:
        """The file at the cursor."""
        return self._files[self.highlighted].path if self.highlighted is not None and self._files else None

    def show(self, files: Sequence[ExperimentFile]) -> None:
        """Show other files."""
        self._files = tuple(files)
        self._redraw()

    def show_last_runs(self, last: Mapping[tuple[str, str], RunListing]) -> None:
        """Show the last run of each experiment, by its name and rule."""
        self._last = last
        self._redraw()

    def mark_changed(self, path: Path | None) -> None:
        """Mark the file whose edits are not saved."""
        if path != self._changed:
            self._changed = path
            self._redraw()

    def go_to(self, path: Path | None) -> None:
        """Put the cursor at a file."""
        paths = [file.path for file in self._files]
        if path in paths:
            self.highlighted = paths.index(path)

    def is_away_from(self, path: Path | None) -> bool:
        """Return whether a file is listed and the cursor is at another one."""
        return self.path != path and any(file.path == path for file in self._files)

    def on_resize(self) -> None:
        """Show the rule where there is room for it."""
        self._redraw()

    def _redraw(self) -> None:
        at = self.highlighted
        with self.prevent(OptionList.OptionHighlighted):
            self.set_options(Option(self._row(file)) for file in self._files)
            self.highlighted = (
                at if at is not None and at < len(self._files) else (0 if self._files else None)
            )

    def _row(self, file: ExperimentFile) -> Text:
        name = Text(safe(file.path.stem) + (" *" if file.path == self._changed else ""))
        last = self._last.get((file.name, file.rule))
        cells = [(last_run(last) if last else Text(), LAST_WIDTH)]
        if file.fault:
            cells = [(Text("✗", FAULT), LAST_WIDTH)]
        if self.size.width >= WIDE:
            cells.insert(0, (Text(safe(file.rule), "dim"), RULE_WIDTH))
        room = self.scrollable_content_region.width - sum(width + 1 for _, width in cells)
        name.truncate(max(room, 1), overflow="ellipsis", pad=True)
        for cell, width in cells:
            cell.truncate(width, overflow="ellipsis", pad=True)
        return Text(" ").join([name, *(cell for cell, _ in cells)])


def last_run(run: RunListing) -> Text:
    """Whether a run went well, and its loss."""
    sign = STATUS_SIGNS.get(run.status, "?")
    room = LAST_WIDTH - 2
    loss = number(run.loss, 2) if run.loss is not None else ""
    if run.loss is not None and len(loss) > room:
        loss = fitted(number(run.loss, 6), room)
    return Text(f"{sign} {loss}".strip(), STATUS_STYLES.get(run.status, ""))
