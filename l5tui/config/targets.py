"""``[targets]``: what experiments have found, for the model to be held against."""

from __future__ import annotations

from typing import Final, Literal

from pydantic import Field

from l5tui.config.section import Section, parameter

DEMANDS: Final = ("value", "sign", "above", "below")
"""The ways to say what is wanted; a target uses one of them."""


class Target(Section):
    """What one measure of a run should be."""

    value: str | int | float = parameter(
        "", "A number that the measure should equal, or the name of another measure of the same run."
    )
    sign: Literal["", "positive", "negative"] = parameter("", "The sign that it should have.")
    above: str = parameter("", "Name of a measure that it should be larger than.")
    below: str = parameter("", "Name of a measure that it should be smaller than.")
    uncertainty: float = Field(
        gt=0,
        description="Standard deviation of the value; of a sign or an order, how far on the wrong side counts "
        "as one.",
    )
    relative: bool = parameter(False, "Whether the uncertainty is a part of the wanted value.")
    weight: float = parameter(1.0, "What its squared distance is multiplied by.", gt=0)
    source: str = Field(min_length=1, max_length=1000, description="Who found it: a citation.")

    @property
    def demands(self) -> tuple[str, ...]:
        """Which of `DEMANDS` it makes."""
        return tuple(name for name in DEMANDS if getattr(self, name) != "")

    @property
    def reference(self) -> str:
        """Name of the measure that it is held against; empty where it is held against a number."""
        named = (self.above, self.below, self.value if isinstance(self.value, str) else "")
        return next((name for name in named if name), "")
