"""What is believed of the parameters before anything is simulated, on the unit cube of the search space."""

from __future__ import annotations

import numpy as np

from l5tui.config import Experiment
from l5tui.config.tuning import Range
from l5tui.errors import ConfigError, Fault
from l5tui.model.arrays import FloatArray
from l5tui.tuning.space import SearchSpace

SPREAD = 0.25
"""Standard deviation of a normal prior: the ends of a range lie two of them from its middle."""


class Prior:
    """Uniform in each range, or normal around its middle and cut off at its ends; of the logarithm in a log range.

    Parameters
    ----------
    experiment : Experiment
    space : SearchSpace

    Raises
    ------
    ConfigError
        Where a parameter has choices: a posterior needs ranges.
    """

    def __init__(self, experiment: Experiment, space: SearchSpace) -> None:
        faults = [
            Fault(f"tuning.space.{each.path}", "choices", "a range; `--rules` compares learning rules")
            for each in space.dimensions
            if each.choices
        ]
        if faults:
            raise ConfigError(faults)
        spreads = [experiment.tuning.space[each.path] for each in space.dimensions]
        self.normal = np.array([isinstance(each, Range) and each.prior == "normal" for each in spreads])

    def log_density(self, units: FloatArray) -> FloatArray:
        """Natural logarithm at places of the unit cube, shape (point,)."""
        from scipy.stats import truncnorm

        edge = 0.5 / SPREAD
        density = truncnorm.logpdf(units, -edge, edge, loc=0.5, scale=SPREAD)
        inside = np.where(((units >= 0) & (units <= 1)).all(axis=1), 0.0, -np.inf)
        return np.asarray(inside + np.where(self.normal, density, 0.0).sum(axis=1))

    def transform(self, uniforms: FloatArray) -> FloatArray:
        """Draws of the prior from draws of the uniform distribution, shape (point, dimension)."""
        from scipy.stats import truncnorm

        edge = 0.5 / SPREAD
        normal = truncnorm.ppf(uniforms, -edge, edge, loc=0.5, scale=SPREAD)
        return np.asarray(np.where(self.normal, normal, uniforms))
