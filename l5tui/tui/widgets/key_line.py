"""The last line of a screen: its keys."""

from __future__ import annotations

from textual.screen import Screen
from textual.widgets import Footer


class KeyLine(Footer):
    """Textual's footer, made again only where it would be another.

    Textual makes all of it anew whenever the focus moves, for which the next key has to wait.
    """

    def __init__(self) -> None:
        super().__init__(compact=True)
        self._shown: list[tuple[object, ...]] = []

    def bindings_changed(self, screen: Screen[object]) -> None:
        """Show other keys, where they are others."""
        shown: list[tuple[object, ...]] = [
            (binding.key, binding.description, binding.group, enabled)
            for _, binding, enabled, _ in screen.active_bindings.values()
            if binding.show
        ]
        if shown != self._shown or not screen.app.app_focus:
            self._shown = shown if screen.app.app_focus else []
            super().bindings_changed(screen)
