"""The line at the top: where one is, and on the right what goes on."""

from __future__ import annotations

from rich.text import Text
from textual.widget import Widget

from l5tui.text import safe


class Crumbs(Widget):
    """Parts of a path on the left, a state on the right; the left gives way."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: tuple[str, ...] = ()
        self._state = ""

    def show(self, *parts: str, state: str | None = None) -> None:
        """Say where one is, and what goes on where that is given."""
        self._parts = tuple(map(safe, parts))
        if state is not None:
            self._state = safe(state)
        self.refresh()

    def show_state(self, state: str) -> None:
        """Say what goes on."""
        if safe(state) != self._state:
            self._state = safe(state)
            self.refresh()

    def render(self) -> Text:
        """Both, on one line."""
        width = self.size.width
        left = Text(" › ".join(("l5tui", *self._parts)), "bold")
        room = max(width - len(self._state) - 3, 10)
        left.truncate(room, overflow="ellipsis")
        return Text.assemble(
            " ", left, " " * max(width - 2 - left.cell_len - len(self._state), 1), self._state
        )
