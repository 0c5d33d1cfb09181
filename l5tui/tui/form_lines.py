"""The form of an experiment as lines of cells, made from the schema."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from l5tui.config.document import FREE_TABLES, section_at
from l5tui.config.populations import POPULATIONS
from l5tui.config.schema import Parameter, parameters
from l5tui.config.section import PopulationValues
from l5tui.config.toml_text import parse_toml
from l5tui.config.toml_writer import toml_value
from l5tui.errors import ConfigError

Path = tuple[str, ...]


@dataclass(frozen=True)
class Cell:
    """One value.

    Parameters
    ----------
    parameter : Parameter
    index : tuple of int
        Row and column within a table of populations; else empty.
    """

    parameter: Parameter
    index: tuple[int, ...] = ()

    @property
    def path(self) -> Path:
        """Path of the key."""
        return tuple(self.parameter.path.split("."))

    @property
    def key(self) -> str:
        """The key as faults name it."""
        return self.parameter.path + "".join(f"[{number}]" for number in self.index)

    @property
    def entry(self) -> Path:
        """Path of what is reverted with it."""
        return self.path

    @property
    def words(self) -> tuple[str, str]:
        """What the form calls false and true."""
        return ("false", "true")

    def text_of(self, value: Any) -> str:
        """Return one of its values in the form's notation."""
        return self.words[value] if isinstance(value, bool) else shown(value)


@dataclass(frozen=True)
class Line:
    """One line of the form.

    Parameters
    ----------
    section : str
        The section that it belongs to; empty for the top level.
    label : str
    cells : tuple of Cell
        None for a heading, one for a key, four for the populations.
    kind : str
        ``section``, ``key``, ``populations``, ``columns`` (headings of a table) or ``row`` (of a table); of the
        search space ``space-columns``, ``space`` and ``add``.
    """

    section: str
    label: str
    cells: tuple[Cell, ...] = ()
    kind: str = "key"


TOP = "experiment"
"""What the keys outside any section are listed under."""


@cache
def form_lines() -> tuple[Line, ...]:
    """All lines but those of the search space, in the order of the schema."""
    lines: list[Line] = []
    for known in parameters():
        outer, _, name = known.path.rpartition(".")
        section = outer.partition(".")[0] or TOP
        if not lines or lines[-1].section != section:
            lines.append(Line(section, section, kind="section"))
        inner = section_at(tuple(outer.split("."))) if outer else None
        if tuple(known.path.split(".")) in FREE_TABLES:
            continue  # a table of its own kind, which the TOML shows, or lines that follow from it
        if inner is not None and issubclass(inner, PopulationValues):
            if name == POPULATIONS[0]:
                label = outer.rpartition(".")[2]
                cells = tuple(Cell(each) for each in parameters() if each.section == outer)
                lines.append(Line(section, label, cells, "populations"))
        elif is_table(known.default):
            lines.append(Line(section, name, kind="columns", cells=()))
            for row, label in enumerate(POPULATIONS):
                cells = tuple(Cell(known, (row, column)) for column in range(len(POPULATIONS)))
                lines.append(Line(section, label, cells, "row"))
        else:
            lines.append(Line(section, name, (Cell(known),)))
    return tuple(lines)


def is_table(default: Any) -> bool:
    """Whether a parameter is a table of populations by populations."""
    return isinstance(default, list) and bool(default) and all(isinstance(row, list) for row in default)


def shown(value: Any) -> str:
    """Return a value in the form's notation: TOML without the syntax that only a file needs."""
    if isinstance(value, str):
        return value.replace("\n", "⏎")
    if isinstance(value, list):
        return ", ".join(shown(item) for item in value)
    return toml_value(value) if isinstance(value, bool | int | float) else str(value)


def typed(cell: Cell, text: str) -> Any:
    """Return the value of a typed text; the text itself if it is none, which is then a fault."""
    default = cell.parameter.default
    if isinstance(default, str):
        return text.replace("⏎", "\n")
    if isinstance(default, list) and not is_table(default):
        parts = [part.strip() for part in text.strip("[] ").split(",") if part.strip()]
        return [_number(part) for part in parts] if default else [part.strip("\"'") for part in parts]
    return _number(text.strip().replace("−", "-"))


def _number(text: str) -> Any:
    try:
        parsed = parse_toml(f"value = {text}")
    except ConfigError:
        return text
    value = parsed.get("value")
    return value if isinstance(value, bool | int | float) and len(parsed) == 1 else text
