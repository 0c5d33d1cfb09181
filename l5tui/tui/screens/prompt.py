"""A question that is answered with a line of text."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Input, Static

from l5tui.text import safe
from l5tui.tui.screens.dialog import Dialog


class PromptScreen(Dialog[str | None]):
    """Gives the text, or None where it was left with Escape.

    Parameters
    ----------
    title, question, value : str
        The value is what stands there to begin with.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "Leave")]

    def __init__(self, title: str, question: str, value: str = "") -> None:
        super().__init__()
        self._title = title
        self._question = question
        self._value = value

    def compose(self) -> ComposeResult:
        """Yield the question, a field, and the description of the keys."""
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = safe(self._title)
            dialog.border_subtitle = "Enter accepts, Esc cancels"
            yield Static("\n".join(map(safe, self._question.split("\n"))), markup=False)
            yield Input(self._value, select_on_focus=False, compact=True)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take the text."""
        self.dismiss(event.value)
