"""Pages: screens over a section that show one thing and are left again."""

from __future__ import annotations

from textual.screen import Screen


class Page(Screen[None]):
    """A screen that closes when it is left, or when the thing that it shows is gone."""

    _is_closed = False

    def close(self) -> None:
        """Close the page; when another screen is in front, as soon as the page would be shown again."""
        if self._is_closed:
            return
        if self.app.screen is self:
            self._is_closed = True
            self.app.pop_screen()
        else:
            self._closes_when_shown = True

    _closes_when_shown = False

    def on_screen_resume(self) -> None:
        """Close the page if that is due."""
        if self._closes_when_shown:
            self.close()

    def action_leave(self) -> None:
        """Go back."""
        self.close()
