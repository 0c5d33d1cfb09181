"""The app as its screens, widgets and actions see it."""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from textual.screen import ModalScreen
from textual.worker import Worker

from l5tui.runner.anchor import Anchor
from l5tui.tui.base import BaseApp
from l5tui.tui.run_changes import RunChanges
from l5tui.tui.state import State
from l5tui.workspace import Workspace

if TYPE_CHECKING:
    from l5tui.config.toml_file import ReadExperiment
    from l5tui.tui.live_run import LiveRun
    from l5tui.tui.session import Session
    from l5tui.tui.study_runner import StudyRunner


DIALOG_SECONDS = 0.05
"""Time between two looks whether the dialog in front has been answered."""


class Workbench(BaseApp[None]):
    """Interface of the app that screens use; `l5tui.tui.app.L5App` implements it.

    Screens take their type from here, so that the app can import them.
    """

    run_changes: RunChanges

    def __init__(self, state: State, workspace: Workspace) -> None:
        super().__init__(state)
        self.anchor = Anchor(workspace)

    @property
    def workspace(self) -> Workspace:
        """The workspace, which may be moved, where it is now."""
        return self.anchor.workspace()

    async def no_dialog(self) -> None:
        """Wait until no dialog is in front: a change of section would hide it, and its answer would be waited for."""
        while isinstance(self.screen, ModalScreen):
            await asyncio.sleep(DIALOG_SECONDS)

    def when_no_dialog(self, show: Callable[[], None]) -> None:
        """Call a function that changes the section, at once or when no dialog is in front any more.

        Parameters
        ----------
        show : callable
        """
        if isinstance(self.screen, ModalScreen):
            self.set_timer(DIALOG_SECONDS, lambda: self.when_no_dialog(show))
        else:
            show()

    @property
    @abstractmethod
    def session(self) -> Session:
        """The warm process and the runs of this app."""

    @property
    @abstractmethod
    def studies(self) -> StudyRunner:
        """The studies that this app has started."""

    @abstractmethod
    def action_section(self, name: str) -> None:
        """Go to a section."""

    @abstractmethod
    def start_run(self, source: ReadExperiment) -> LiveRun:
        """Run an experiment, after those that were started before, and show it."""

    @abstractmethod
    async def rerun(self, run_ids: Sequence[str], *, verify: bool = False) -> None:
        """Run stored runs again, and show the first of them."""

    @abstractmethod
    def start_study(self, source: ReadExperiment, command: str = "tune", options: Sequence[str] = ()) -> None:
        """Study an experiment's search space in its own process, and show it."""

    @abstractmethod
    async def fork(self, toml: str, name: str) -> None:
        """Open a text in the editor, as a draft without a file."""

    @abstractmethod
    def catalogue_changed(self) -> None:
        """Refresh every screen that shows the catalogue."""

    @abstractmethod
    def runs_deleted(self, run_ids: list[str]) -> None:
        """Notify every screen that shows runs of those that are deleted."""

    @abstractmethod
    def open_mlflow(self) -> Worker[Any]:
        """Start MLflow's server and open its page."""
