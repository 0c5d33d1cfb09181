"""``[recording]``: what of a run is kept."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import model_validator

from l5tui.config.section import Section, parameter


class Recording(Section):
    """Which rates are written, how often, and which figures are drawn."""

    rates: Literal["period_means", "every", "none"] = parameter(
        "period_means", "Means over whole stimulus periods, a sample every few steps, or no rates at all."
    )
    every: int = parameter(
        10,
        'Steps from one sample to the next; naming it selects rates = "every".',
        unit="steps",
        ge=1,
        le=10**9,
    )
    dtype: Literal["float32", "float64"] = parameter(
        "float32", "Precision of recorded rates and final weights in the file."
    )
    figures: Literal["light", "none"] = parameter(
        "light", "Figures that are drawn for MLflow: selectivity and weights, or none."
    )

    @model_validator(mode="before")
    @classmethod
    def _every_means_samples(cls, data: Any) -> Any:
        if isinstance(data, dict) and "every" in data and "rates" not in data:
            return {**data, "rates": "every"}
        return data
