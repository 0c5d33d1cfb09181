"""The line at the top: the sections with their keys, where one is in this one, and on the right what goes on."""

from __future__ import annotations

from rich.text import Text
from textual import events
from textual.widget import Widget

from l5tui.text import safe
from l5tui.tui.sections import SECTIONS


class Crumbs(Widget):
    """Sections, then parts of a path, and a state on the right; the path gives way."""

    def __init__(self, section: str) -> None:
        super().__init__()
        self._section = section
        self._parts: tuple[str, ...] = ()
        self._state = ""

    def show(self, *parts: str, state: str | None = None) -> None:
        """Say where one is, and what goes on where that is given."""
        self._parts = tuple(safe(part) for part in parts if part)
        if state is not None:
            self._state = safe(state)
        self.refresh()

    def show_state(self, state: str) -> None:
        """Say what goes on."""
        if safe(state) != self._state:
            self._state = safe(state)
            self.refresh()

    async def on_click(self, event: events.Click) -> None:
        """Go to the section that was clicked."""
        start = 0
        for section in SECTIONS:
            end = start + len(_label(section.key, section.title))
            if start <= event.x < end:
                await self.app.run_action(f"section('{section.name}')")
            start = end

    def render(self) -> Text:
        """Return the line."""
        text = Text(no_wrap=True)
        for section in SECTIONS:
            style = "reverse bold" if section.name == self._section else ""
            text.append(_label(section.key, section.title), style)
        room = self.size.width - text.cell_len - len(self._state) - 4
        if self._parts and room > 3:
            path = Text(" " + " › ".join(self._parts))
            path.truncate(room + 1, overflow="ellipsis")
            text.append_text(path)
        gap = self.size.width - text.cell_len - len(self._state) - 1
        return text.append(" " * max(gap, 1)).append(self._state, "dim")


def _label(key: str, title: str) -> str:
    return f" {key} {title} "
