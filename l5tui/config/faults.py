"""Pydantic's validation errors as faults: one line each, in the experiment's own words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias, get_args, get_origin

from pydantic import BaseModel, Tag, ValidationError

from l5tui.config.document import FREE_TABLES, Path, find_key, remove
from l5tui.config.experiment_tables import ExperimentTables
from l5tui.config.schema import choices_of, describe, is_union, section_of, unwrap
from l5tui.config.spelling import did_you_mean, did_you_mean_path
from l5tui.config.wording import dotted, overlap, shown, shown_with_kind
from l5tui.errors import Fault

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

MAX_FAULTS: Final = 200
"""Maximum number of faults that are listed; a file with more is not an experiment."""

_DEPTH: Final = 4
"""Tables within tables that an experiment can have."""

Comparison: TypeAlias = Callable[[ExperimentTables], list[Fault]]
"""Compares the keys of an experiment, each of which is valid by itself."""

_WRONG_VALUE = frozenset({"literal_error", "unknown_name", "finite_number"})
"""Types of errors, beside those about bounds, where the value is of the right kind."""


@dataclass(frozen=True)
class Place:
    """Where in the schema an error's location leads.

    Parameters
    ----------
    parts : tuple of str or int
        The location, without the names that pydantic gives to the alternatives of a union.
    kind : Any
        The type that belongs there; None for a key that the schema does not know.
    allowed : str
        That type in words.
    choices : tuple of str
        The names that a value can have there; empty where it is not a choice.
    parent : type of BaseModel or None
        The table that the last part is a key of, where it is one.
    """

    parts: tuple[str | int, ...]
    kind: Any
    allowed: str
    choices: tuple[str, ...]
    parent: type[BaseModel] | None

    @property
    def path(self) -> Path:
        """The key that the place lies in; for a cell of a list, that of the list."""
        names: list[str] = []
        for part in self.parts:
            if not isinstance(part, str):
                break
            names.append(part)
        return tuple(names)


def locate(location: Sequence[str | int]) -> Place:
    """Follow an error's location through the schema."""
    kind, allowed = ExperimentTables, describe(ExperimentTables)
    constraints: tuple[Any, ...] = ()
    parent: type[BaseModel] | None = None
    parts: list[str | int] = []
    for index, part in enumerate(location):
        if is_union(kind):
            option = _option(kind, part)
            if option is None:
                break
            kind, constraints = option
            # An error of the alternative as a whole lists the allowed values of both.
            if index < len(location) - 1:
                allowed = describe(kind, constraints)
            continue
        parts.append(part)
        parent = kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None
        kind, constraints = _inside(kind, part)
        allowed = describe(kind, constraints) if kind is not None else ""
        if kind is None:
            break
    return Place(tuple(parts), kind, allowed, choices_of(kind, constraints), parent)


def _option(union: Any, tag: str | int) -> tuple[Any, tuple[Any, ...]] | None:
    for option in get_args(union):
        kind, constraints = unwrap(option)
        if any(isinstance(item, Tag) and item.tag == tag for item in constraints):
            return kind, constraints
    return None


def _inside(kind: Any, part: str | int) -> tuple[Any, tuple[Any, ...]]:
    items = get_args(kind)
    if get_origin(kind) is dict:
        return unwrap(items[1])
    if get_origin(kind) is tuple and isinstance(part, int):
        return unwrap(items[0] if items[-1] is Ellipsis else items[min(part, len(items) - 1)])
    if isinstance(kind, type) and issubclass(kind, BaseModel) and part in kind.model_fields:
        field = kind.model_fields[str(part)]
        return unwrap(field.annotation, field.metadata)
    return None, ()


def faults_of(error: ValidationError, data: Mapping[str, Any]) -> Iterator[tuple[Path, Fault]]:
    """Yield each fault of a validation error once, with the path of the key to correct.

    Parameters
    ----------
    error : ValidationError
        Of an `Experiment`.
    data : mapping
        The validated data; they show under which name (alias) a key was written.
    """
    reported: set[str] = set()
    for item in error.errors(include_url=False):
        for path, fault in _faults_of_one(item, data):
            # Pydantic's errors of one key all mean the same one.
            if fault.key not in reported:
                reported.add(fault.key)
                yield path, fault


