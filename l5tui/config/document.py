"""Finding and changing keys in a TOML document, whichever of their names and forms it uses.

The document is what a TOML parser gives: plain dictionaries and lists, or tomlkit's, which remember layout.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping, MutableSequence
from typing import Any, cast

from pydantic import BaseModel

from l5tui.config.experiment_tables import ExperimentTables
from l5tui.config.populations import POPULATIONS, Population
from l5tui.config.schema import section_of
from l5tui.config.section import PopulationValues, Section

Path = tuple[str, ...]
"""A key's path, one name a table; a searched parameter's dotted path is one name, and so is a measure's."""

NewTable = Callable[[MutableMapping[str, Any], Path], MutableMapping[str, Any]]
"""Makes the table that a path lacks, given its parent."""

SEARCH_SPACE: Path = ("tuning", "space")

TARGETS: Path = ("targets",)

FREE_TABLES: tuple[Path, ...] = (SEARCH_SPACE, TARGETS)
"""The tables whose keys are not the schema's: paths of parameters, and names of measures."""


def section_at(path: Path) -> type[Section] | None:
    """Return the section at a path; None for a parameter, an unknown key or a free table."""
    section: type[BaseModel] = ExperimentTables
    for name in path:
        field = section.model_fields.get(name)
        if field is None or (inner := section_of(field)) is None:
            return None
        section = inner
    return cast("type[Section]", section)


def find_key(table: Mapping[str, Any], path: Path) -> str | None:
    """Return the name of a path's last key in a table: our own or the research code's."""
    name = path[-1]
    if name in table:
        return name
    section = section_at(path[:-1])
    aliases = section.aliases() if section else {}
    return next((alias for alias, meant in aliases.items() if meant == name and alias in table), None)


def lookup(document: Mapping[str, Any], path: Path, default: Any = None) -> Any:
    """Return the value of a key in a document, under any of its names and forms; `default` if it is absent."""
    table: Any = document
    for depth in range(1, len(path) + 1):
        if _lists_populations(table, path[: depth - 1]) and depth == len(path):
            return table[POPULATIONS.index(cast("Population", path[-1]))]
        key = find_key(table, path[:depth]) if isinstance(table, Mapping) else None
        if key is None:
            return default
        table = table[key]
    return table


def put(document: MutableMapping[str, Any], path: Path, value: Any, new_table: NewTable) -> None:
    """Give a key its value, in the form that the document uses for it.

    Nothing is changed where the document holds something else than a table on the way: that is a fault of the
    document's own, and reported as such.
    """
    table: Any = document
    for depth in range(1, len(path)):
        key = find_key(table, path[:depth])
        if key is None:
            key = path[depth - 1]
            table[key] = new_table(table, path[:depth])
        table = table[key]
        if _lists_populations(table, path[:depth]) and depth == len(path) - 1:
            replace(table, POPULATIONS.index(cast("Population", path[-1])), value)
            return
        if not isinstance(table, MutableMapping):
            return
    replace(table, find_key(table, path) or path[-1], value)


def replace(container: Any, key: Any, value: Any) -> None:
    """Set an entry of a table or list; a list of the same length entry by entry, so that its layout stays."""
    old = container[key] if isinstance(container, MutableSequence) or key in container else None
    if isinstance(old, MutableSequence) and isinstance(value, list) and len(old) == len(value):
        for index, item in enumerate(value):
            replace(old, index, item)
    elif isinstance(old, MutableMapping) and isinstance(value, Mapping):
        for name, item in value.items():
            replace(old, name, item)
        for name in set(old) - set(value):
            del old[name]
    elif old is None or not _same(old, value):
        container[key] = value


def remove(document: MutableMapping[str, Any], path: Path) -> bool:
    """Take a key out, under both of its names; a list of the populations' values goes as a whole.

    Returns
    -------
    bool
        Whether there was anything to take out.
    """
    table: Any = document
    for depth in range(1, len(path)):
        key = find_key(table, path[:depth])
        if key is None:
            return False
        if not isinstance(table[key], MutableMapping):
            del table[key]
            return True
        table = table[key]
    found = False
    while path and (key := find_key(table, path)) is not None:
        del table[key]
        found = True
    return found


def _lists_populations(value: Any, path: Path) -> bool:
    section = section_at(path)
    named = section is not None and issubclass(section, PopulationValues)
    return named and isinstance(value, MutableSequence) and len(value) == len(POPULATIONS)


def _same(old: Any, new: Any) -> bool:
    """Whether two values are written alike: 1 and true are not, nor are 0.0 and -0.0, but 1 and 1.0 are."""
    if isinstance(old, bool) or isinstance(new, bool) or not isinstance(new, int | float):
        return type(old) is type(new) and bool(old == new)
    return isinstance(old, int | float) and repr(float(old)) == repr(float(new))
