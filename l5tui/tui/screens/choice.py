"""A question with a few answers, one key each."""

from __future__ import annotations

from collections.abc import Mapping

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from l5tui.text import safe
from l5tui.tui.screens.dialog import Dialog
from l5tui.tui.widgets.options import Options


class ChoiceScreen(Dialog[str]):
    """A dialog whose result is the key of an answer.

    Parameters
    ----------
    title : str
    question : str
        One or more lines.
    answers : mapping of str to str
        Meaning of each key; ``escape`` is one of them and changes nothing.
    default : str, optional
        Key of the answer that Enter gives before the cursor is moved: the first one unless named. A dialog about
        something that cannot be undone names ``escape``.
    """

    def __init__(self, title: str, question: str, answers: Mapping[str, str], default: str = "") -> None:
        super().__init__()
        self._title = title
        self._question = question
        self._answers = dict(answers)
        self._default = default or next(iter(self._answers))

    def compose(self) -> ComposeResult:
        """Yield the question and its answers."""
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = safe(self._title)
            yield Static("\n".join(map(safe, self._question.split("\n"))), markup=False)
            yield Options(
                *(
                    Option(f"{'Esc' if key == 'escape' else key}  {safe(text)}".replace("[", r"\["), id=key)
                    for key, text in self._answers.items()
                )
            )

    def on_mount(self) -> None:
        """Put the cursor on the default answer."""
        self.query_one(OptionList).highlighted = list(self._answers).index(self._default)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Take the answer that was chosen."""
        self.dismiss(str(event.option.id))

    def on_key(self, event: events.Key) -> None:
        """Take the answer whose key it is."""
        if event.key in self._answers:
            event.stop()
            self.dismiss(event.key)
