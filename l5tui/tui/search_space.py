"""The space of a search as lines of the form, and what is proposed for a parameter that joins it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from l5tui.config.document import SEARCH_SPACE, lookup, put
from l5tui.config.schema import Parameter, parameters
from l5tui.config.search_space import is_searchable
from l5tui.config.validation import all_faults
from l5tui.tui.form_lines import Cell, Line, Path, is_table

ENDS = ("low", "high", "log")
"""What the table has of a range; ``integer`` and ``times`` are in the TOML."""


@dataclass(frozen=True)
class SpaceCell(Cell):
    """An end or the scale of a searched range, or a list of choices.

    Parameters
    ----------
    searched : str
        Path of the searched parameter.
    field : str
        ``low``, ``high`` or ``log``; empty for choices.
    """

    searched: str = ""
    field: str = ""

    @property
    def path(self) -> Path:
        """Path of the key."""
        return (*self.entry, self.field) if self.field else self.entry

    @property
    def key(self) -> str:
        """The key as faults name it."""
        return ".".join(self.path)

    @property
    def entry(self) -> Path:
        """Path of the whole range, which is reverted and taken out as one."""
        return (*SEARCH_SPACE, self.searched)

    @property
    def words(self) -> tuple[str, str]:
        """What the form calls false and true."""
        return ("linear", "log")


def space_of(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the searched parameters of a document, each with its range or choices."""
    found = lookup(data, SEARCH_SPACE, {})
    return found if isinstance(found, Mapping) else {}


def space_lines(data: Mapping[str, Any]) -> tuple[Line, ...]:
    """Return the search space as a table: headings, a line a parameter, and one that adds another."""
    section, space = SEARCH_SPACE[0], space_of(data)
    lines = [Line(section, "space", kind="space-columns")] if space else []
    for path in sorted(space):
        cells = _range(path, space[path]) if isinstance(space[path], Mapping) else (_choices(path),)
        lines.append(Line(section, path, cells, "space"))
    return (*lines, Line(section, "add a parameter to search", kind="add"))


def searchable() -> list[Parameter]:
    """Return the parameters that a search can vary: numbers, switches and choices of the model and the stimulus."""
    return [
        known
        for known in parameters()
        if is_searchable(known.path) and (known.choices or isinstance(known.default, bool | int | float))
    ]


def proposed(data: Mapping[str, Any], known: Parameter) -> dict[str, Any] | list[Any]:
    """Return the range of a new parameter: half to twice its value within the limits, or every choice.

    Parameters
    ----------
    data : mapping
        The experiment's document.
    known : Parameter
    """
    if known.choices:
        allowed = [choice for choice in known.choices if _is_allowed(data, known, choice)]
        return allowed if len(allowed) > 1 else list(known.choices)
    if isinstance(known.default, bool):
        return [False, True]
    value = lookup(data, tuple(known.path.split(".")), known.default)
    if isinstance(value, bool) or not isinstance(value, int | float):
        value = known.default
    low, high = sorted((float(f"{value / 2:.4g}"), float(f"{value * 2:.4g}"))) if value else (0.0, 1.0)
    if isinstance(known.default, int):
        low, high = float(int(low)), float(int(high))
    return {
        "low": low if _is_allowed(data, known, low) else float(value),
        "high": high if _is_allowed(data, known, high) else float(value),
    }


def _is_allowed(data: Mapping[str, Any], known: Parameter, value: float | str) -> bool:
    changed = _copy(data)
    end = int(value) if isinstance(known.default, int) else value
    put(changed, tuple(known.path.split(".")), end, lambda parent, path: {})
    return not any(fault.key.startswith(known.path) for fault in all_faults(changed))


def _copy(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _copy(item) for key, item in value.items() if key != SEARCH_SPACE[0]}
    return [_copy(item) for item in value] if isinstance(value, list) else value


def _range(path: str, spread: Mapping[str, Any]) -> tuple[Cell, ...]:
    times = spread.get("times")
    of = f"as a multiple of {times}" if times else f"of {path}"
    meanings = {
        "low": f"Lower bound of the search {of}.",
        "high": f"Upper bound of the search {of}.",
        "log": f"Scale on which {path} is searched.",
    }
    return tuple(SpaceCell(_parameter(path, field, meanings[field]), (), path, field) for field in ENDS)


def _parameter(path: str, field: str, meaning: str) -> Parameter:
    known = next((each for each in parameters() if each.path == path), None)
    scale = field == "log"
    unit = known.unit if known is not None and not scale else ""
    allowed = "linear or log" if scale else "a number"
    default: object = False if scale else 0.0
    name = f"{'.'.join(SEARCH_SPACE)}.{path}.{field}"
    return Parameter(name, default, meaning, unit, "", "", allowed, ())


def _choices(path: str) -> Cell:
    name = f"{'.'.join(SEARCH_SPACE)}.{path}"
    known = next((each for each in parameters() if each.path == path), None)
    takes = known.allowed if known is not None and not is_table(known.default) else "values"
    default: list[Any] = [*known.choices] if known is not None and known.choices else [0]
    meaning = f"Choices of the search of {path}."
    return SpaceCell(
        Parameter(name, default, meaning, "", "", "", f"two or more, each {takes}", ()), (), path
    )
