"""Whether the files of two runs hold the same bits."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from l5tui.store.netcdf import lock, store_errors
from l5tui.store.netcdf_reader import NetcdfFile, open_netcdf

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Difference:
    """The first place where two files are not the same.

    Parameters
    ----------
    variable : str
    index : tuple of int or None
        Along each dimension; None where the variable as a whole differs, as in its shape.
    values : tuple of str
        What the first and the second file have there, numbers in full.
    """

    variable: str
    index: tuple[int, ...] | None
    values: tuple[str, str]


def first_difference(first: Path, second: Path) -> tuple[int, Difference | None]:
    """Compare all numeric variables of two files, bit for bit.

    Parameters
    ----------
    first, second : Path

    Returns
    -------
    count : int
        How many variables are the same, up to the first that is not.
    difference : Difference or None
        None where all are. Variables come in the order of the first file.

    Raises
    ------
    StoreError
        Where one cannot be read.
    """
    same = 0
    with (
        lock,
        store_errors(first, "read"),
        open_netcdf(first) as one,
        store_errors(second, "read"),
        open_netcdf(second) as other,
    ):
        for name in dict.fromkeys([*one.names, *other.names]):
            if not any(_is_numeric(file, name) for file in (one, other)):
                continue
            if difference := _compare(name, one, other):
                return same, difference
            same += 1
    return same, None


def _is_numeric(file: NetcdfFile, name: str) -> bool:
    return name in file and file.layout(name)[0].kind in "iuf"


def _compare(name: str, one: NetcdfFile, other: NetcdfFile) -> Difference | None:
    layouts = _layout(one, name), _layout(other, name)
    if layouts[0] != layouts[1]:
        return Difference(name, None, layouts)
    _, shape = one.layout(name)
    if not shape:
        return _first_in(name, (), np.atleast_1d(one.values(name)), np.atleast_1d(other.values(name)))
    # One realization, or what else comes first, at a time: the largest variables do not fit twice.
    for place in range(shape[0]):
        parts = [np.atleast_1d(file.values(name, place)) for file in (one, other)]
        if difference := _first_in(name, (place,), *parts, scalar=len(shape) == 1):
            return difference
    return None


def _layout(file: NetcdfFile, name: str) -> str:
    if name not in file:
        return "no such variable"
    dtype, shape = file.layout(name)
    return f"{'text' if dtype.kind in 'OS' else dtype.name} {shape}"


def _first_in(
    name: str, place: tuple[int, ...], one: NDArray[Any], other: NDArray[Any], *, scalar: bool = False
) -> Difference | None:
    # As whole numbers: NaN is then what it is, and 0 is not −0.
    bits = np.dtype(f"u{one.dtype.itemsize}")
    unlike = np.ascontiguousarray(one).view(bits) != np.ascontiguousarray(other).view(bits)
    if not unlike.any():
        return None
    inner = tuple(int(each) for each in np.unravel_index(int(np.argmax(unlike)), unlike.shape))
    values = repr(one[inner].item()), repr(other[inner].item())
    within = () if scalar or not place else inner
    return Difference(name, (*place, *within), values)
