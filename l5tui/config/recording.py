"""``[recording]``: which rates, weights and figures of a run are recorded."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import model_validator

from l5tui.config.section import Section, parameter


class Recording(Section):
    """Recorded rates and weights, their precision, and the figures for MLflow."""

    rates: Literal["period_means", "every", "none"] = parameter(
        "period_means",
        "period_means: means over stimulus periods; every: a sample every recording.every steps; none: no rates.",
    )
    every: int = parameter(
        10,
        'Steps between samples of the rates; a file that gives this key has rates = "every".',
        unit="steps",
        ge=1,
        le=10**9,
    )
    weights: Literal["blocks", "factors", "full"] = parameter(
        "blocks",
        "Weights over time. blocks: mean and standard deviation of the 16 blocks; factors: also the factors of every "
        "change, N or 2N numbers a step, which give W exactly at any step; full: also W at every recorded time.",
    )
    abscissa: Literal["end", "all", "none"] = parameter(
        "end",
        "Times at which the spectral abscissa of W is computed: at the end, at every recorded time, or never.",
    )
    dtype: Literal["float32", "float64"] = parameter(
        "float32", "Precision of recorded rates and weights in the file; factors are always float64."
    )
    figures: Literal["all", "light", "none"] = parameter(
        "light",
        "Figures drawn for MLflow. all: nine figures, which take a few seconds; light: selectivity and weights; none.",
    )

    @model_validator(mode="before")
    @classmethod
    def _every_means_samples(cls, data: Any) -> Any:
        if isinstance(data, dict) and "every" in data and "rates" not in data:
            return {**data, "rates": "every"}
        return data
