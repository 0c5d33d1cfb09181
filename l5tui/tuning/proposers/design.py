"""Designs: points that are all known before the first of them is simulated."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from l5tui.analysis.sensitivity import salib
from l5tui.config import Experiment
from l5tui.config.schema import value_at
from l5tui.errors import ConfigError, Fault
from l5tui.model.arrays import FloatArray
from l5tui.tuning.proposers.proposer import Observation
from l5tui.tuning.space import Dimension, Point, SearchSpace

STEP = 0.05
"""Of a local design: part of a parameter's range that it is moved by, up and down."""


class Design:
    """Goes through the rows of a matrix; points may come more than once, and each counts.

    Parameters
    ----------
    space : SearchSpace
    units : ndarray, shape (trial, dimension)
        Places in the unit cube.
    """

    def __init__(self, space: SearchSpace, units: FloatArray) -> None:
        self._space = space
        self.units = units

    @property
    def limit(self) -> int | None:
        """Number of rows."""
        return len(self.units)

    def propose(self, number: int, observed: Sequence[Observation], pending: Sequence[Point]) -> Point:
        """See `l5tui.tuning.proposers.proposer.Proposer`."""
        return self._space.point(self.units[number])


def saltelli_units(dimensions: int, samples: int, seed: int) -> FloatArray:
    """Saltelli's matrix for first and total order, shape (samples · (dimensions + 2), dimension).

    Parameters
    ----------
    dimensions : int
    samples : int
        A power of two.
    seed : int
        Of the scrambled Sobol' sequence.
    """
    sample, _ = salib()
    units: FloatArray = sample(problem(dimensions), samples, calc_second_order=False, seed=seed % 2**32)
    return np.asarray(units)


def problem(dimensions: int) -> dict[str, object]:
    """Return the unit cube as a SALib problem."""
    names = [f"x{number}" for number in range(dimensions)]
    return {"num_vars": dimensions, "names": names, "bounds": [[0.0, 1.0]] * dimensions}


def local_units(space: SearchSpace, experiment: Experiment) -> FloatArray:
    """Return the experiment's place, then a step down and up each axis, shape (1 + 2 · dimension, dimension).

    A step is `STEP` of a parameter's range, and of a whole number at least 1; steps end at the ends of the range.

    Raises
    ------
    ConfigError
        Where a parameter has choices, or stands outside its range.
    """
    point = {}
    faults = []
    for dimension in space.dimensions:
        value = value_at(experiment, dimension.path)
        if dimension.choices:
            faults.append(Fault(f"tuning.space.{dimension.path}", "choices", "a range; slopes need one"))
            continue
        if dimension.times:
            value = value / value_at(experiment, dimension.times)
        point[dimension.path] = value
        if not dimension.low <= value <= dimension.high * (1 + 1e-12):
            faults.append(Fault(dimension.path, f"{value:g}", f"{dimension.low:g} to {dimension.high:g}"))
    if faults:
        raise ConfigError(faults)
    centre = np.clip(space.units([point])[0], 0, 1)
    rows = [centre]
    for column, dimension in enumerate(space.dimensions):
        for sign in (-1, 1):
            row = centre.copy()
            row[column] = _moved(dimension, float(centre[column]), sign)
            rows.append(row)
    return np.array(rows, dtype=float)


def _moved(dimension: Dimension, unit: float, sign: int) -> float:
    """Return a place one step away on an axis."""
    moved = min(max(unit + sign * STEP, 0.0), 1.0)
    if not dimension.integer:
        return moved
    value, other = int(dimension.at(unit)), int(dimension.at(moved))
    other = other if other != value else value + sign
    first, last = dimension.ends
    return float(dimension.units(np.array([min(max(other, first), last)]))[0])
