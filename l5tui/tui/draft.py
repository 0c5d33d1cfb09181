"""An experiment that is being edited: its TOML text, what the text says, and how it came to be."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from l5tui.config.config_warning import ConfigWarning
from l5tui.config.document import SEARCH_SPACE, lookup
from l5tui.config.experiment import Experiment
from l5tui.config.experiment_warnings import experiment_warnings
from l5tui.config.toml_file import parse_experiment
from l5tui.config.toml_text import parse_toml
from l5tui.config.toml_writer import REMOVED, edit
from l5tui.config.wording import overlap
from l5tui.errors import ConfigError, Fault
from l5tui.tui.disk_file import DiskFile
from l5tui.tui.form_lines import Cell

MISSING = object()
MOST_UNDONE = 500
_LINE = re.compile(r"(?:^|:)(?:line )?(?P<line>\d+)(?::\d+)?$")


class Draft:
    """A TOML text and all that follows from it.

    Every change goes into the text, so that comments, order and spellings stay; the form shows what the text says.

    Parameters
    ----------
    path : Path or None
        The file; None for one that has none yet.
    text : str
        As it is in the file.
    name : str
        What the experiment is called where the text does not say.
    disk : DiskFile, optional
        The file as it was read. If it cannot be read, the draft is read-only and has this as its one fault.
    """

    def __init__(self, path: Path | None, text: str, name: str, disk: DiskFile | None = None) -> None:
        self.path = path
        self.disk = disk
        self.name = name
        self.saved = text if path is not None else ""
        self.text = text
        self.data: dict[str, Any] = {}
        self.saved_data: dict[str, Any] = _data_of(self.saved)
        self.experiment: Experiment | None = None
        self.faults: tuple[Fault, ...] = ()
        self.warnings: tuple[ConfigWarning, ...] = ()
        self.fault_line: int | None = None
        self._undone: list[str] = []
        self._redone: list[str] = []
        self._last_edited: object = None
        self._read()

    @property
    def unreadable(self) -> str:
        """Reason why the file cannot be read; empty if it can."""
        return self.disk.fault if self.disk is not None else ""

    @property
    def is_changed(self) -> bool:
        """Whether there is anything to save."""
        return self.text != self.saved

    def value(self, cell: Cell) -> Any:
        """Return the value of a cell: the text's, or the default."""
        return self._value(self.data, cell)

    def saved_value(self, cell: Cell) -> Any:
        """Return the value of a cell in the file."""
        return self._value(self.saved_data, cell)

    def default(self, cell: Cell) -> Any:
        """Return a cell's default."""
        return _inside(cell.parameter.default, cell.index)

    def differs(self, cell: Cell) -> bool:
        """Whether a cell has another value than in the file."""
        return repr(self.value(cell)) != repr(self.saved_value(cell))

    def faults_at(self, cell: Cell) -> list[Fault]:
        """Return the faults of a cell."""
        return [fault for fault in self.faults if fault.key and _concerns(fault.key, cell)]

    def warnings_at(self, cell: Cell) -> list[ConfigWarning]:
        """Return the warnings about a cell."""
        return [warning for warning in self.warnings if _concerns(warning.key, cell)]

    def set(self, cell: Cell, value: Any) -> None:
        """Give a cell a value; changes of one cell that follow each other are undone together.

        Raises
        ------
        ConfigError
            Where the text cannot be edited: it is no TOML just now.
        """
        whole = self._with(cell, value)
        if repr(value) == repr(self.value(cell)):
            return
        self._change(edit(self.text, {cell.path: whole}), cell)

    def revert(self, cell: Cell) -> None:
        """Give a cell, and with it its whole key, the value that it has in the file.

        Raises
        ------
        ConfigError
            If the text cannot be edited, as it is not valid TOML.
        """
        whole = lookup(self.saved_data, cell.entry, REMOVED)
        text = edit(self.text, {cell.entry: whole})
        # What is as in the file again should also be written as it was.
        same = repr(_filled(_data_of(text))) == repr(_filled(self.saved_data))
        self._change(self.saved if same and self.path is not None else text, None)

    def search(self, path: str, spread: object) -> None:
        """Search a parameter in a range or among choices, or no more where that is `REMOVED`.

        Raises
        ------
        ConfigError
            Where the text cannot be edited: it is no TOML just now.
        """
        self._change(edit(self.text, {(*SEARCH_SPACE, path): spread}), None)

    def revert_all(self) -> None:
        """Go back to the file."""
        self._change(self.saved, None)

    def set_text(self, text: str) -> None:
        """Take another text."""
        self._change(text, "text")

    def undo(self) -> bool:
        """Undo the last change; return whether there was one."""
        return self._step(self._undone, self._redone)

    def redo(self) -> bool:
        """Redo the change that was undone last; return whether there was one."""
        return self._step(self._redone, self._undone)

    def was_saved(self, path: Path, disk: DiskFile | None = None) -> None:
        """Take note that the text is in a file."""
        self.path, self.saved, self.saved_data = path, self.text, dict(self.data)
        self.disk = disk
        self._last_edited = None

    def rebase(self, disk: DiskFile) -> None:
        """Compare the text, which stays, with the file as another program has left it."""
        self.disk, self.saved, self.saved_data = disk, disk.text, _data_of(disk.text)
        self._last_edited = None

    def take(self, disk: DiskFile) -> None:
        """Take the text of the file as another program has left it; `undo` brings the former text back."""
        self.rebase(disk)
        self._change(disk.text, None)

    def detach(self) -> None:
        """Detach the draft from its file, as there is none to save the text to."""
        self.path, self.disk, self.saved, self.saved_data = None, None, "", {}
        self._last_edited = None

    def end_of_edit(self) -> None:
        """End the current undo step; the next edit begins a new one."""
        self._last_edited = None

    def _with(self, cell: Cell, value: Any) -> Any:
        """Return the whole value of a cell's key, with that of the cell."""
        if not cell.index:
            return value
        row, column = cell.index
        rows = [list(each) for each in self._value(self.data, Cell(cell.parameter))]
        rows[row][column] = value
        return rows

    def _value(self, data: dict[str, Any], cell: Cell) -> Any:
        whole = lookup(data, cell.path, MISSING)
        if whole is MISSING:
            if cell.parameter.path == "name":
                return self.name
            whole = cell.parameter.default
        found = _inside(whole, cell.index)
        return self.default(cell) if found is MISSING else found

    def _change(self, text: str, what: object) -> None:
        if text == self.text or self.unreadable:
            return
        if what is None or what != self._last_edited:
            self._undone = [*self._undone[-MOST_UNDONE:], self.text]
        self._last_edited = what
        self._redone.clear()
        self.text = text
        self._read()

    def _step(self, source: list[str], target: list[str]) -> bool:
        if not source:
            return False
        target.append(self.text)
        self.text = source.pop()
        self._last_edited = None
        self._read()
        return True

    def _read(self) -> None:
        """See what the text says; where it is no TOML, the form keeps what it said before."""
        self.fault_line = None
        if self.unreadable:
            self.faults = (Fault("", self.unreadable, ""),)
            return
        try:
            self.data = parse_toml(self.text)
            source = parse_experiment(self.text, self.name)
        except ConfigError as error:
            self.experiment, self.faults, self.warnings = None, error.faults, ()
            self.fault_line = self._line_of(error)
        else:
            self.experiment, self.faults = source.experiment, ()
            self.warnings = experiment_warnings(source.experiment)

    def _line_of(self, error: ConfigError) -> int | None:
        """Line of the first fault, from 0."""
        if match := _LINE.search(error.source):
            return int(match["line"]) - 1
        key = re.split(r"[.\[]", error.faults[0].key)
        section = ""
        for number, line in enumerate(self.text.splitlines()):
            if heading := re.match(r"\s*\[+\s*([\w.]+)", line):
                section = heading[1]
            elif (
                (found := re.match(r"\s*([\w.-]+)\s*=", line))
                and found[1] in key[-3:]
                and section.partition(".")[0] in ("", key[0])
            ):
                return number
        return None


def _data_of(text: str) -> dict[str, Any]:
    try:
        return parse_toml(text)
    except ConfigError:
        return {}


def _filled(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return a copy without empty tables, which have no meaning."""
    tables = {key: _filled(value) if isinstance(value, Mapping) else value for key, value in data.items()}
    return {key: tables[key] for key in sorted(tables) if tables[key] != {}}


def _inside(value: Any, index: tuple[int, ...]) -> Any:
    for number in index:
        if not isinstance(value, list) or number >= len(value):
            return MISSING
        value = value[number]
    return value


def _concerns(key: str, cell: Cell) -> bool:
    return overlap(key, cell.key)
