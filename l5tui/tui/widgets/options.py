"""Textual's list of options, which also takes keys while it has no room on the screen."""

from __future__ import annotations

from textual.widgets import OptionList


class Options(OptionList):
    """A list of options that can be paged through before it is laid out and in a terminal too small for it.

    Textual looks up the line of the highlighted option, which does not exist while the list has no room.
    """

    def action_page_up(self) -> None:
        """Move the cursor one page up; without effect while no option has a line."""
        if has_room(self):
            super().action_page_up()  # type: ignore[no-untyped-call]

    def action_page_down(self) -> None:
        """Move the cursor one page down; without effect while no option has a line."""
        if has_room(self):
            super().action_page_down()  # type: ignore[no-untyped-call]


def has_room(options: OptionList) -> bool:
    """Return whether a list has a place on the screen where its options have lines.

    Parameters
    ----------
    options : OptionList
    """
    return bool(options.scrollable_content_region)
