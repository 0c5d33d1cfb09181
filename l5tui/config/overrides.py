"""Assignments from the command line, ``--set section.key=value``, that win over an experiment's file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from typing import Any, Final

from l5tui.config.document import FREE_TABLES, SEARCH_SPACE, TARGETS, Path, put, section_at
from l5tui.config.populations import POPULATIONS
from l5tui.config.schema import parameter_paths, parameters
from l5tui.config.section import PopulationValues
from l5tui.config.spelling import did_you_mean_path
from l5tui.config.toml_text import parse_toml
from l5tui.config.wording import dotted, overlap, quoted
from l5tui.errors import ConfigError, Fault

SOURCE: Final = "--set"
_FORM: Final = "section.key=value, such as plasticity.rule=oja"


def parse_overrides(assignments: Sequence[str]) -> dict[Path, Any]:
    """Return the paths and values of assignments; if two set one key, the last one counts.

    Parameters
    ----------
    assignments : sequence of str
        Each ``section.key=value``, the value in TOML or, where it is not TOML, plain text. The research
        code's names are accepted. A table or list of the populations' values counts as one assignment a
        population.

    Raises
    ------
    ConfigError
        With every assignment that is malformed or names no parameter.
    """
    changes, faults = split_overrides(assignments)
    if faults:
        raise ConfigError(faults, SOURCE)
    return changes


def split_overrides(assignments: Sequence[str]) -> tuple[dict[Path, Any], list[Fault]]:
    """Return the paths and values of the assignments, and the faults of those that are malformed.

    Parameters
    ----------
    assignments : sequence of str
        As for `parse_overrides`.
    """
    changes: dict[Path, Any] = {}
    faults: list[Fault] = []
    for assignment in assignments:
        try:
            changes.update(_parse_one(assignment))
        except ConfigError as error:
            faults += error.faults
    if ("recording", "every") in changes:
        # As in a file, naming the interval selects that kind of recording.
        changes.setdefault(("recording", "rates"), "every")
    return changes, faults


def apply_overrides(data: MutableMapping[str, Any], changes: Mapping[Path, Any]) -> None:
    """Change the plain values of a TOML document in place."""
    for path, value in changes.items():
        put(data, path, value, new_table=lambda parent, path: {})


def _parse_one(assignment: str) -> dict[Path, Any]:
    written, equals, text = assignment.partition("=")
    names = _key_names(written)
    if not equals or names is None:
        raise ConfigError([Fault("", quoted(assignment), _FORM)], SOURCE)
    path = _canonical(names)
    if path is None:
        near = did_you_mean_path(".".join(names))
        raise ConfigError([Fault(dotted(names), "an unknown key", f"the path of a parameter{near}")], SOURCE)
    return dict(_spread(path, _value(path, text.strip())))


def _key_names(written: str) -> Path | None:
    """Return the names of a dotted TOML key; None if the text is not one."""
    try:
        table: Any = parse_toml(f"{written.strip()} = 0")
    except ConfigError:
        return None
    names: list[str] = []
    while isinstance(table, dict) and len(table) == 1:
        ((name, table),) = table.items()
        names.append(name)
    return tuple(names) if table == 0 else None


def _canonical(names: Path) -> Path | None:
    """Return the path of a list of names, aliases resolved; None if there is no such parameter."""
    path: Path = ()
    for index, name in enumerate(names):
        if path == SEARCH_SPACE:
            return (*path, *_searched(names[index:]))
        if path == TARGETS:
            return (*path, *names[index:])
        section = section_at(path)
        if section is None:
            return None
        path = (*path, section.aliases().get(name, name))
    section = section_at(path)
    if path in FREE_TABLES or (section is not None and issubclass(section, PopulationValues)):
        return path
    return path if ".".join(path) in parameter_paths() else None


def _searched(names: Path) -> Path:
    """Return the searched parameter as one name, and the key within its range, if any."""
    for end in range(len(names), 0, -1):
        if (path := ".".join(names[:end])) in parameter_paths():
            return (path, *names[end:])
    return (".".join(names),)


def _value(path: Path, text: str) -> Any:
    try:
        parsed = parse_toml(f"value = {text}")
    except ConfigError:
        return text
    # A line break may have smuggled in a second key.
    value = parsed["value"] if parsed.keys() == {"value"} else text
    return value if isinstance(value, str) or not _takes_any_text(path) else text


def _takes_any_text(path: Path) -> bool:
    return any(
        known.path == ".".join(path) and isinstance(known.default, str) and not known.choices
        for known in parameters()
    )


def _spread(path: Path, value: Any) -> Iterator[tuple[Path, Any]]:
    """Split the assignment of a table into one for each key, so that a file's other keys and its form stay."""
    section = section_at(path)
    named = section is not None and issubclass(section, PopulationValues)
    if named and isinstance(value, list) and len(value) == len(POPULATIONS):
        value = dict(zip(POPULATIONS, value, strict=True))
    if isinstance(value, dict) and (named or path in FREE_TABLES):
        if not value:
            raise ConfigError([Fault(dotted(path), "an empty table", "at least one key")], SOURCE)
        for name, item in value.items():
            if named and name not in POPULATIONS:
                allowed = f"one of {', '.join(POPULATIONS)}"
                raise ConfigError([Fault(dotted((*path, name)), "an unknown key", allowed)], SOURCE)
            yield (*path, name), item
    else:
        yield path, value


def from_overrides(fault: Fault, changes: Mapping[Path, Any]) -> bool:
    """Whether a fault lies in what an assignment changed."""
    keys = [dotted(path) for path in changes]
    return any(overlap(fault.key, key) for key in keys)


def blame(
    error: ConfigError | None, changes: Mapping[Path, Any], malformed: Sequence[Fault] = ()
) -> ConfigError:
    """Return all faults as one error, with those that come from assignments marked as such.

    Parameters
    ----------
    error : ConfigError or None
        Faults of the file with the assignments applied.
    changes : mapping
        The assignments that were applied.
    malformed : sequence of Fault
        Faults of assignments that could not be applied.
    """
    found = error.faults if error else ()
    ours = [from_overrides(fault, changes) for fault in found]
    if all(ours):
        return ConfigError([*malformed, *found], SOURCE)
    marked = [
        Fault(fault.key, f"{fault.got} from {SOURCE}", fault.allowed, fault.depends_on) if mine else fault
        for fault, mine in zip((*malformed, *found), (*(True for _ in malformed), *ours), strict=True)
    ]
    return ConfigError(marked, error.source if error else SOURCE)