def faults_in(data: Mapping[str, Any], compare: Comparison) -> list[Fault]:
    """Return every fault of an experiment; an empty list if there is none.

    A faulty key hides others: keys are compared only once each by itself is right. So what is faulty is taken
    out, which leaves the default in its place, and the rest is checked again, until it is clean. Comparisons
    with a key that was taken out count for nothing.

    Parameters
    ----------
    data : mapping
        As a TOML parser gives it; it is not changed.
    compare : callable
        Returns the faults that show only when keys are compared.
    """
    document = _copy(data, _DEPTH)
    faults: list[Fault] = []
    removed: list[str] = []
    while True:
        found, is_compared = _found(document, compare)
        paths: list[Path] = []
        for path, fault in found:
            if any(overlap(key, gone) for key in (fault.key, *fault.depends_on) for gone in removed):
                continue
            if len(faults) == MAX_FAULTS:
                return [*faults, Fault("", "more faults than are listed", "")]
            faults.append(fault)
            paths.append(_entry(path))
        if is_compared or sum(remove(document, path) for path in paths) == 0:
            return faults
        removed += [dotted(path) for path in paths]


def _found(document: dict[str, Any], compare: Comparison) -> tuple[Iterable[tuple[Path, Fault]], bool]:
    """Faults of single keys, or, if there are none, those of their comparison; and whether keys were compared."""
    try:
        tables = ExperimentTables.model_validate(document)
    except ValidationError as error:
        return faults_of(error, document), False
    return [((), fault) for fault in dict.fromkeys(compare(tables))], True


def _entry(path: Path) -> Path:
    """Return the path to remove for a fault: for a free table the whole entry, as half a range is faulty again."""
    table = next((each for each in FREE_TABLES if path[: len(each)] == each), None)
    return path if table is None else path[: len(table) + 1]


def _copy(table: Mapping[str, Any], depth: int) -> dict[str, Any]:
    return {
        key: _copy(value, depth - 1) if isinstance(value, Mapping) and depth else value
        for key, value in table.items()
    }


def _faults_of_one(error: ErrorDetails, data: Mapping[str, Any]) -> Iterator[tuple[Path, Fault]]:
    kind, value, context = error["type"], error["input"], error.get("ctx", {})
    place = locate(error["loc"])
    if kind == "key_twice":
        path = (*place.path, context["key"])
        yield path, Fault(dotted(path), f"both {context['key']} and {context['alias']}", "one of them")
    elif kind == "extra_forbidden":
        yield place.path, Fault(dotted(place.parts), *_unknown(place, value))
    elif kind == "missing" and isinstance(place.parts[-1], int):
        # Pydantic names each cell that a short row lacks; the row itself is what has the wrong shape.
        row = locate(place.parts[:-1])
        yield row.path, Fault(dotted(row.parts), _got(kind, value, row, data), row.allowed)
    elif kind == "missing":
        yield place.path, Fault(dotted(place.parts), "nothing", place.allowed)
    elif not _spurious_length(kind, value, context):
        guess = did_you_mean(value, place.choices) if isinstance(value, str) else ""
        fault = Fault(dotted(place.parts), _got(kind, value, place, data), place.allowed + guess)
        yield place.path, fault


def _spurious_length(kind: str, value: Any, context: Mapping[str, Any]) -> bool:
    """Whether a list is only called too short because some of its entries are faulty."""
    return kind == "too_short" and isinstance(value, list) and len(value) >= context["min_length"]


def _got(kind: str, value: Any, place: Place, data: Mapping[str, Any]) -> str:
    right_kind = kind in _WRONG_VALUE or not kind.endswith("_type")
    text = shown(value) if right_kind else shown_with_kind(value)
    alias = _alias(place.path, data)
    return f"{text} as {alias}" if alias else text


def _alias(path: Path, data: Mapping[str, Any]) -> str:
    """Return the last alias under which the data contain a part of a path."""
    alias, table = "", data
    for depth, name in enumerate(path, start=1):
        key = find_key(table, path[:depth])
        if key is None:
            break
        if key != name:
            alias = key
        table = table[key]
        if not isinstance(table, Mapping):
            break
    return alias


def _unknown(place: Place, value: Any) -> tuple[str, str]:
    """Return the two parts of a message about an unknown key: got, allowed."""
    name, known = str(place.parts[-1]), place.parent.model_fields if place.parent else {}
    sections = [key for key, field in known.items() if section_of(field) is not None]
    sections += [key for key in known if (key,) in FREE_TABLES]
    at_top = len(place.parts) == 1
    if at_top and isinstance(value, dict):
        return "an unknown section", f"one of {', '.join(sections)}{did_you_mean(name, sections)}"
    keys = [key for key in known if key not in sections] if at_top else list(known)
    guess = did_you_mean(name, known) or did_you_mean_path(name)
    return "an unknown key", f"one of {', '.join(keys)}{guess}"
