"""The TOML of an experiment, with colours and the faulty line marked."""

from __future__ import annotations

import re
from typing import Final

from rich.style import Style
from rich.text import Text
from textual.widgets import TextArea

from l5tui.tui.colours import FAULT

PATTERNS: Final = (
    (re.compile(r"^\s*\[.*\]"), Style(bold=True, color="#d6a04f")),
    (re.compile(r"^\s*[\w.\"-]+(?=\s*=)"), Style(color="#8db4e8")),
    (re.compile(r"(?<![\w.])[-+]?\d[\d_.eE+-]*\b"), Style(color="#d69ac0")),
    (re.compile(r"\b(true|false)\b"), Style(color="#d69ac0", bold=True)),
    (re.compile(r"\"[^\"]*\""), Style(color="#9bc27e")),
)
COMMENT: Final = re.compile(r"^[^\"#]*(?:\"[^\"]*\"[^\"#]*)*(#.*)$")


class TomlFace(TextArea):
    """A text area without a parser: a few patterns say as much of so simple a language."""

    def __init__(self) -> None:
        super().__init__("", show_line_numbers=True, soft_wrap=False, id="toml", classes="panel")
        self.border_title = "TOML"
        self._faulty: int | None = None

    def show(self, text: str, faulty: int | None) -> None:
        """Show a text, where it is another, and mark its faulty line."""
        if faulty != self._faulty:
            self._faulty = faulty
            self._line_cache.clear()
            self.refresh()
        if text != self.text:
            line, _ = self.cursor_location
            with self.prevent(TextArea.Changed):
                self.load_text(text)
            self.move_cursor((line, 0))
            self.scroll_to(x=0, animate=False)

    def get_line(self, line_index: int) -> Text:
        """Return a line with its colours."""
        line = Text(self.document.get_line(line_index), end="", no_wrap=True)
        for pattern, style in PATTERNS:
            for match in pattern.finditer(line.plain):
                line.stylize(style, *match.span())
        if comment := COMMENT.match(line.plain):
            line.stylize(Style(dim=True, italic=True), *comment.span(1))
        if line_index == self._faulty:
            line.stylize(FAULT + Style(underline=True))
        return line
