"""The experiment's schema as data: every parameter with its path, default, unit and what it allows.

Help texts, the docs, the forms of the app and the wording of faults all come from here.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from l5tui.config.section import PopulationValues


@dataclass(frozen=True)
class Parameter:
    """One key of an experiment.

    Parameters
    ----------
    path : str
        Dotted path, such as ``stimulus.amplitude.CS``.
    default : Any
        Its default, as TOML would write it.
    description, unit, symbol, alias : str
        As given to `l5tui.config.section.parameter`.
    allowed : str
        In words, what it accepts.
    choices : tuple of str
        The names that it can take; empty where it is not a choice.
    """

    path: str
    default: Any
    description: str
    unit: str
    symbol: str
    alias: str
    allowed: str
    choices: tuple[str, ...]

    @property
    def section(self) -> str:
        """The table that the key stands in; empty for the top level."""
        return self.path.rpartition(".")[0]


@cache
def parameters() -> tuple[Parameter, ...]:
    """Every parameter, in the order of the schema."""
    from l5tui.config.experiment import Experiment

    return tuple(_walk(Experiment, ""))


@cache
def parameter_paths() -> tuple[str, ...]:
    """The dotted paths of all parameters."""
    return tuple(known.path for known in parameters())


def _walk(model: type[BaseModel], prefix: str) -> Iterator[Parameter]:
    for name, field in model.model_fields.items():
        path = f"{prefix}{name}"
        if (section := section_of(field)) is not None:
            yield from _walk(section, f"{path}.")
            continue
        extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
        kind = plain_type(field.annotation)
        yield Parameter(
            path=path,
            default=_plain(field.get_default(call_default_factory=True)),
            description=field.description or "",
            unit=str(extra.get("unit", "")),
            symbol=str(extra.get("symbol", "")),
            alias=str(extra.get("alias", "")),
            allowed=allowed(field),
            choices=tuple(get_args(kind)) if get_origin(kind) is Literal else (),
        )


def section_of(field: FieldInfo) -> type[BaseModel] | None:
    """The section that a field holds, where it holds one."""
    kind = plain_type(field.annotation)
    return kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None


def plain_type(annotation: Any) -> Any:
    """An annotation without its metadata."""
    return get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation


def allowed(field: FieldInfo) -> str:
    """In words, what a field accepts: ``a number > 0``, ``one of "euler", "rk4"``."""
    return describe(field.annotation, field.metadata)


def describe(annotation: Any, metadata: typing.Sequence[Any] = ()) -> str:
    """In words, what values of a type within some bounds are."""
    if get_origin(annotation) is Annotated:
        inner, *more = get_args(annotation)
        found = [m for extra in more for m in (extra.metadata if isinstance(extra, FieldInfo) else [extra])]
        return describe(inner, [*found, *metadata])
    kind, arguments = get_origin(annotation), get_args(annotation)
    if kind is Literal:
        return "one of " + ", ".join(f'"{choice}"' for choice in arguments)
    if kind is dict:
        return "a table"
    if kind in (Union, types.UnionType):
        return " or ".join(dict.fromkeys(describe(option) for option in arguments))
    if kind is tuple:
        return _describe_list(arguments, metadata)
    if isinstance(annotation, type) and issubclass(annotation, PopulationValues):
        first = describe_field_type(annotation)
        return f"a table or list of four (CS, CC, PV, SST), each {first}"
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return "a table"
    names = {int: "a whole number", float: "a number", bool: "true or false", str: "text"}
    return names[annotation] + _bounds(metadata, annotation)


def describe_field_type(model: type[BaseModel]) -> str:
    """What the first field of a section of equal fields accepts."""
    return allowed(next(iter(model.model_fields.values())))


def _describe_list(arguments: tuple[Any, ...], metadata: typing.Sequence[Any]) -> str:
    if arguments[-1] is Ellipsis:
        least = next((m.min_length for m in metadata if getattr(m, "min_length", None)), 0)
        most = next((m.max_length for m in metadata if getattr(m, "max_length", None)), None)
        count = (
            f"{least} to {most} values" if least and most else f"at most {most} values" if most else "values"
        )
        return f"a list of {count}, each {describe(arguments[0])}"
    element = describe(arguments[0])
    if element.startswith("a list of four, each "):
        return "four lists of four, each " + element.removeprefix("a list of four, each ")
    return f"a list of four, each {element}"


def _bounds(metadata: typing.Sequence[Any], kind: Any) -> str:
    if kind is str:
        most = next((m.max_length for m in metadata if getattr(m, "max_length", None)), None)
        return (
            f" of 1 to {most} characters"
            if most and any(getattr(m, "min_length", None) for m in metadata)
            else (f" of at most {most} characters" if most else "")
        )
    found = {
        name: getattr(m, name) for m in metadata for name in ("gt", "ge", "lt", "le") if hasattr(m, name)
    }
    if "ge" in found and "le" in found:
        return f" from {_number(found['ge'])} to {_number(found['le'])}"
    signs = {"gt": ">", "ge": "≥", "lt": "<", "le": "≤"}
    return "".join(
        f"{' and' if index else ''} {signs[name]} {_number(found[name])}" for index, name in enumerate(found)
    )


def _number(value: float) -> str:
    return "2^63" if value == 2**63 else f"{value:g}"


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value
