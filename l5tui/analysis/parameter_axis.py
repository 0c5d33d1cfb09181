"""Axis of a searched parameter: the place of each value between its ends."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from l5tui.model.arrays import FloatArray


def parameter_labels(space: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Return the label of each searched parameter by its path: of a ratio both paths, ``a / b``.

    Parameters
    ----------
    space : mapping of str to mapping
        As a study stores it.

    Returns
    -------
    dict of str to str
        In the order of `space`.

    Examples
    --------
    >>> parameter_labels({"a": {"low": 0, "high": 1, "times": "b"}, "c": {"choices": [1, 2]}})
    {'a': 'a / b', 'c': 'c'}
    """
    return {
        path: f"{path} / {times}" if (times := each.get("times")) else path for path, each in space.items()
    }


@dataclass(frozen=True)
class ParameterAxis:
    """One dimension of a search space.

    Parameters
    ----------
    path : str
        Path of the parameter in the configuration.
    low, high : float
        Ends of the interval; 0 and 1 for choices.
    log, integer : bool
        Whether the axis is logarithmic, and whether values are whole numbers.
    times : str
        Path of the parameter that the value is a multiple of; empty where it stands for itself.
    choices : tuple
        Values of a categorical parameter, instead of an interval.
    """

    path: str
    low: float = 0.0
    high: float = 1.0
    log: bool = False
    integer: bool = False
    times: str = ""
    choices: tuple[Any, ...] = ()

    @classmethod
    def from_dict(cls, path: str, spread: Mapping[str, Any]) -> ParameterAxis:
        """Return the axis of a dimension in the form in which a study stores it.

        Parameters
        ----------
        path : str
            Path of the parameter.
        spread : mapping of str to object
            ``low`` and ``high``, optionally ``log``, ``integer`` and ``times``; or ``choices``.

        Returns
        -------
        ParameterAxis
        """
        if "choices" in spread:
            return cls(path, choices=tuple(spread["choices"]))
        return cls(path, **spread)

    @property
    def name(self) -> str:
        """The path; of a ratio, both paths as earlier versions wrote them."""
        return f"{self.path}/{self.times}" if self.times else self.path

    @property
    def label(self) -> str:
        """The path; of a ratio, both paths, as MLflow shows them."""
        return f"{self.path} / {self.times}" if self.times else self.path

    @property
    def ends(self) -> tuple[float, float]:
        """The places of the lowest and the highest value."""
        if self.choices:
            return 0.0, len(self.choices) - 1.0
        if self.integer:
            return float(math.ceil(self.low)), float(math.floor(self.high))
        return self.low, self.high

    def place(self, value: Any) -> float:
        """Return the place of a value on the axis: the number itself, or the index of a choice.

        Parameters
        ----------
        value : object

        Returns
        -------
        float

        Raises
        ------
        ValueError
            If the axis has choices and the value is none of them.

        Examples
        --------
        >>> ParameterAxis("plasticity.rule", choices=("oja", "bcm")).place("bcm")
        1.0
        """
        return float(self.choices.index(value)) if self.choices else float(value)

    def units(self, places: FloatArray) -> FloatArray:
        """Return places as shares of the way from end to end, from 0 to 1.

        Whole numbers and choices take equal shares, or on a logarithmic axis those of their logarithms, and
        stand in the middle of theirs.

        Parameters
        ----------
        places : ndarray

        Returns
        -------
        ndarray
            Of the same shape.

        Examples
        --------
        >>> ParameterAxis("x", low=1.0, high=100.0, log=True).units(np.array([1.0, 10.0, 100.0])).tolist()
        [0.0, 0.5, 1.0]
        """
        first, last, middle = self._edges
        low, high = self._scaled(np.array([first, last]))
        units: FloatArray = np.clip((self._scaled(places + middle) - low) / (high - low), 0.0, 1.0)
        return units

    def places(self, units: FloatArray) -> FloatArray:
        """Return the places of shares of the axis; the inverse of `units`.

        Parameters
        ----------
        units : ndarray
            From 0 to 1.

        Returns
        -------
        ndarray
            Of the same shape.
        """
        low, high, middle = self._edges
        if self.log:
            return np.exp(math.log(low) + units * (math.log(high) - math.log(low))) - middle
        return low + units * (high - low) - middle

    def shares(self, places: FloatArray) -> FloatArray:
        """Return places as shares of the range, 0 at its low end and 1 at its high end.

        Other than `units`, this measures distances: one whole number of 1 to 5 is a quarter of the range. Infinite or
        NaN where the range is a single value.

        Parameters
        ----------
        places : ndarray

        Returns
        -------
        ndarray
            Of the same shape.
        """
        low, high = self._scaled(np.array(self.ends))
        with np.errstate(divide="ignore", invalid="ignore"):
            shares: FloatArray = (self._scaled(places) - low) / (high - low)
        return shares

    def grid(self, count: int) -> FloatArray:
        """Return at most `count` places from end to end, evenly spaced; for choices, every index.

        Parameters
        ----------
        count : int

        Returns
        -------
        ndarray, shape (n,)
            Ascending; n ≤ `count`, except for choices.
        """
        if self.choices:
            return np.arange(len(self.choices), dtype=float)
        first, last = self.ends
        spaced = np.geomspace(first, last, count) if self.log else np.linspace(first, last, count)
        return np.unique(np.round(spaced)) if self.integer else np.clip(spaced, first, last)

    @property
    def _edges(self) -> tuple[float, float, float]:
        """Where the shares begin and end, and from a place to the middle of its share."""
        first, last = self.ends
        return (first, last + 1.0, 0.5) if self.choices or self.integer else (first, last, 0.0)

    def _scaled(self, places: FloatArray) -> FloatArray:
        return np.log(places) if self.log else places
