"""The experiment's schema as data: every parameter with its path, default, unit and what it allows.

Help texts, the docs, the forms of the app and the wording of faults all come from here.
"""

from __future__ import annotations

import types
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, reduce
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from l5tui.config.experiment_tables import ExperimentTables
from l5tui.config.section import NameOf, PopulationValues

_SCALARS: Final = {str: "text", bool: "true or false", int: "a whole number", float: "a number"}
_SIGNS: Final = {"gt": ">", "ge": "≥", "lt": "<", "le": "≤"}
_LENGTHS: Final = ("min_length", "max_length")


@dataclass(frozen=True)
class Parameter:
    """One key of an experiment.

    Parameters
    ----------
    path : str
        Dotted path, such as ``stimulus.amplitude.CS``.
    default : Any
        Its default, as TOML would give it: lists for tuples.
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
    return tuple(_walk(ExperimentTables(), ""))


@cache
def parameter_paths() -> tuple[str, ...]:
    """Return the dotted paths of all parameters."""
    return tuple(known.path for known in parameters())


def value_at(experiment: ExperimentTables, path: str) -> Any:
    """Return the value of one parameter in its TOML form.

    Parameters
    ----------
    experiment : Experiment
    path : str
        The parameter's dotted path.
    """
    return plain(reduce(getattr, path.split("."), experiment))


def plain(value: Any) -> Any:
    """Return a value in its TOML form: a list for a tuple, a table of non-default keys for a section."""
    if isinstance(value, BaseModel):
        return {key: plain(item) for key, item in value.model_dump(exclude_defaults=True).items()}
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return value


def _walk(defaults: BaseModel, prefix: str) -> Iterator[Parameter]:
    for name, field in type(defaults).model_fields.items():
        path, default = f"{prefix}{name}", getattr(defaults, name)
        if section_of(field) is not None:
            yield from _walk(default, f"{path}.")
            continue
        extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
        yield Parameter(
            path=path,
            default=plain(default),
            description=field.description or "",
            unit=str(extra.get("unit", "")),
            symbol=str(extra.get("symbol", "")),
            alias=str(extra.get("alias", "")),
            allowed=allowed(field),
            choices=choices_of(*unwrap(field.annotation, field.metadata)),
        )


def section_of(field: FieldInfo) -> type[BaseModel] | None:
    """Return the section class of a field, if it has one."""
    kind, _ = unwrap(field.annotation)
    return kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None


def unwrap(annotation: Any, metadata: Sequence[Any] = ()) -> tuple[Any, tuple[Any, ...]]:
    """Return a type without its ``Annotated``, and all its constraints."""
    if get_origin(annotation) is not Annotated:
        return annotation, tuple(metadata)
    inner, *extras = get_args(annotation)
    found = [
        item for extra in extras for item in (extra.metadata if isinstance(extra, FieldInfo) else [extra])
    ]
    return unwrap(inner, (*found, *metadata))


def choices_of(kind: Any, constraints: Sequence[Any] = ()) -> tuple[str, ...]:
    """Return the names that a value can have; empty if it is not a choice."""
    if get_origin(kind) is Literal:
        return get_args(kind)
    return next((item.names() for item in constraints if isinstance(item, NameOf)), ())


def is_union(kind: Any) -> bool:
    """Whether a type is one of several."""
    return get_origin(kind) in (Union, types.UnionType)


def allowed(field: FieldInfo) -> str:
    """In words, what a field accepts: ``a number > 0``, ``one of "euler", "rk4"``."""
    return describe(field.annotation, field.metadata)


def describe(annotation: Any, metadata: Sequence[Any] = ()) -> str:
    """In words, what values of a type within some constraints are."""
    kind, constraints = unwrap(annotation, metadata)
    arguments = get_args(kind)
    if choices := choices_of(kind, constraints):
        return "one of " + ", ".join(f'"{choice}"' for choice in choices)
    if get_origin(kind) is dict:
        return f"a table, each value {describe(arguments[1])}"
    if get_origin(kind) is tuple:
        return _describe_list(arguments, _bounds(constraints))
    if is_union(kind):
        options = [option for option in arguments if not (option is int and float in arguments)]
        return " or ".join(describe(option) for option in options)
    if issubclass(kind, PopulationValues):
        first = allowed(next(iter(kind.model_fields.values())))
        return f"a table or list of four (CS, CC, PV, SST), each {first}"
    if issubclass(kind, BaseModel):
        return f"a table of {', '.join(kind.model_fields)}"
    return _SCALARS[kind] + _describe_bounds(_bounds(constraints))


def _bounds(constraints: Sequence[Any]) -> dict[str, Any]:
    names = (*_SIGNS, *_LENGTHS)
    return {name: getattr(item, name) for name in names for item in constraints if hasattr(item, name)}


def _describe_list(items: tuple[Any, ...], bounds: dict[str, Any]) -> str:
    each = describe(items[0])
    if items[-1] is Ellipsis:
        return f"a list of {_describe_length(bounds, 'values')}, each {each}"
    if each.startswith("a list of four"):
        return "four lists" + each.removeprefix("a list")
    return f"a list of four, each {each}"


def _describe_bounds(bounds: dict[str, Any]) -> str:
    if "max_length" in bounds:
        return f" of {_describe_length(bounds, 'characters')}"
    if {"ge", "le"} <= bounds.keys():
        return f" from {_number(bounds['ge'])} to {_number(bounds['le'])}"
    text = " and ".join(f"{_SIGNS[name]} {_number(bound)}" for name, bound in bounds.items())
    return f" {text}" if text else ""


def _describe_length(bounds: dict[str, Any], things: str) -> str:
    least, most = (bounds.get(name) for name in _LENGTHS)
    if least and most:
        return f"{least} to {most} {things}"
    return f"at least {least} {things}" if least else f"at most {most} {things}"


def _number(bound: float) -> str:
    return "2^63" if bound == 2**63 else f"{bound:g}".replace("e+0", "e").replace("e+", "e")
