"""A list of things to tick."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import SelectionList, Static

from l5tui.text import safe
from l5tui.tui.screens.dialog import Dialog


class ChecklistScreen(Dialog[list[str] | None]):
    """Gives the names of what is ticked, or None where it was left with Escape.

    Parameters
    ----------
    title, explanation : str
    items : sequence of (str, str, bool)
        Name, text and whether it is ticked.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Leave"),
        Binding("enter", "take", "Take them", priority=True),
        Binding("j", "down", show=False),
        Binding("k", "up", show=False),
    ]

    def __init__(self, title: str, explanation: str, items: Sequence[tuple[str, str, bool]]) -> None:
        super().__init__()
        self._title = title
        self._explanation = explanation
        self._items = items

    def compose(self) -> ComposeResult:
        """Yield the title and the list."""
        with Vertical(classes="dialog checklist") as dialog:
            dialog.border_title = safe(self._title)
            dialog.border_subtitle = "Space selects, Enter accepts, Esc cancels"
            yield Static(safe(self._explanation), markup=False)
            yield SelectionList[str](
                *((safe(text).replace("[", r"\["), name, ticked) for name, text, ticked in self._items)
            )

    def action_take(self) -> None:
        """Give what is ticked."""
        self.dismiss(list(self.query_one(SelectionList).selected))

    def action_down(self) -> None:
        """Go down."""
        self.query_one(SelectionList).action_cursor_down()

    def action_up(self) -> None:
        """Go up."""
        self.query_one(SelectionList).action_cursor_up()
