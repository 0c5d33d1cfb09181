"""The first start in a folder that is no workspace: offers to make one."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Static

from l5tui.errors import WorkspaceError
from l5tui.text import safe
from l5tui.tui.base import BaseApp
from l5tui.tui.state import State
from l5tui.tui.widgets.key_line import KeyLine
from l5tui.workspace import Workspace, create_workspace

WELCOME = """\
[b]l5tui[/b]  a workbench for a firing-rate model of mouse V1 layer 5

{folder}
is not a workspace, nor is any parent folder. A workspace is a folder with

  experiments/   TOML files, with ready ones to begin from
  store/         the runs that were made, in a catalogue
  mlruns/        the same for MLflow

[b]Enter[/b]   make it here
[b]q[/b]       leave without making anything

[dim]`l5tui init DIR` makes one anywhere else.[/dim]"""


class WelcomeApp(BaseApp[Workspace]):
    """Gives the workspace that was made, or None.

    Parameters
    ----------
    folder : Path
        Where to.
    state : State, optional
        What was remembered; by default the user's own.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "make", "Create it here"),
        Binding("q,escape", "quit", "Leave"),
    ]

    def __init__(self, folder: Path, *, state: State | None = None) -> None:
        super().__init__(state or State())
        self._folder = folder

    def compose(self) -> ComposeResult:
        """Yield a text and the keys."""
        with Vertical(id="welcome"):
            yield Static(
                WELCOME.format(folder=safe(str(self._folder)).replace("[", r"\[")), id="welcome-text"
            )
            yield Static("", id="welcome-fault")
        yield KeyLine()

    def action_make(self) -> None:
        """Make the workspace and go on with it."""
        try:
            made = create_workspace(self._folder)
        except WorkspaceError as error:
            self.query_one("#welcome-fault", Static).update(safe(str(error)))
        else:
            self.exit(made)
