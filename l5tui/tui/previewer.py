"""Keep the preview up to date with a draft: request changed drafts, and the saved file once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from l5tui.tui.session import Session

Answer = Mapping[str, Any]


class Previewer:
    """Request previews of successive drafts from the warm process.

    Parameters
    ----------
    session : Session
    show : callable
        Given the draft's preview, and that of the saved file where it is known.
    show_note : callable
        Called with the reason if there is no preview.
    """

    def __init__(
        self,
        session: Session,
        show: Callable[[Answer, Answer | None], None],
        show_note: Callable[[str], None],
    ) -> None:
        self._session = session
        self._show = show
        self._show_note = show_note
        self._saved_text = ""
        self._saved: Answer | None = None
        self._now: Answer | None = None
        self._text = ""
        self._requested = ""

    def follow(self, text: str, saved_text: str) -> None:
        """Request the preview of a valid text, and of the saved one if it has changed."""
        if saved_text != self._saved_text:
            self._saved_text, self._saved = saved_text, None
            if saved_text and saved_text != text:
                self._session.preview(saved_text, self._saved_answered(saved_text), replaceable=False)
        if text != self._requested:
            self._requested = text
            self._session.preview(text, self._answered(text))

    def _answered(self, text: str) -> Callable[[Answer], None]:
        def answered(answer: Answer) -> None:
            if answer["event"] == "preview":
                self._now, self._text = answer, text
                if text == self._saved_text:
                    self._saved = answer
                self._show(answer, self._saved)
            elif answer["event"] == "refused" and text == self._requested:
                self._requested = ""
                self._show_note("; ".join(answer["errors"]))

        return answered

    def _saved_answered(self, text: str) -> Callable[[Answer], None]:
        def answered(answer: Answer) -> None:
            if answer["event"] == "preview" and text == self._saved_text:
                self._saved = answer
                if self._now is not None:
                    self._show(self._now, self._saved)

        return answered
