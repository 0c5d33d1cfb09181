"""Differences between several runs: their parameters and their measures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

Value = TypeVar("Value")


def differing(mappings: Sequence[Mapping[str, Value]]) -> dict[str, tuple[Value | None, ...]]:
    """Return the entries of several mappings that are not the same in all.

    Parameters
    ----------
    mappings : sequence of mapping

    Returns
    -------
    dict of str to tuple
        One value a mapping, None where it has none, in the order in which keys first come.

    Examples
    --------
    >>> differing([{"rule": "oja", "seed": 1}, {"rule": "bcm", "seed": 1}])
    {'rule': ('oja', 'bcm')}
    """
    aligned = side_by_side(mappings)
    return {key: values for key, values in aligned.items() if any(_differ(values[0], v) for v in values[1:])}


def side_by_side(mappings: Sequence[Mapping[str, Value]]) -> dict[str, tuple[Value | None, ...]]:
    """Return all entries of several mappings, aligned by key.

    Parameters
    ----------
    mappings : sequence of mapping

    Returns
    -------
    dict of str to tuple
        One value for each mapping, None if it lacks the key, in the order in which keys first come.

    Examples
    --------
    >>> side_by_side([{"seed": 1}, {"seed": 1, "rule": "bcm"}])
    {'seed': (1, 1), 'rule': (None, 'bcm')}
    """
    keys = dict.fromkeys(key for mapping in mappings for key in mapping)
    return {key: tuple(mapping.get(key) for mapping in mappings) for key in keys}


def differences(values: Sequence[float]) -> tuple[float, ...]:
    """Return the difference of each value from the first.

    Parameters
    ----------
    values : sequence of float

    Returns
    -------
    tuple of float
        Of the same length, 0 first; NaN if either value is not defined.

    Examples
    --------
    >>> differences([1.0, 1.5, 0.5])
    (0.0, 0.5, -0.5)
    """
    return tuple(value - values[0] for value in values)


def _differ(first: object, other: object) -> bool:
    # A switch that is on is not the number 1.
    return isinstance(first, bool) != isinstance(other, bool) or first != other
