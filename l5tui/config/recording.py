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
    weights: Literal["blocks", "factors", "full"] = parameter(
        "blocks",
        "Weights over time: means and stds of the 16 blocks; also the factors of every change, which give W at "
        "any step exactly in N or 2N numbers a step; or also every W that a time course ends at.",
    )
    abscissa: Literal["end", "all", "none"] = parameter(
        "end", "When the spectral abscissa of W is computed: at the end, at every recorded time, or never."
    )
    dtype: Literal["float32", "float64"] = parameter(
        "float32", "Precision of recorded rates and weights in the file; factors are always float64."
    )
    figures: Literal["all", "light", "none"] = parameter(
        "light",
        "Figures that are drawn for MLflow: all nine, which takes a few seconds; selectivity and weights; or none.",
    )

    @model_validator(mode="before")
    @classmethod
    def _every_means_samples(cls, data: Any) -> Any:
        if isinstance(data, dict) and "every" in data and "rates" not in data:
            return {**data, "rates": "every"}
        return data
