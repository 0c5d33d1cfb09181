"""The page of a study that has been started and has no row yet."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import Static

from l5tui.text import safe
from l5tui.tui.screens.study_page import StudyPage
from l5tui.tui.widgets.crumbs import Crumbs
from l5tui.tui.widgets.key_line import KeyLine

if TYPE_CHECKING:
    from l5tui.tui.study_runner import StudyProcess
    from l5tui.tui.workbench import Workbench

LOOK_SECONDS = 0.1


class StudyStartPage(Screen[None]):
    """A placeholder that the study's own page replaces as soon as the study has its row.

    Parameters
    ----------
    process : StudyProcess
        The process of the study.
    name : str
        Name of the experiment.
    """

    app: Workbench

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "Back")]

    def __init__(self, process: StudyProcess, name: str) -> None:
        super().__init__()
        self._process = process
        self._experiment = name

    def compose(self) -> ComposeResult:
        """Where it is, and that there is nothing yet."""
        yield Crumbs("studies")
        yield Static("", id="study-start", classes="panel", markup=False)
        yield KeyLine()

    def on_mount(self) -> None:
        """Look for the row."""
        self.query_one(Crumbs).show(self._experiment, state="a study is being started")
        self._look()
        self.set_interval(LOOK_SECONDS, self._look)

    def action_leave(self) -> None:
        """Go back to the studies."""
        if self.is_current:
            self.app.pop_screen()

    def _look(self) -> None:
        if not self.is_current:
            return
        if self._process.study_id:
            self.app.switch_screen(StudyPage(self._process.study_id))
            return
        text = f"{safe(self._experiment)}: the study is being started; its first trials will appear here"
        if self._process.fault:
            text = f"{safe(self._experiment)}: the study failed\n\n{safe(self._process.fault)}"
        self.query_one("#study-start", Static).update(text)
