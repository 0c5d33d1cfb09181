"""Points as the Gaussian process sees them: intervals from 0 to 1, a column for each choice."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from l5tui.model.arrays import FloatArray
from l5tui.tuning.space import Point, SearchSpace


def encode(space: SearchSpace, points: Sequence[Point]) -> FloatArray:
    """One row a point, shape (point, column).

    Columns come in the order of the space: one for an interval, one for each of a list of choices, which are
    all equally far from each other.
    """
    return encode_units(space, space.units(points))


def encode_units(space: SearchSpace, units: FloatArray) -> FloatArray:
    """As `encode`, from places in the unit cube, shape (point, dimension)."""
    columns = []
    for index, dimension in enumerate(space.dimensions):
        column = units[:, index]
        if dimension.choices:
            share = np.minimum((column * len(dimension.choices)).astype(int), len(dimension.choices) - 1)
            columns += [(share == each).astype(float) for each in range(len(dimension.choices))]
        else:
            columns.append(column)
    return np.stack(columns, axis=1)


def snap(space: SearchSpace, units: FloatArray) -> FloatArray:
    """Places moved to the middle of their share where only some values exist, shape (point, dimension)."""
    snapped = np.clip(units, 0.0, 1.0)
    for index, dimension in enumerate(space.dimensions):
        if dimension.choices or dimension.integer:
            places = np.round(dimension.places(snapped[:, index]))
            snapped[:, index] = dimension.units(np.clip(places, *dimension.ends))
    return snapped
