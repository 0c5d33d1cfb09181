"""An experiment as TOML: from nothing, or into a text whose comments, order and spellings stay."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, MutableMapping
from typing import Any, Final

from l5tui.config.document import FREE_TABLES, SEARCH_SPACE, TARGETS, Path, put, remove, section_at
from l5tui.config.experiment import Experiment
from l5tui.config.populations import POPULATIONS
from l5tui.config.schema import parameters, plain, value_at
from l5tui.config.section import PopulationValues
from l5tui.config.stimulus_keys import HERTZ, RADIANS, drop_default_frequency
from l5tui.config.toml_text import parse_toml
from l5tui.config.validation import validate_stored
from l5tui.config.wording import one_line
from l5tui.errors import ConfigError, Fault

ALWAYS: Final = ("name", "seed", "variant")
"""Keys that are written even where they are at their defaults."""

REMOVED: Final = object()
"""Given as the value of a key, takes the key out."""

_BARE_KEY: Final = re.compile(r"[A-Za-z0-9_-]+")
_ESCAPES: Final = {"\\": "\\\\", '"': '\\"', "\t": "\\t", "\r": "\\r", "\n": "\\n"}


def to_toml(experiment: Experiment, base_text: str | None = None) -> str:
    """TOML text that gives the experiment when it is read.

    Parameters
    ----------
    experiment : Experiment
    base_text : str, optional
        Text of a valid experiment. Its comments, order, aliases and layout stay; values that differ are
        changed, keys that it lacks are added where the experiment is not at their defaults, and nothing is
        taken out but searched parameters that the experiment does not search. Without it, the text is made
        from nothing and says what differs from the defaults.

    Raises
    ------
    ConfigError
        Where `base_text` is not a valid experiment.
    """
    if base_text is None:
        return "\n".join(_lines(experiment)) + "\n"
    text = base_text
    # More than once, as a new key may stand for more than itself: recording.every selects recording.rates.
    for _ in range(3):
        data = parse_toml(text)
        changes = _differences(validate_stored(data), experiment)
        if data and not changes:
            return text
        text = edit(text, changes or {("name",): experiment.name})
    raise ConfigError([Fault("", "cannot be edited: its layout is too complex", "")])


def edit(text: str, changes: Mapping[Path, Any]) -> str:
    """Set keys of a TOML text, adding those that it lacks, or take them out; everything else stays as it is."""
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    try:
        # A last line without its end would have what is added below it written onto it.
        document = tomlkit.parse(text.replace("\r\n", "\n").removesuffix("\n") + "\n")
        for path, value in changes.items():
            if value is REMOVED:
                remove(document, path)
            else:
                put(document, path, tomlkit.value(toml_value(value)), _new_table)
        if changes.keys() & {HERTZ, RADIANS}:
            drop_default_frequency(document)
        edited = document.as_string()
    except TOMLKitError as error:
        raise ConfigError([Fault("", f"cannot be edited: {one_line(str(error))}", "")]) from error
    return edited.replace("\n", "\r\n") if "\r\n" in text else edited


def toml_value(value: Any) -> str:
    """Format a value in TOML: numbers round-trip exactly, tables are on one line."""
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            return repr(value)
        case str():
            return _string(value)
        case list() if value and all(isinstance(item, list) for item in value):
            return "[\n" + "".join(f"  {toml_value(row)},\n" for row in value) + "]"
        case list():
            return f"[{', '.join(toml_value(item) for item in value)}]"
        case dict():
            pairs = ", ".join(f"{toml_key(key)} = {toml_value(item)}" for key, item in value.items())
            return f"{{{pairs}}}"
        case _:
            raise TypeError(f"no TOML for {type(value).__name__}")


def toml_key(name: str) -> str:
    """Format a key in TOML, in quotes if it needs them."""
    return name if _BARE_KEY.fullmatch(name) else _string(name.replace("\n", "\\n"))


def _string(text: str) -> str:
    if "\n" not in text:
        return f'"{_escaped(text, _ESCAPES)}"'
    # In a block, line breaks and quotes stand for themselves unless they would end it.
    inside = _escaped(text, {"\\": "\\\\", "\n": "\n", '"': '"'}).replace('"""', '""\\"')
    inside = f'{inside[:-1]}\\"' if inside.endswith('"') else inside
    return f'"""\n{inside}"""'


def _escaped(text: str, escapes: Mapping[str, str]) -> str:
    return "".join(escapes.get(c) or (c if c.isprintable() else _code(c)) for c in text)


def _code(character: str) -> str:
    code = ord(character)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _leaves(experiment: Experiment) -> Iterator[tuple[Path, Any]]:
    free = [".".join(path) for path in FREE_TABLES]
    for known in parameters():
        if known.path not in free:
            yield tuple(known.path.split(".")), value_at(experiment, known.path)
    for name, target in experiment.targets.items():
        yield (*TARGETS, name), plain(target)
    for path, spread in experiment.tuning.space.items():
        yield (*SEARCH_SPACE, path), plain(spread)


def _differences(base: Experiment, experiment: Experiment) -> dict[Path, Any]:
    """Return the assignments that turn `base` into `experiment`; values are compared as they are written."""
    wanted, present = dict(_leaves(experiment)), dict(_leaves(base))
    changes = {path: value for path, value in wanted.items() if repr(value) != repr(present.get(path))}
    return {**changes, **dict.fromkeys(present.keys() - wanted.keys(), REMOVED)}


def _new_table(parent: MutableMapping[str, Any], path: Path) -> MutableMapping[str, Any]:
    """Return a table with a header of its own if one is allowed, else on one line."""
    import tomlkit
    from tomlkit.items import Table

    section = section_at(path)
    # A table that only dotted keys stand for has no place below which a header could open another.
    dotted_only = isinstance(parent, Table) and parent.is_super_table() and parent.display_name is None
    headed = len(path) == 1 or (isinstance(parent, Table) and not dotted_only)
    if headed and not (section is not None and issubclass(section, PopulationValues)):
        return tomlkit.table()
    return tomlkit.inline_table()


def _lines(experiment: Experiment) -> Iterator[str]:
    """Yield the TOML lines of all values that differ from the defaults, by section."""
    differs = set(_differences(Experiment(), experiment))
    if ("recording", "every") in differs:
        differs.add(("recording", "rates"))
    section: Path = ()
    written: set[Path] = set()
    for path, leaf in _leaves(experiment):
        if path not in differs and path[0] not in ALWAYS:
            continue
        key, value = path, leaf
        inside = section_at(path[:-1])
        if inside is not None and issubclass(inside, PopulationValues):
            key = path[:-1]
            value = {name: value_at(experiment, ".".join((*key, name))) for name in POPULATIONS}
        if key in written:
            continue
        written.add(key)
        if key[:-1] != section:
            section = key[:-1]
            yield from ("", f"[{'.'.join(section)}]")
        yield f"{toml_key(key[-1])} = {toml_value(value)}"
