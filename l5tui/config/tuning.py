"""``[tuning]``: the space that a search goes through, and how long it may take."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from l5tui.config.section import Section, parameter


class Range(Section):
    """An interval that one parameter is searched in."""

    low: float = parameter(0.0, "Lower end.")
    high: float = parameter(1.0, "Upper end.")
    log: bool = parameter(False, "Search the logarithm.")
    integer: bool = parameter(False, "Whole numbers only.")
    times: str = parameter("", "Path of a parameter that the value is a multiple of.")

    @model_validator(mode="before")
    @classmethod
    def _both_ends(cls, data: Any) -> Any:
        if isinstance(data, dict) and not {"low", "high"} <= data.keys():
            raise PydanticCustomError("range_ends", "low and high", {})
        return data


Choices = Annotated[tuple[str | bool | int | float, ...], Field(strict=False, min_length=2)]


class Tuning(Section):
    """A search for the parameters with the smallest objective."""

    method: Literal["bayesian", "random", "sobol", "grid"] = parameter(
        "bayesian", "How the next trial is chosen."
    )
    trials: int = parameter(300, "Trials in all.", unit="trials", ge=1, le=1_000_000)
    initial: int = parameter(
        20, "Trials drawn at random before the search learns from them.", unit="trials", ge=1, le=1_000_000
    )
    seed: int = parameter(1, "Seed of the search's own randomness.", ge=0, lt=2**63)
    space: dict[str, Range | Choices] = parameter(
        dict, "Dotted path of each searched parameter, with its range or its choices."
    )
