"""The difference between two texts, to be read and closed."""

from __future__ import annotations

import difflib
from typing import ClassVar

from rich.style import Style
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from l5tui.text import safe
from l5tui.tui.colours import FAULT, GOOD


class DifferenceScreen(ModalScreen[None]):
    """A unified difference that scrolls.

    Parameters
    ----------
    title : str
    before, after : tuple of (str, str)
        Name and text of each side.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter,q", "close", "Close"),
        Binding("j", "scroll(1)", show=False),
        Binding("k", "scroll(-1)", show=False),
    ]

    def __init__(self, title: str, before: tuple[str, str], after: tuple[str, str]) -> None:
        super().__init__()
        self._title = title
        self._before = before
        self._after = after

    def compose(self) -> ComposeResult:
        """Yield the lines that differ, each with its sign, and three lines of context."""
        with Vertical(classes="dialog difference") as dialog:
            dialog.border_title = safe(self._title)
            dialog.border_subtitle = "↑↓ scroll, Esc closes"
            with VerticalScroll():
                yield Static(difference(self._before, self._after), markup=False)

    def on_mount(self) -> None:
        """Let the keys scroll."""
        self.query_one(VerticalScroll).focus()

    def action_scroll(self, by: int) -> None:
        """Scroll by a line."""
        self.query_one(VerticalScroll).scroll_relative(y=by, animate=False)

    def action_close(self) -> None:
        """Close it."""
        if self.is_current:
            self.dismiss(None)


def difference(before: tuple[str, str], after: tuple[str, str]) -> Text:
    """Return the unified difference between two named texts."""
    styles: dict[str, str | Style] = {"+": GOOD, "-": FAULT, "@": "dim"}
    lines = difflib.unified_diff(
        before[1].splitlines(), after[1].splitlines(), before[0], after[0], lineterm=""
    )
    text = Text()
    for line in lines:
        text.append(safe(line) + "\n", styles.get(line[:1], ""))
    return text if text.plain else Text("line ends only")
