"""What can be done to runs, from the table as well as from a run's page."""

from __future__ import annotations

import asyncio
import logging
from abc import abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from textual import work
from textual.binding import Binding, BindingType
from textual.screen import Screen

from l5tui.errors import ConfigError, L5Error
from l5tui.runner.run_paths import export_folder
from l5tui.text import count, safe
from l5tui.tui.command import run_command
from l5tui.tui.screens.choice import ChoiceScreen
from l5tui.tui.screens.prompt import PromptScreen

if TYPE_CHECKING:
    from l5tui.runner.report import RunReport
    from l5tui.tui.workbench import Workbench

log = logging.getLogger(__name__)

MOST_NAMED = 5
"""Runs that the dialog before a deletion names."""


class RunActions(Screen[None]):
    """Actions on the chosen runs of a screen."""

    app: Workbench

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "rerun", "Rerun", tooltip="Run the same configuration again"),
        Binding(
            "v",
            "verify",
            "Verify",
            show=False,
            tooltip="Run it again and compare the results bit for bit",
        ),
        Binding("e", "export", "Export", show=False, tooltip="Export it into a folder"),
        Binding("f", "fork", "Fork", tooltip="Open its experiment in the editor"),
        Binding("t", "tag", "Tag", tooltip="Add tags; a tag with a leading - is removed"),
        Binding("n", "note", "Note", show=False, tooltip="Change its notes"),
        Binding(
            "D",
            "delete",
            "Delete",
            show=False,
            tooltip="Delete row, file and MLflow run, after a confirmation",
        ),
        Binding("M", "mlflow", "MLflow", show=False, tooltip="Show it in the MLflow UI"),
        Binding("y", "copy_id", "Copy id", show=False, tooltip="Copy the run's id"),
    ]

    @property
    @abstractmethod
    def chosen(self) -> list[str]:
        """Ids of the runs that an action is for."""

    @property
    def hidden(self) -> int:
        """Number of marked runs that no action applies to, as a filter hides them."""
        return 0

    def described(self) -> list[str]:
        """Id and name of each chosen run, safe to print."""
        return self.chosen

    def was_deleted(self, run_ids: list[str]) -> None:
        """Handle the deletion of runs, by this screen or another."""

    def action_rerun(self) -> None:
        """Run the chosen runs again."""
        self._run_again(self.chosen, verify=False)

    def action_verify(self) -> None:
        """Run the chosen runs again, and say of each whether that gives the same bits."""
        self._run_again(self.chosen, verify=True)

    @work(group="action")
    async def action_export(self) -> None:
        """Write everything of a run into a new folder."""
        if not self.chosen:
            return
        run_id = self.chosen[0]
        question = f"Run {run_id}: file, experiment, tables and figures. Into which new folder?"
        try:
            proposed = str(export_folder(self.app.workspace, run_id))
        except L5Error as error:
            self._say(str(error), "error")
            return
        text = await self.app.push_screen_wait(PromptScreen("Export", question, proposed))
        if text is not None and text.strip():
            folder = Path(text.strip()).expanduser().absolute()
            # Of the app: it goes on where this screen is left.
            self.app.run_worker(self._export(run_id, folder), group="export")

    async def _export(self, run_id: str, folder: Path) -> None:
        self._say("drawing and copying, which takes some seconds")
        try:
            await run_command(self.app.workspace, "export", run_id, f"--to={folder}")
        except L5Error as error:
            self._say(str(error), "error")
            return
        self.app.copy_to_clipboard(str(folder))
        self.app.notify(
            f"{safe(str(folder))}\nthe path was sent to the terminal's clipboard",
            title=f"Run {run_id} is exported",
            timeout=15,
            markup=False,
        )

    @work(group="action")
    async def _run_again(self, run_ids: list[str], *, verify: bool) -> None:
        try:
            await self.app.rerun(run_ids, verify=verify)
        except ConfigError as error:
            self._say(f"this l5tui cannot run it: {error}", "error")
        except L5Error as error:
            self._say(str(error), "error")

    @work(group="action")
    async def action_fork(self) -> None:
        """Bring the experiment of a run into the editor."""
        if self.chosen and (report := await self._report(self.chosen[0])) is not None:
            await self.app.fork(report.record.toml, report.record.name)

    @work(group="action")
    async def action_tag(self) -> None:
        """Add tags, or take them away."""
        chosen = self.chosen
        if not chosen:
            return
        question = (
            f"Tags for {count(len(chosen), 'run')}, separated by commas; -tag removes one{self._left_alone()}"
        )
        text = await self.app.push_screen_wait(PromptScreen("Tag", question))
        words = [word.strip() for word in (text or "").split(",") if word.strip()]
        remove = [word[1:].strip() for word in words if word.startswith("-")]
        add = [word for word in words if not word.startswith("-")]
        if not words:
            return
        self.app.run_worker(self._tag(chosen, add, remove), group="changes")

    async def _tag(self, chosen: list[str], add: list[str], remove: list[str]) -> None:
        from l5tui.runner.curation import tag_run

        async with self.app.run_changes.turn(f"tagging {count(len(chosen), 'run')}"):
            tagged = [await self._curate(tag_run, run_id, add=add, remove=remove) for run_id in chosen]
        self._say(f"{count(sum(tagged), 'run')} tagged")

    @work(group="action")
    async def action_note(self) -> None:
        """Change the notes of a run."""
        if not self.chosen or (report := await self._report(self.chosen[0])) is None:
            return
        notes = report.record.notes.replace("\n", "⏎")
        text = await self.app.push_screen_wait(
            PromptScreen("Note", f"Notes of run {report.record.id}", notes)
        )
        if text is not None and text != notes:
            changed = text.replace("⏎", "\n")
            self.app.run_worker(self._note(report.record.id, changed), group="changes")

    async def _note(self, run_id: str, text: str) -> None:
        from l5tui.runner.curation import note_run

        async with self.app.run_changes.turn("writing notes"):
            await self._curate(note_run, run_id, text)

    @work(group="action")
    async def action_delete(self) -> None:
        """Delete the chosen runs after a confirmation, for which Enter means no."""
        chosen = self.chosen
        if not chosen:
            return
        lines = [f"Delete {count(len(chosen), 'run')}? Row, file and MLflow run are deleted permanently."]
        lines += [f"  {each}" for each in self.described()[:MOST_NAMED]]
        if len(chosen) > MOST_NAMED:
            lines.append(f"  … and {len(chosen) - MOST_NAMED} more")
        message = "\n".join(lines) + self._left_alone()
        answers = {"y": f"Delete {count(len(chosen), 'run')}", "escape": "Keep"}
        if await self.app.push_screen_wait(ChoiceScreen("Delete", message, answers, default="escape")) == "y":
            # A worker of the app, so that neither another key nor leaving the screen stops it half way.
            self.app.run_worker(self._delete(chosen), group="changes")

    async def _delete(self, chosen: list[str]) -> None:
        from l5tui.runner.curation import delete_run

        gone: list[str] = []
        try:
            async with self.app.run_changes.turn(f"deleting {count(len(chosen), 'run')}"):
                for run_id in chosen:
                    if await self._curate(delete_run, run_id):
                        gone.append(run_id)
        except asyncio.CancelledError:
            # A signal ends the app; the deletion in progress completes.
            log.warning(
                "deleting stopped: %d of %d runs were not deleted", len(chosen) - len(gone) - 1, len(chosen)
            )
            raise
        if gone:
            self._say(f"{count(len(gone), 'run')} deleted")
            self.app.runs_deleted(gone)

    def action_copy_id(self) -> None:
        """Copy the ids of the chosen runs."""
        if self.chosen:
            self.app.copy_to_clipboard(" ".join(self.chosen))
            self._say("sent to the terminal's clipboard")

    def action_mlflow(self) -> None:
        """Show MLflow's own pages."""
        self.app.open_mlflow()

    async def _report(self, run_id: str) -> RunReport | None:
        try:
            return await asyncio.to_thread(_show_run, self.app.workspace, run_id)
        except L5Error as error:
            self._say(str(error), "error")
            return None

    async def _curate(self, change: Callable[..., Any], run_id: str, *arguments: Any, **options: Any) -> bool:
        try:
            done = await self.app.run_changes.apply(change, self.app.workspace, run_id, *arguments, **options)
        except L5Error as error:
            self._say(str(error), "error")
            return False
        for warning in done.warnings:
            self._say(warning, "warning")
        self.app.catalogue_changed()
        return True

    def _left_alone(self) -> str:
        """Return a line about the marked runs that the action leaves alone; empty if there are none."""
        if not self.hidden:
            return ""
        verb = "is" if self.hidden == 1 else "are"
        return f"\n{count(self.hidden, 'marked run')} {verb} hidden by the filter and not deleted."

    def _say(self, text: str, severity: Any = "information") -> None:
        self.app.notify(safe(text), severity=severity, markup=False)


def _show_run(workspace: Any, run_id: str) -> RunReport:
    from l5tui.runner.history import show_run

    return show_run(workspace, run_id)
