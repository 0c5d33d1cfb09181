"""Edits that outlive a crash of the app: kept while they are made, and offered at the next start."""

from __future__ import annotations

import asyncio
from pathlib import Path

from textual import work
from textual.timer import Timer

from l5tui.runner.unsaved import Unsaved, UnsavedEdits
from l5tui.tui.disk_file import UNKNOWN, DiskFile, read_disk
from l5tui.tui.draft import Draft
from l5tui.tui.draft_actions import DraftActions
from l5tui.tui.screens.choice import ChoiceScreen

KEEP_DELAY = 0.3
"""Seconds without a key after which edits are kept."""


class Recovery(DraftActions):
    """An editor whose draft is kept in the workspace while it has edits that are not saved."""

    def __init__(self) -> None:
        super().__init__()
        self._unsaved: UnsavedEdits | None = None
        self._keep_due: Timer | None = None

    @property
    def unsaved(self) -> UnsavedEdits:
        """Where edits are kept; made when it is first needed."""
        if self._unsaved is None:
            self._unsaved = UnsavedEdits(self.app.workspace)
        return self._unsaved

    def keep_edits(self) -> None:
        """Keep the draft as soon as no more keys come, or forget it where there is nothing to save."""
        if self._keep_due is not None:
            self._keep_due.stop()
        if self.draft.is_changed:
            self._keep_due = self.set_timer(KEEP_DELAY, self._keep)
        elif self._unsaved is not None:
            self._unsaved.forget()

    @work(exclusive=True, group="recovery")
    async def offer_edits(self) -> None:
        """Offer what an app that crashed has left behind."""
        for left in await asyncio.to_thread(self.unsaved.left_behind):
            what = left.file or f"{left.name}, which has no file yet"
            message = f"l5tui was ended, and these edits of {what} with it."
            answers = {"b": "Bring them back", "d": "Discard them", "escape": "Decide at the next start"}
            answer = await self.app.push_screen_wait(ChoiceScreen("Not saved", message, answers))
            if answer == "d":
                self.unsaved.drop(left.place)
            elif answer == "b" and await self.settle_edits():
                self.show_draft(_draft_of(left, self.app.workspace.experiments))
                self._keep()
                self.unsaved.drop(left.place)
                return

    def _keep(self) -> None:
        if self.draft.is_changed:
            path, disk = self.draft.path, self.draft.disk
            base = disk.digest if disk is not None else ""
            self.unsaved.keep(path.name if path else "", self.draft.name, self.draft.text, base)


def _draft_of(left: Unsaved, folder: Path) -> Draft:
    """Return the edits as a draft of their file; one without a file if that is gone or cannot be read."""
    path = folder / Path(left.file).name
    disk = read_disk(path) if left.file else None
    if disk is None or disk.fault:
        return Draft(None, left.text, left.name)
    draft = Draft(path, disk.text, path.stem, disk)
    draft.set_text(left.text)
    if left.base and left.base != disk.digest:
        # Another program has changed the file since: the next check of the disk shows the dialog about the edits.
        draft.disk = DiskFile(UNKNOWN)
    return draft
