"""``[tuning]``: search space, method and budget of a parameter search."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Discriminator, Field, Tag

from l5tui.config.section import Section, parameter


class Range(Section):
    """Search interval of one parameter."""

    low: float = Field(description="Lower bound.")
    high: float = Field(description="Upper bound.")
    log: bool = parameter(False, "Search the logarithm of the value.")
    integer: bool = parameter(False, "Only integers.")
    times: str = parameter("", "Path of a parameter by which the value is multiplied.")
    prior: Literal["uniform", "normal"] = parameter(
        "uniform",
        "Prior of an inference: uniform; or normal, centred in the interval, whose bounds are two standard deviations "
        "from the mean.",
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
    """Return the space sorted by path, so that a search does not depend on the order of the keys in the file."""
    return dict(sorted(space.items()))


class Tuning(Section):
    """A search for the parameters with the smallest objective."""

    method: Literal["bayesian", "random", "sobol", "grid"] = parameter(
        "bayesian", "Sampler that proposes the trials."
    )
    trials: int = parameter(300, "Total number of trials.", unit="trials", ge=1, le=1_000_000)
    initial: int = parameter(
        20, "Number of initial trials, before the sampler uses results.", unit="trials", ge=1, le=1_000_000
    )
    workers: int = parameter(
        0, "Trials that run at the same time; 0: one for each core.", unit="processes", ge=0, le=1024
    )
    seed: int = parameter(1, "Seed of the sampler.", ge=0, lt=2**63)
    objective: str = parameter(
        "loss",
        "Objective: the loss, a term of it such as loss/rmse, or a measure such as after/DS.CS, by its name in "
        "MLflow.",
        min_length=1,
        max_length=100,
    )
    maximize: bool = parameter(False, "Maximize the objective instead of minimizing it.")
    realizations: int = parameter(
        0, "Number of circuits of each trial; 0: simulation.realizations.", unit="circuits", ge=0, le=10_000
    )
    fresh: bool = parameter(
        False,
        "New circuits for each trial. false: the same circuits for all trials (common random numbers), which compares "
        "parameters with less noise.",
    )
    confirm: int = parameter(
        5,
        "Number of best points that run again in new circuits to confirm the best one; 0: none.",
        unit="points",
        ge=0,
        le=10_000,
    )
    confirm_circuits: int = parameter(
        0,
        "New circuits of each of these points, rounded up to a multiple of a trial's circuits; 0: five times these.",
        unit="circuits",
        ge=0,
        le=100_000,
    )
    space: Annotated[dict[str, Spread], AfterValidator(_sorted)] = parameter(
        dict, "Searched parameters: the dotted path of each, with its range or its choices."
    )
