"""The figures of a run: what each shows, and where its file is once it has been drawn."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from l5tui.errors import L5Error
from l5tui.runner.run_paths import drawn_figure
from l5tui.text import count, safe
from l5tui.tui.command import run_command
from l5tui.tui.viewer import open_file
from l5tui.tui.widgets.line_table import Column, LineTable

if TYPE_CHECKING:
    from l5tui.tui.workbench import Workbench

FIGURES = {
    "selectivity": "rates and selectivity before and after",
    "weights": "mean weights and targets",
    "rates": "mean rates over time, by direction",
    "weight_course": "mean weights over time",
    "rate_distribution": "distribution of the neurons' rates",
    "tuning": "tuning curves, preferred directions",
    "tuning_polar": "the same curves around a circle",
    "weight_maps": "weights as maps, every pair",
    "stability": "abscissa over time, eigenvalues",
    "loss": "contribution of each term to the loss",
}
LOOK_SECONDS = 0.5
COLUMNS = (Column("figure", 17), Column("shows", 38), Column("file", 14, grows=True))


class FigureTable(LineTable):
    """Draws figures in a process of their own, and opens them.

    Parameters
    ----------
    run_id : str
    """

    app: Workbench

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "Open", tooltip="Open the figure; draw it first if it is missing"),
        Binding("a", "draw_all", "Draw all", show=False, tooltip="Draw every figure of the run"),
        Binding("Y", "copy_path", "Copy path", show=False, tooltip="Copy the path of the figure"),
    ]

    def __init__(self, run_id: str) -> None:
        super().__init__("", name="figures")
        self._run_id = run_id
        self._drawing: tuple[str, ...] = ()

    def on_mount(self) -> None:
        """List them, and look again while they are being drawn."""
        self.border_subtitle = "Enter draws and opens, a draws all, Y copies the path"
        self._list()
        self.set_interval(LOOK_SECONDS, self._look)

    def action_open(self) -> None:
        """Draw the figure at the cursor where that has not been done, and open it."""
        name = str(self.key)
        if (path := self._drawn(name)) is not None:
            self._open(path)
        else:
            self._draw((name,), opens=True)

    def action_draw_all(self) -> None:
        """Draw all figures that have not been drawn."""
        missing = tuple(name for name in FIGURES if self._drawn(name) is None)
        if missing:
            self._draw(missing, opens=False)
        else:
            self.app.notify(f"all are in {self.app.workspace.figures}", markup=False)

    def action_copy_path(self) -> None:
        """Copy the path of the figure at the cursor."""
        path = self._drawn(str(self.key))
        if path is None:
            self.app.notify("not drawn yet; Enter draws it")
            return
        self.app.copy_to_clipboard(str(path))
        self.app.notify("sent to the terminal's clipboard")

    def _draw(self, names: Sequence[str], *, opens: bool) -> None:
        if self._drawing:
            self.app.notify("figures are being drawn")
            return
        self._drawing = tuple(names)
        self._list()
        # Of the app: it goes on where this page is left.
        self.app.run_worker(self._run_command(names, opens=opens), group="drawing")

    async def _run_command(self, names: Sequence[str], *, opens: bool) -> None:
        place = self.app.workspace
        arguments = ("--which", ",".join(names), "--out", str(place.figures), "--json")
        try:
            drawn = json.loads(await run_command(place, "figures", self._run_id, *arguments))
        except L5Error as error:
            self.app.notify(safe(str(error)), title="Not drawn", severity="error", markup=False)
        else:
            if opens:
                self._open(Path(drawn[0]))
            else:
                self.app.notify(safe(f"{count(len(drawn), 'figure')} in {place.figures}"), markup=False)
        finally:
            self._drawing = ()
        if self.is_mounted:
            self._list()

    def _open(self, path: Path) -> None:
        """Show it where there is a screen for that; else say where it is."""
        if open_file(path):
            self.app.notify(safe(str(path)), title="Opened", markup=False)
            return
        self.app.copy_to_clipboard(str(path))
        message = f"{path}\nNo viewer can be started here; the path was sent to the terminal's clipboard."
        self.app.notify("\n".join(map(safe, message.split("\n"))), title="Drawn", timeout=15, markup=False)

    def _drawn(self, name: str) -> Path | None:
        return drawn_figure(self.app.workspace, self._run_id, name)

    def _list(self) -> None:
        self.border_title = f"Figures, in {self.app.workspace.figures}"
        self.show(COLUMNS, [(name, (name, shows, self._state(name))) for name, shows in FIGURES.items()])

    def _state(self, name: str) -> str:
        if self._drawn(name) is not None:
            return "drawn"
        return "drawing …" if name in self._drawing else "not drawn"

    def _look(self) -> None:
        if self._drawing:
            self._list()
