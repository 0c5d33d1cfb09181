"""Dialogs: screens over the others that give one answer, once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from textual.await_complete import AwaitComplete
from textual.command import CommandList, CommandPalette
from textual.screen import ModalScreen

from l5tui.tui.widgets.options import has_room

if TYPE_CHECKING:
    from textual.screen import Screen

    Base = Screen[Any]
else:
    # No widget: Textual takes styles from the first base that is one.
    Base = object

Answer = TypeVar("Answer")


class _Once(Base):
    """A screen that is dismissed once, and only while it is in front.

    Textual pops whatever is in front: a second answer, of a double key or click, would take the screen below away.
    """

    _is_dismissed = False

    def dismiss(self, result: Any = None) -> AwaitComplete:
        """Give the answer and close; without effect when that is done, or when another screen is in front."""
        if self._is_dismissed or self.app.screen is not self:
            return AwaitComplete()
        self._is_dismissed = True
        closing: AwaitComplete = super().dismiss(result)
        return closing


class Dialog(_Once, ModalScreen[Answer]):
    """Base class of the app's dialogs."""


class Palette(_Once, CommandPalette):
    """Textual's command palette."""

    def _action_command_list(self, action: str) -> None:
        """Pass an action on to the list of commands; a page has no size while the list has no room."""
        if not action.startswith("page_") or has_room(self.query_one(CommandList)):
            super()._action_command_list(action)
