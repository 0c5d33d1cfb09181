"""One of many things, found by typing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from l5tui.text import safe
from l5tui.tui.screens.dialog import Dialog
from l5tui.tui.widgets.options import Options


class PickScreen(Dialog[str]):
    """Gives the name that was picked, or an empty one where it was left with Escape.

    Parameters
    ----------
    title : str
    names : sequence of str
        What can be picked; all words that are typed have to be in it.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss('')", "Leave"),
        Binding("down", "move(1)", "Down", show=False, priority=True),
        Binding("up", "move(-1)", "Up", show=False, priority=True),
    ]

    def __init__(self, title: str, names: Sequence[str]) -> None:
        super().__init__()
        self._title = title
        self._names = list(names)

    def compose(self) -> ComposeResult:
        """Yield the field and the list."""
        with Vertical(classes="dialog pick") as dialog:
            dialog.border_title = safe(self._title)
            dialog.border_subtitle = "type to find, ↑↓ move, Enter accepts, Esc cancels"
            yield Input(placeholder="part of its name", compact=True)
            names = Options()
            names.can_focus = False
            yield names

    def on_mount(self) -> None:
        """List all."""
        self._list("")

    def on_input_changed(self, event: Input.Changed) -> None:
        """List what has all words in it."""
        self._list(event.value)

    def on_input_submitted(self) -> None:
        """Take the name at the cursor."""
        names = self.query_one(OptionList)
        if names.highlighted is not None:
            self.dismiss(str(names.get_option_at_index(names.highlighted).id))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Take the name that was clicked."""
        self.dismiss(str(event.option.id))

    def action_move(self, by: int) -> None:
        """Move the cursor."""
        names = self.query_one(OptionList)
        if names.option_count:
            names.highlighted = ((names.highlighted or 0) + by) % names.option_count

    def _list(self, text: str) -> None:
        words = text.lower().split()
        names = self.query_one(OptionList)
        found = [name for name in self._names if all(word in name.lower() for word in words)]
        names.set_options(Option(safe(name).replace("[", r"\["), id=name) for name in found)
        names.highlighted = 0 if found else None
