"""``[tuning]``: the space that a search goes through, and how long it may take."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Discriminator, Field, Tag

from l5tui.config.section import Section, parameter


class Range(Section):
    """An interval that one parameter is searched in."""

    low: float = Field(description="Lower end.")
    high: float = Field(description="Upper end.")
    log: bool = parameter(False, "Search the logarithm.")
    integer: bool = parameter(False, "Whole numbers only.")
    times: str = parameter("", "Path of a parameter that the value is a multiple of.")
    prior: Literal["uniform", "normal"] = parameter(
        "uniform",
        "What an inference believes beforehand: each value alike, or a bell whose ends are two standard deviations "
        "from the middle.",
    )


Choices = Annotated[tuple[str | bool | int | float, ...], Field(strict=False, min_length=2)]


def _kind(value: Any) -> str:
    return "range" if isinstance(value, dict | Range) else "choices"


Spread = Annotated[
    Annotated[Range, Tag("range")] | Annotated[Choices, Tag("choices")],
    # A discriminator: without it a fault in a range would be reported as "not a list" too.
    Discriminator(_kind),
]


def _sorted(space: dict[str, Any]) -> dict[str, Any]:
    """The same in one order, so that a search does not depend on how its space is written down."""
    return dict(sorted(space.items()))


class Tuning(Section):
    """A search for the parameters with the smallest objective."""

    method: Literal["bayesian", "random", "sobol", "grid"] = parameter(
        "bayesian", "How the next trial is chosen."
    )
    trials: int = parameter(300, "Trials in all.", unit="trials", ge=1, le=1_000_000)
    initial: int = parameter(
        20, "Trials drawn at random before the search learns from them.", unit="trials", ge=1, le=1_000_000
    )
    workers: int = parameter(
        0, "Trials that run at the same time; 0 is one for each core.", unit="processes", ge=0, le=1024
    )
    seed: int = parameter(1, "Seed of the search's own randomness.", ge=0, lt=2**63)
    objective: str = parameter(
        "loss",
        "What is sought: the loss, a term of it such as loss/rmse, or a measure such as after/DS.CS, by the "
        "name that MLflow shows.",
        min_length=1,
        max_length=100,
    )
    maximize: bool = parameter(False, "Seek the largest value instead of the smallest.")
    realizations: int = parameter(
        0, "Circuits of each trial; 0 is simulation.realizations.", unit="circuits", ge=0, le=10_000
    )
    fresh: bool = parameter(
        False,
        "Draw other circuits for each trial, instead of the same ones for all, which compares them best.",
    )
    confirm: int = parameter(
        5,
        "Best points that run again in fresh circuits before one is called best; 0 is none.",
        unit="points",
        ge=0,
        le=10_000,
    )
    confirm_circuits: int = parameter(
        0,
        "Fresh circuits of each of these points, rounded up to whole sets of a trial's circuits; 0 is five sets.",
        unit="circuits",
        ge=0,
        le=100_000,
    )
    space: Annotated[dict[str, Spread], AfterValidator(_sorted)] = parameter(
        dict, "Dotted path of each searched parameter, with its range or its choices."
    )
