"""Dialogs: screens over the others that give one answer, once."""

from __future__ import annotations

from typing import TypeVar

from textual.await_complete import AwaitComplete
from textual.command import CommandPalette
from textual.screen import ModalScreen, Screen

Answer = TypeVar("Answer")


class _Once(Screen[Answer]):
    """A screen that is dismissed once, and only while it is in front.

    Textual pops whatever is in front: a second answer, of a double key or click, would take the screen below away.
    """

    _is_dismissed = False

    def dismiss(self, result: Answer | None = None) -> AwaitComplete:
        """Give the answer and close; without effect when that is done, or when another screen is in front."""
        if self._is_dismissed or self.app.screen is not self:
            return AwaitComplete.nothing()
        self._is_dismissed = True
        return super().dismiss(result)


class Dialog(_Once[Answer], ModalScreen[Answer]):
    """Base class of the app's dialogs."""


class Palette(_Once[None], CommandPalette):  # type: ignore[misc]
    """Textual's command palette."""
