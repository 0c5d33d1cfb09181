"""``[targets]``: experimental findings with which the measures of a run are compared."""

from __future__ import annotations

from typing import Final, Literal

from pydantic import Field

from l5tui.config.section import Section, parameter

DEMANDS: Final = ("value", "sign", "above", "below")
"""Keys that define the wanted value; a target has one of them."""


class Target(Section):
    """Wanted value of one measure of a run."""

    value: str | int | float = parameter(
        "", "Number that the measure should equal, or the name of another measure of the same run."
    )
    sign: Literal["", "positive", "negative"] = parameter("", "Wanted sign of the measure.")
    above: str = parameter("", "Name of a measure that should be smaller than this one.")
    below: str = parameter("", "Name of a measure that should be larger than this one.")
    uncertainty: float = Field(
        gt=0,
        description="Standard deviation of the value; for a sign or an order, the distance on the wrong side that "
        "counts as one standard deviation.",
    )
    relative: bool = parameter(False, "Whether the uncertainty is a fraction of the wanted value.")
    weight: float = parameter(1.0, "Factor of the squared distance in the loss.", gt=0)
    source: str = Field(min_length=1, max_length=1000, description="Citation of the finding.")

    @property
    def demands(self) -> tuple[str, ...]:
        """Keys of `DEMANDS` that the target has."""
        return tuple(name for name in DEMANDS if getattr(self, name) != "")

    @property
    def reference(self) -> str:
        """Name of the measure with which it is compared; empty if it is compared with a number."""
        named = (self.above, self.below, self.value if isinstance(self.value, str) else "")
        return next((name for name in named if name), "")
