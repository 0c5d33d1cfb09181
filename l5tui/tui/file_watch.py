"""Changes that other programs make to the file of the experiment that is being edited."""

from __future__ import annotations

import asyncio
import os
from abc import abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING

from textual import work
from textual.screen import Screen

from l5tui.text import safe
from l5tui.tui.disk_file import DiskFile, read_disk
from l5tui.tui.draft import Draft
from l5tui.tui.screens.choice import ChoiceScreen
from l5tui.tui.screens.difference import DifferenceScreen
from l5tui.tui.while_shown import while_shown

if TYPE_CHECKING:
    from l5tui.tui.workbench import Workbench

LOOK_SECONDS = 1.0
"""Time between two looks at the file and its folder."""


class FileWatch(Screen[None]):
    """An editor that notices when its file changes, disappears or is renamed."""

    app: Workbench
    draft: Draft

    def __init__(self) -> None:
        super().__init__()
        self._postponed: DiskFile | None = None
        self._is_looking = self._is_deciding = False
        self._missing: Path | None = None
        self._folder: object = None

    @abstractmethod
    def draft_changed(self) -> None:
        """Show what the draft says now."""

    @abstractmethod
    def show_draft(self, draft: Draft) -> None:
        """Show another draft."""

    @abstractmethod
    def reopen(self, path: Path | None) -> None:
        """Show another file, or whichever comes first, and list the files again."""

    @abstractmethod
    def list_files(self) -> None:
        """List the files again."""

    @property
    def differs_on_disk(self) -> bool:
        """Whether the file has changed and the user has postponed the decision."""
        return self._postponed is not None

    @property
    @abstractmethod
    def is_opening(self) -> bool:
        """Whether the cursor has moved to a file that is about to be opened."""

    def watch_files(self) -> None:
        """Look at the file and its folder now and then."""
        self.set_interval(LOOK_SECONDS, self.look_at_disk)

    @work(group="disk")
    @while_shown
    async def look_at_disk(self) -> None:
        """Notice changes that other programs have made."""
        # Not an exclusive worker: the next look would cancel the one that waits for an answer.
        if self._is_looking or self._is_deciding or not self.is_current:
            return
        self._is_looking = True
        try:
            await self._look()
        finally:
            self._is_looking = False

    async def _look(self) -> None:
        draft = self.draft
        folder = await asyncio.to_thread(_listing, self.app.workspace.experiments)
        found = await asyncio.to_thread(read_disk, draft.path) if draft.path is not None else None
        if self._is_deciding or not self.is_current or draft is not self.draft:
            return
        if self.is_opening:
            # Listing the files again would put the cursor back at the file that is still open.
            return
        if folder != self._folder:
            self._folder = folder
            self.list_files()
        if found is None or draft.disk is None or found.is_as(draft.disk):
            self._missing = None
            return
        # An editor that saves in two steps leaves a moment without a file: look twice.
        if not found.exists and self._missing != draft.path:
            self._missing = draft.path
            return
        if self._postponed is None or not found.is_as(self._postponed):
            await self.agrees_with_disk()

    async def agrees_with_disk(self) -> bool:
        """Return whether the draft is based on the present file; if not, reload it or show a dialog.

        Returns
        -------
        bool
            False if an action on the draft must not proceed: the draft has been replaced, or the user has
            postponed the decision.
        """
        while (draft := self.draft).path is not None and draft.disk is not None:
            found = read_disk(draft.path)
            if found.is_as(draft.disk):
                self._postponed = None
                return True
            if not found.exists and (target := self._renamed(draft)) is not None:
                self._follow(draft, target)
            elif not draft.is_changed:
                self._reload(draft, found)
                return False
            elif not await self._decide(draft, found):
                return False
        return True

    def _renamed(self, draft: Draft) -> Path | None:
        """Return the file that the draft's file has become, with the same content; None if there is none."""
        assert draft.disk is not None
        if draft.disk.fault or not draft.disk.inode:
            return None
        for path in sorted(self.app.workspace.experiments.glob("*.toml")):
            found = read_disk(path)
            if found.inode == draft.disk.inode and found.text == draft.disk.text:
                return path
        return None

    def _follow(self, draft: Draft, target: Path) -> None:
        assert draft.path is not None
        self._notify(f"{draft.path.name} was renamed on disk: it is {target.name} now")
        draft.path = target
        if "name" not in draft.saved_data:
            draft.name = target.stem
        self._refresh()

    def _reload(self, draft: Draft, found: DiskFile) -> None:
        assert draft.path is not None
        self._postponed = None
        name = draft.path.name
        if not found.exists:
            self._notify(f"{name} was deleted on disk", "warning")
            self.reopen(None)
            return
        self._notify(f"{name} was changed on disk and is reloaded")
        if found.fault or draft.unreadable:
            self.show_draft(Draft(draft.path, found.text, draft.path.stem, found))
        else:
            draft.take(found)
        self._refresh()

    async def _decide(self, draft: Draft, found: DiskFile) -> bool:
        """Show the dialog about edits whose file has changed; return whether the draft still contains them."""
        assert draft.path is not None
        name = draft.path.name
        keep = "Keep mine; saving then overwrites the file"
        question, theirs = (
            f"{name} was changed on disk, and you have edits that are not saved.",
            "Take theirs",
        )
        if not found.exists:
            question = f"{name} was deleted on disk, and you have edits that are not saved."
            keep, theirs = "Keep mine, as a draft without a file", "Discard them"
        elif found.fault:
            question = f"{found.fault}. You have edits that are not saved."
            keep = "Keep mine, as a draft without a file"
        answers = {"k": keep, "t": theirs, "s": "Show the difference", "escape": "Decide later"}
        if found.fault:
            del answers["s"]
        sides = (f"{name} on disk", found.text), (f"{name} as edited", draft.text)
        self._is_deciding = True
        try:
            while (
                answer := await self.app.push_screen_wait(
                    ChoiceScreen("Changed on disk", question, answers, "escape")
                )
            ) == "s":
                await self.app.push_screen_wait(DifferenceScreen("Difference", *sides))
        finally:
            self._is_deciding = False
        self._postponed = found if answer == "escape" else None
        if answer == "k" and found.fault:
            draft.detach()
        elif answer == "k":
            draft.rebase(found)
        elif answer == "t":
            draft.revert_all()
            self._reload(draft, found)
        self._refresh()
        return bool(answer == "k")

    def _refresh(self) -> None:
        self.list_files()
        self.draft_changed()

    def _notify(self, text: str, severity: str = "information") -> None:
        self.notify(safe(text), severity=severity, markup=False)  # type: ignore[arg-type]


def _listing(folder: Path) -> object:
    """Names, sizes and times of the files in a folder."""
    try:
        with os.scandir(folder) as entries:
            found = [each for each in entries if each.name.endswith(".toml")]
            marks = [(each.name, each.stat(follow_symlinks=False)) for each in found]
    except OSError:
        return ()
    return sorted((name, status.st_mtime_ns, status.st_size) for name, status in marks)
