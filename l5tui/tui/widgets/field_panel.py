"""What the field at the cursor means, and the line in which it is edited."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Input, Static

from l5tui.config.populations import POPULATIONS
from l5tui.text import model_time, safe
from l5tui.tui.colours import FAULT, WARNING
from l5tui.tui.draft import Draft
from l5tui.tui.form_lines import Cell, is_table, shown


class FieldPanel(Vertical):
    """Three lines: the meaning, the value, and what is allowed or what is wrong."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,up,down", "done", "Take it", show=False, priority=True),
        Binding("escape", "leave", "Leave as it was", show=False, priority=True),
    ]

    class Typed(Message):
        """The text of a cell that is being edited has changed."""

        def __init__(self, cell: Cell, text: str) -> None:
            super().__init__()
            self.cell = cell
            self.text = text

    class Done(Message):
        """Editing has ended.

        Parameters
        ----------
        restore : str or None
            The text to go back to; None where what was typed holds.
        """

        def __init__(self, cell: Cell, restore: str | None) -> None:
            super().__init__()
            self.cell = cell
            self.restore = restore

    def __init__(self) -> None:
        super().__init__(id="field")
        self._cell: Cell | None = None
        self._before = ""
        self._editing = False
        self._hint = ""

    def compose(self) -> ComposeResult:
        """Yield the three lines."""
        yield Static("", id="meaning", markup=False)
        field = Input(compact=True, id="value", disabled=True)
        yield field
        yield Static("", id="allowed", markup=False)

    @property
    def is_editing(self) -> bool:
        """Whether a cell is being edited."""
        return self._editing

    def show(self, cell: Cell | None, draft: Draft, hint: str = "") -> None:
        """Explain a cell; where there is none, say what can be done there."""
        self._hint = hint
        if self._editing:
            self._describe(draft)
            return
        self._cell = cell
        with self.prevent(Input.Changed):
            self.query_one(Input).value = cell.text_of(draft.value(cell)) if cell else ""
        self._describe(draft)

    def edit(self, cell: Cell, draft: Draft) -> None:
        """Let a cell be edited."""
        self.show(cell, draft)
        self._before, self._editing = shown(draft.value(cell)), True
        field = self.query_one(Input)
        field.disabled = False
        field.focus()
        field.action_select_all()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Pass on what is typed."""
        event.stop()
        if self._editing and self._cell is not None:
            self.post_message(self.Typed(self._cell, event.value))

    def action_done(self) -> None:
        """Take what was typed."""
        self._end(None)

    def action_leave(self) -> None:
        """Go back to what was there."""
        self._end(self._before)

    def on_descendant_blur(self) -> None:
        """Take what was typed where the focus goes elsewhere."""
        if self._editing:
            self._end(None)

    def _end(self, restore: str | None) -> None:
        if not self._editing or self._cell is None:
            return
        self._editing = False
        self.query_one(Input).disabled = True
        self.post_message(self.Done(self._cell, restore))

    def _describe(self, draft: Draft) -> None:
        cell = self._cell
        meaning, allowed = self.query_one("#meaning", Static), self.query_one("#allowed", Static)
        if cell is None:
            meaning.update(self._hint)
            allowed.update(Text(_faults_elsewhere(draft), FAULT))
            return
        known = cell.parameter
        ends = zip(("from", "to"), cell.index, strict=False)
        where = known.path + "".join(f" {end} {POPULATIONS[number]}" for end, number in ends)
        meaning.update(Text.assemble((where, "bold"), f"  {known.description}"))
        if faults := draft.faults_at(cell):
            allowed.update(Text(safe(f"✗ {faults[0]}"), FAULT))
            return
        if warnings := draft.warnings_at(cell):
            allowed.update(Text(safe(f"! {warnings[0]}"), WARNING))
            return
        # Bounds of a search have no meaningful default.
        parts = [f"default {shown(draft.default(cell)) or 'empty'}"] if type(cell) is Cell else []
        parts.append(known.allowed if not is_table(known.default) else "a number")
        unit = f"[{known.unit}]" if known.unit not in ("", "1") else ""
        if known.symbol or unit:
            parts.append(" ".join(part for part in (known.symbol, unit) if part))
        if time := model_time_of(cell, draft):
            parts.append(f"= {time}")
        saved = draft.saved_value(cell)
        if draft.differs(cell) and repr(saved) != repr(draft.default(cell)):
            parts.insert(0, f"in the file {cell.text_of(saved)}")
        allowed.update(Text(safe(" · ".join(parts)), "dim"))


def model_time_of(cell: Cell, draft: Draft) -> str:
    """Return the value of a key in units of time or steps as a time of the model; empty for other keys."""
    value = draft.value(cell)
    if draft.experiment is None or not isinstance(value, int | float) or isinstance(value, bool):
        return ""
    dynamics = draft.experiment.dynamics
    tau = dynamics.tau_ms / 1000
    length = {"time": tau / dynamics.tau, "tau": tau, "steps": dynamics.step_seconds}.get(cell.parameter.unit)
    return model_time(value * length) if length else ""


def _faults_elsewhere(draft: Draft) -> str:
    return safe(f"✗ {draft.faults[0]}") if draft.faults else ""
