"""What every section of an experiment shares: strictness, aliases, and fields that explain themselves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, GetCoreSchemaHandler, ValidationInfo, model_validator
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from l5tui.config.populations import POPULATIONS


def parameter(
    default: Any,
    description: str,
    *,
    unit: str = "",
    symbol: str = "",
    alias: str = "",
    **constraints: Any,
) -> Any:
    """Return a field with the metadata that forms, help texts and the docs need.

    Parameters
    ----------
    default : Any
        Its value where a file does not name it; a callable makes it afresh.
    description : str
        What it means, as one sentence.
    unit : str
        Physical unit; empty for a pure number, a name or a switch.
    symbol : str
        Its symbol in the model's equations.
    alias : str
        The research code's own name, accepted in its place.
    **constraints
        Bounds, as pydantic's ``Field`` takes them (``gt``, ``ge``, ``lt``, ``le``, ``max_length``).
    """
    extra: dict[str, Any] = {"unit": unit, "symbol": symbol, "alias": alias}
    if callable(default):
        return Field(default_factory=default, description=description, json_schema_extra=extra, **constraints)
    return Field(default, description=description, json_schema_extra=extra, **constraints)


class Section(BaseModel):
    """A table of the TOML file: frozen, strict about types, closed to unknown keys."""

    model_config = ConfigDict(
        frozen=True, strict=True, extra="forbid", allow_inf_nan=False, validate_default=True, defer_build=True
    )

    @classmethod
    def aliases(cls) -> dict[str, str]:
        """Return the research code's names of this section's keys, each with ours."""
        return {
            str(extra["alias"]): name
            for name, field in cls.model_fields.items()
            if isinstance(extra := field.json_schema_extra, dict) and extra.get("alias")
        }

    @model_validator(mode="before")
    @classmethod
    def _rename_aliases(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        aliases = cls.aliases()
        for alias, name in aliases.items():
            if alias in data and name in data:
                raise PydanticCustomError("key_twice", "both names of one key", {"key": name, "alias": alias})
        return {aliases.get(key, key): value for key, value in data.items()}


@dataclass(frozen=True)
class NameOf:
    """Marks a text that is one of several names, of which installed packages may add some.

    Parameters
    ----------
    names : callable
        Gives all names.
    is_name : callable
        Whether a text is one of them.
    """

    names: Callable[[], tuple[str, ...]]
    is_name: Callable[[str], bool]

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Text, and then the check."""
        return core_schema.with_info_after_validator_function(self._checked, handler(source))

    def _checked(self, text: str, info: ValidationInfo) -> str:
        # A stored experiment may name a rule whose package is no longer installed.
        if not (info.context or {}).get("stored") and not self.is_name(text):
            raise PydanticCustomError("unknown_name", "an unknown name", {})
        return text


class PopulationValues(Section):
    """One value a population: a table by name, or a list in the order CS, CC, PV, SST."""

    @model_validator(mode="before")
    @classmethod
    def _from_list(cls, data: Any) -> Any:
        if isinstance(data, list | tuple):
            if len(data) != len(POPULATIONS):
                raise PydanticCustomError("population_count", "four values", {})
            return dict(zip(POPULATIONS, data, strict=True))
        return data

    def in_order(self) -> tuple[Any, ...]:
        """Return the four values, in the order of `POPULATIONS`."""
        return tuple(getattr(self, name) for name in POPULATIONS)
