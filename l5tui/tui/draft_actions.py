"""What can be done to the file of the experiment that is being edited."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType

from l5tui.errors import ConfigError
from l5tui.text import count, safe
from l5tui.tui import experiment_files
from l5tui.tui.disk_file import read_disk
from l5tui.tui.file_watch import FileWatch
from l5tui.tui.screens.choice import ChoiceScreen
from l5tui.tui.screens.prompt import PromptScreen
from l5tui.tui.widgets.form import Form


class DraftActions(FileWatch):
    """Actions on the draft of a screen and on its file."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "save", "Save"),
        Binding("S", "save_as", "Save as", show=False),
        Binding("d", "duplicate", "Duplicate", show=False, tooltip="Copy the file under another name"),
        Binding("m", "rename", "Rename", show=False),
        Binding("D", "delete", "Delete", show=False, tooltip="Delete the file, after a confirmation"),
        Binding(
            "c",
            "copy_command",
            "Copy command",
            show=False,
            tooltip="Copy the command line that runs the file",
        ),
        Binding("u", "undo", "Undo", show=False),
        Binding("ctrl+r", "redo", "Redo", show=False),
        Binding(
            "backspace", "revert", "Revert field", show=False, tooltip="Take the field's value from the file"
        ),
        Binding("R", "revert_all", "Revert all", show=False, tooltip="Go back to the file"),
    ]

    async def settle_edits(self) -> bool:
        """Show the dialog about unsaved edits; return whether the draft may be left."""
        if not self.draft.is_changed:
            return True
        name = self.draft.path.name if self.draft.path else self.draft.name
        answers = {"s": "Save them", "d": "Discard them", "escape": "Stay here"}
        answer = await self.app.push_screen_wait(
            ChoiceScreen("Not saved", f"{name} has edits that are not saved.", answers)
        )
        if answer == "s":
            return await self._save()
        if answer == "d":
            self.draft.revert_all()
            self.draft_changed()
            return True
        return False

    @work(exclusive=True, group="file")
    async def action_save(self) -> None:
        """Save."""
        if await self._save():
            assert self.draft.path is not None
            self.notify(f"{safe(self.draft.path.name)} is saved", markup=False)

    @work(exclusive=True, group="file")
    async def action_save_as(self) -> None:
        """Save under another name."""
        await self._save_as()

    @work(exclusive=True, group="file")
    async def action_duplicate(self) -> None:
        """Copy the file under another name and open the copy."""
        if self.draft.path is None or not await self.settle_edits() or self._refused("cannot be copied"):
            return
        proposed = experiment_files.free_name(self.app.workspace, f"{self.draft.path.stem}-copy")
        path = await self._input_name("Duplicate", f"A copy of {self.draft.path.name}, called", proposed)
        if path is not None and self._done(experiment_files.write_text, path, self.draft.saved):
            self.reopen(path)

    @work(exclusive=True, group="file")
    async def action_rename(self) -> None:
        """Give the file another name."""
        if self.draft.path is None or not await self.settle_edits() or self._refused("cannot be renamed"):
            return
        path = await self._input_name("Rename", f"{self.draft.path.name} becomes", self.draft.path.stem)
        if path is not None and self._done(experiment_files.rename, self.draft.path, path):
            self.reopen(path)

    @work(exclusive=True, group="file")
    async def action_delete(self) -> None:
        """Delete the file; its runs stay."""
        if (path := self.draft.path) is None:
            return
        answers = {"y": "Delete it", "escape": "Keep it"}
        message = f"Delete {path.name}? Its runs are not deleted."
        dialog = ChoiceScreen("Delete", message, answers, default="escape")
        if await self.app.push_screen_wait(dialog) != "y":
            return
        if self._done(experiment_files.delete, path):
            self.reopen(None)

    def action_copy_command(self) -> None:
        """Copy the command line that runs the file."""
        if self.draft.path is None:
            self.notify("Save it first: a command line needs a file.", severity="warning")
            return
        if self._refused("has no command"):
            return
        path = self.app.workspace.relative(self.draft.path)
        command = f"l5tui run --headless {shlex.quote(path)}"
        self.app.copy_to_clipboard(command)
        more = "; your edits are not saved" if self.draft.is_changed else ""
        self.notify(safe(command), title=f"Sent to the terminal's clipboard{more}", markup=False)

    def action_undo(self) -> None:
        """Take the last change back."""
        if self.draft.undo():
            self.draft_changed()

    def action_redo(self) -> None:
        """Make it again."""
        if self.draft.redo():
            self.draft_changed()

    def action_revert(self) -> None:
        """Take the field's value from the file."""
        if (cell := self.query_one(Form).cell) is not None and self.draft.path is not None:
            try:
                self.draft.revert(cell)
            except ConfigError as error:
                self.notify(safe(str(error)), severity="error", markup=False)
            self.draft_changed()

    def action_revert_all(self) -> None:
        """Go back to the file."""
        if self.draft.path is not None:
            self.draft.revert_all()
            self.draft_changed()

    async def _save(self) -> bool:
        if self.draft.experiment is None:
            self.notify_faults("cannot be saved")
            return False
        if not await self.agrees_with_disk():
            return False
        # No other task runs between the check of the disk and the writing.
        if (path := self.draft.path) is None:
            return await self._save_as()
        if not self._done(experiment_files.write_text, path, self.draft.text):
            return False
        self.draft.was_saved(path, read_disk(path))
        self.reopen(path)
        return True

    async def _save_as(self) -> bool:
        if self.draft.experiment is None:
            self.notify_faults("cannot be saved")
            return False
        proposed = experiment_files.free_name(self.app.workspace, self.draft.name)
        path = await self._input_name("Save as", "Save it in experiments/ as", proposed)
        if path is None or not self._done(experiment_files.write_text, path, self.draft.text):
            return False
        self.draft.was_saved(path, read_disk(path))
        self.reopen(path)
        return True

    async def _input_name(self, title: str, question: str, proposed: str) -> Path | None:
        while (name := await self.app.push_screen_wait(PromptScreen(title, question, proposed))) is not None:
            try:
                return experiment_files.new_path(self.app.workspace, name)
            except ConfigError as error:
                self.notify(safe(str(error)), severity="error", markup=False)
                proposed = name
        return None

    def _done(self, change: object, *arguments: object) -> bool:
        """Change a file; notify the user if that fails."""
        assert callable(change)
        try:
            change(*arguments)
        except ConfigError as error:
            self.notify(safe(str(error)), severity="error", markup=False)
            return False
        return True

    def _refused(self, cannot: str) -> bool:
        """Whether the file cannot be read, which is said."""
        if self.draft.unreadable:
            self.notify_faults(cannot)
        return bool(self.draft.unreadable)

    def notify_faults(self, cannot: str) -> None:
        """Say what is wrong with the draft, and what therefore cannot be done."""
        first = safe(str(self.draft.faults[0]))
        more = len(self.draft.faults) - 1
        message = f"{first}\n… and {count(more, 'fault')} more; F8 goes to each" if more else first
        self.notify(message, title=f"It {cannot}", severity="error", markup=False)
