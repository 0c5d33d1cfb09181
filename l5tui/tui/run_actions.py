"""What can be done to runs, from the table as well as from a run's page."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from textual import work
from textual.binding import Binding, BindingType
from textual.screen import Screen

from l5tui.errors import ConfigError, L5Error
from l5tui.text import count, safe
from l5tui.tui.command import run_command
from l5tui.tui.screens.choice import ChoiceScreen
from l5tui.tui.screens.prompt import PromptScreen

if TYPE_CHECKING:
    from l5tui.runner.report import RunReport
    from l5tui.tui.app import L5App


class RunActions(Screen[None]):
    """Actions on the chosen runs of a screen."""

    app: L5App

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "rerun", "Rerun", tooltip="Run it again, exactly"),
        Binding(
            "v",
            "verify",
            "Verify",
            show=False,
            tooltip="Run it again and say whether that gives the same bits",
        ),
        Binding("e", "export", "Export", show=False, tooltip="Write everything of it into a folder"),
        Binding("f", "fork", "Fork", tooltip="Its experiment into the editor"),
        Binding("t", "tag", "Tag", tooltip="Add tags, or take them away with a - before them"),
        Binding("n", "note", "Note", show=False, tooltip="Change its notes"),
        Binding("D", "delete", "Delete", show=False, tooltip="Delete row, file and MLflow run; asks"),
        Binding("M", "mlflow", "MLflow", show=False, tooltip="Show it in MLflow's own pages"),
        Binding("y", "copy_id", "Copy id", show=False, tooltip="Copy the run's id"),
    ]

    @property
    def chosen(self) -> list[str]:
        """Ids of the runs that an action is for."""
        raise NotImplementedError

    def was_deleted(self, run_ids: list[str]) -> None:
        """Take note that runs are gone."""

    def action_rerun(self) -> None:
        """Run the chosen runs again."""
        self._run_again(self.chosen, verify=False)

    def action_verify(self) -> None:
        """Run the chosen runs again, and say of each whether that gives the same bits."""
        self._run_again(self.chosen, verify=True)

    @work(exclusive=True, group="action")
    async def action_export(self) -> None:
        """Write everything of a run into a new folder."""
        if not self.chosen:
            return
        run_id = self.chosen[0]
        question = f"Run {run_id}: file, experiment, tables and figures. Into which new folder?"
        proposed = str(self.app.workspace.root / "exports" / run_id)
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

    @work(exclusive=True, group="action")
    async def _run_again(self, run_ids: list[str], *, verify: bool) -> None:
        try:
            await self.app.rerun(run_ids, verify=verify)
        except ConfigError as error:
            self._say(f"this l5tui cannot run it: {error}", "error")
        except L5Error as error:
            self._say(str(error), "error")

    @work(exclusive=True, group="action")
    async def action_fork(self) -> None:
        """Bring the experiment of a run into the editor."""
        if self.chosen and (report := await self._report(self.chosen[0])) is not None:
            await self.app.fork(report.record.toml, report.record.name)

    @work(exclusive=True, group="action")
    async def action_tag(self) -> None:
        """Add tags, or take them away."""
        from l5tui.runner.curation import tag_run

        chosen = self.chosen
        if not chosen:
            return
        question = f"Tags for {count(len(chosen), 'run')}, between commas; -tag takes one away"
        text = await self.app.push_screen_wait(PromptScreen("Tag", question))
        words = [word.strip() for word in (text or "").split(",") if word.strip()]
        remove = [word[1:].strip() for word in words if word.startswith("-")]
        add = [word for word in words if not word.startswith("-")]
        if not words:
            return
        for run_id in chosen:
            await self._curate(tag_run, run_id, add=add, remove=remove)
        self._say(f"{count(len(chosen), 'run')} tagged")

    @work(exclusive=True, group="action")
    async def action_note(self) -> None:
        """Change the notes of a run."""
        from l5tui.runner.curation import note_run

        if not self.chosen or (report := await self._report(self.chosen[0])) is None:
            return
        notes = report.record.notes.replace("\n", "⏎")
        text = await self.app.push_screen_wait(
            PromptScreen("Note", f"Notes of run {report.record.id}", notes)
        )
        if text is not None and text != notes:
            await self._curate(note_run, report.record.id, text.replace("⏎", "\n"))

    @work(exclusive=True, group="action")
    async def action_delete(self) -> None:
        """Delete the chosen runs; asks."""
        from l5tui.runner.curation import delete_run

        chosen = self.chosen
        if not chosen:
            return
        what = f"run {chosen[0]}" if len(chosen) == 1 else count(len(chosen), "run")
        told = f"Delete {what}? Row, file and MLflow run go, for good."
        answer = await self.app.push_screen_wait(
            ChoiceScreen("Delete", told, {"y": "Delete", "escape": "Keep"})
        )
        if answer != "y":
            return
        gone = [run_id for run_id in chosen if await self._curate(delete_run, run_id)]
        if gone:
            self._say(f"{count(len(gone), 'run')} deleted")
            self.was_deleted(gone)

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
            done = await asyncio.to_thread(change, self.app.workspace, run_id, *arguments, **options)
        except L5Error as error:
            self._say(str(error), "error")
            return False
        for warning in done.warnings:
            self._say(warning, "warning")
        self.app.catalogue_changed()
        return True

    def _say(self, text: str, severity: Any = "information") -> None:
        self.notify(safe(text), severity=severity, markup=False)


def _show_run(workspace: Any, run_id: str) -> RunReport:
    from l5tui.runner.history import show_run

    return show_run(workspace, run_id)
