"""What one realization of the draft says, and how that differs from the saved file."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from rich.style import Style
from rich.table import Table
from rich.text import Text
from textual.widgets import Static

from l5tui.config.populations import POPULATIONS
from l5tui.text import number, safe, without_zero
from l5tui.tui.colours import FAULT, GOOD, sign_style

SHOWN = ("OS", "DS", "rate")
SIDE_BY_SIDE = 72


class PreviewPanel(Static):
    """Selectivity and rates after learning, and the blocks of W, each with its change against the file."""

    def __init__(self) -> None:
        super().__init__("", id="preview", classes="panel")
        self.border_title = "Preview, W from ↓ to →"
        self._now: Mapping[str, Any] | None = None
        self._saved: Mapping[str, Any] | None = None
        self._note = "a preview of one realization appears here"

    def show(self, now: Mapping[str, Any] | None, saved: Mapping[str, Any] | None) -> None:
        """Show a preview beside that of the saved file, as far as there is any."""
        self._now, self._saved = now, saved
        self.border_subtitle = (
            f"W / {number(now['divisor'], 2)} mV, {1000 * now['seconds']:.0f} ms, {safe(now['outcome'])}"
            if now
            else ""
        )
        self._redraw()

    def show_note(self, text: str) -> None:
        """Say why there is nothing newer."""
        self.border_subtitle = safe(text)
        if self._now is None:
            self._note = safe(text)
            self._redraw()

    def on_resize(self) -> None:
        """Put both tables side by side where there is room."""
        self._redraw()

    def _redraw(self) -> None:
        if self._now is None:
            self.update(Text(self._note, "dim"))
            return
        grid = Table.grid(padding=(0, 2, 0, 0))
        if self.size.width >= SIDE_BY_SIDE:
            grid.add_row(self._selectivity(roomy=False), self._weights(), self._weight_changes())
        else:
            for table in (self._selectivity(roomy=True), "", self._weights(), "", self._weight_changes()):
                grid.add_row(table)
        self.update(grid)

    def _selectivity(self, *, roomy: bool) -> Table:
        assert self._now is not None
        table = _table("", *POPULATIONS)
        for measure in SHOWN:
            now = self._now["after"][measure]
            saved = self._saved["after"][measure] if self._saved else [None] * 4
            table.add_row(measure, *(_number(value, 2) for value in now))
            if roomy or measure != "rate":
                table.add_row(
                    Text("  Δ", "dim"), *(_change(a, b, 2) for a, b in zip(now, saved, strict=True))
                )
        return table

    def _weights(self) -> Table:
        assert self._now is not None
        table = _table("W", *POPULATIONS)
        for name, row in zip(POPULATIONS, zip(*self._now["final"], strict=True), strict=True):
            cells = (Text(without_zero(_number(value, 3, signed=True)), sign_style(value)) for value in row)
            table.add_row(name, *cells)
        return table

    def _weight_changes(self) -> Table:
        assert self._now is not None
        table = _table("ΔW·10³", *POPULATIONS)
        saved = self._saved["final"] if self._saved else [[None] * 4] * 4
        now = zip(*self._now["final"], strict=True)
        for name, row, before in zip(POPULATIONS, now, zip(*saved, strict=True), strict=True):
            table.add_row(name, *(_change(a, b, 1, 1000) for a, b in zip(row, before, strict=True)))
        return table


def _table(*heads: str) -> Table:
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="dim")
    for index, head in enumerate(heads):
        table.add_column(head, justify="left" if index == 0 else "right", no_wrap=True)
    return table


def _number(value: float | None, decimals: int, *, signed: bool = False) -> str:
    return "n/a" if value is None else without_zero(number(value, decimals, signed=signed))


def _change(now: float | None, saved: float | None, decimals: int, times: float = 1.0) -> Text:
    if now is None or saved is None or not math.isfinite(now - saved):
        return Text("")
    text = number(times * (now - saved), decimals, signed=True)
    if float(text.replace("−", "-")) == 0:
        return Text("·", "dim")
    return Text(without_zero(text), GOOD if now > saved else FAULT + Style(bold=False))
