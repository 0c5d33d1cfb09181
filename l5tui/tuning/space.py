"""The space that a study searches: paths of parameters, and points of the unit cube as their values."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from l5tui.analysis.parameter_axis import ParameterAxis
from l5tui.config import Experiment
from l5tui.config.checks import comparisons
from l5tui.config.document import put
from l5tui.config.schema import value_at
from l5tui.config.search_space import is_whole, tuning_faults
from l5tui.config.tuning import Range
from l5tui.config.validation import validate
from l5tui.errors import ConfigError
from l5tui.model.arrays import FloatArray

Value: TypeAlias = str | bool | int | float
Point: TypeAlias = Mapping[str, Value]
"""What a trial varies: a value a dimension; of a ratio, the ratio."""


class Dimension(ParameterAxis):
    """One searched parameter: an axis, and the values on it."""

    def at(self, unit: float) -> Value:
        """Return the value at a place from 0 to 1; choices share the interval evenly."""
        if self.choices:
            choice: Value = self.choices[min(int(unit * len(self.choices)), len(self.choices) - 1)]
            return choice
        if self.integer:
            first, last = math.ceil(self.low), math.floor(self.high)
            return min(first + int(self._between(unit, first, last + 1) - first), last)
        return min(max(self._between(unit, self.low, self.high), self.low), self.high)

    def values(self, count: int) -> list[Value]:
        """At most `count` values from end to end, evenly spaced; every choice."""
        if self.choices:
            return list(self.choices)
        places = np.linspace(0, 1, count) if count > 1 else np.array([0.5])
        return list(dict.fromkeys(self.at(float(place)) for place in places))

    def _between(self, unit: float, low: float, high: float) -> float:
        if self.log:
            return math.exp(math.log(low) + unit * (math.log(high) - math.log(low)))
        return low + unit * (high - low)

    def as_dict(self) -> dict[str, Any]:
        """Return the dimension in its JSON form, without defaults."""
        if self.choices:
            return {"choices": list(self.choices)}
        kept = {"low": self.low, "high": self.high}
        extras = {"log": self.log, "integer": self.integer, "times": self.times}
        return kept | {name: value for name, value in extras.items() if value}


@dataclass(frozen=True)
class SearchSpace:
    """All that a study varies.

    Parameters
    ----------
    dimensions : tuple of Dimension
        Sorted by path.
    """

    dimensions: tuple[Dimension, ...]

    def __len__(self) -> int:
        return len(self.dimensions)

    def point(self, units: FloatArray) -> dict[str, Value]:
        """Return the point at a place of the unit cube, shape (dimension,)."""
        pairs = zip(self.dimensions, np.asarray(units, dtype=float), strict=True)
        return {dimension.path: dimension.at(float(unit)) for dimension, unit in pairs}

    def draws(self, units: FloatArray) -> dict[str, FloatArray]:
        """Each parameter's values, shape (draw,), at places of the unit cube, shape (draw, dimension).

        Only for parameters that are numbers; of a ratio it is the ratio.
        """
        points = [self.point(row) for row in units]
        return {
            each.path: np.array([float(point[each.path]) for point in points]) for each in self.dimensions
        }

    def units(self, points: Sequence[Point]) -> FloatArray:
        """Return the places of points in the unit cube, shape (point, dimension)."""
        columns = [
            dimension.units(
                np.array([dimension.place(point[dimension.path]) for point in points], dtype=float)
            )
            for dimension in self.dimensions
        ]
        return np.stack(columns, axis=1)

    def shares(self, points: Sequence[Point]) -> FloatArray:
        """Return points as shares of each range, to measure distances by, shape (point, dimension)."""
        places = np.array([[each.place(point[each.path]) for each in self.dimensions] for point in points])
        columns = [each.shares(column) for each, column in zip(self.dimensions, places.T, strict=True)]
        return np.stack(columns, axis=1)

    def values(self, point: Point, base: Experiment) -> dict[str, Value]:
        """Return the parameters at a point, ratios multiplied out.

        Parameters
        ----------
        point : mapping
        base : Experiment
            Gives what is not searched.
        """
        return dict(self._resolved(point, base))

    def parameters(self, point: Point, base: Experiment) -> dict[str, Value]:
        """Return the parameters at a point under their paths, and each ratio under both paths, as ``a / b``.

        Parameters
        ----------
        point : mapping
        base : Experiment
            Gives what is not searched.
        """
        ratios = {each.label: point[each.path] for each in self.dimensions if each.times}
        return {**self.values(point, base), **ratios}

    def experiment(self, point: Point, base: Experiment, **simulation: Any) -> Experiment:
        """Return the experiment at a point.

        Raises
        ------
        ConfigError
            Where the point is none, as where two searched parameters do not go together.
        """
        data = _without_search(base)
        for path, value in self._resolved(point, base):
            put(data, tuple(path.split(".")), value, new_table=_new_table)
        for name, value in simulation.items():
            put(data, tuple(name.split("__")), value, new_table=_new_table)
        return validate(data)

    def as_dict(self) -> dict[str, dict[str, Any]]:
        """Return the space in its JSON form."""
        return {dimension.path: dimension.as_dict() for dimension in self.dimensions}

    def _resolved(self, point: Point, base: Experiment) -> Iterator[tuple[str, Value]]:
        plain = {d.path: point[d.path] for d in self.dimensions if not d.times}
        yield from plain.items()
        for dimension in self.dimensions:
            if dimension.times:
                other = plain.get(dimension.times)
                factor = other if other is not None else value_at(base, dimension.times)
                yield dimension.path, float(point[dimension.path]) * float(factor)


def search_space(experiment: Experiment, source: str = "") -> SearchSpace:
    """Return the space of an experiment's ``[tuning.space]``, whose checks `l5tui.config.search_space` has.

    Parameters
    ----------
    experiment : Experiment
    source : str
        The file, for the faults.

    Raises
    ------
    ConfigError
        If there is nothing to search.
    """
    if not experiment.tuning.space:
        raise ConfigError(list(tuning_faults(experiment, "search", comparisons)), source)
    return SearchSpace(tuple(_dimension(path, spread) for path, spread in experiment.tuning.space.items()))


def _dimension(path: str, spread: Range | tuple[Value, ...]) -> Dimension:
    if not isinstance(spread, Range):
        return Dimension(path, choices=spread)
    return Dimension(
        path, spread.low, spread.high, spread.log, spread.integer or is_whole(path), spread.times
    )


def _without_search(experiment: Experiment) -> dict[str, Any]:
    data: dict[str, Any] = experiment.model_dump(mode="json")
    del data["tuning"]
    return data


def _new_table(parent: Any, path: tuple[str, ...]) -> dict[str, Any]:
    return {}
