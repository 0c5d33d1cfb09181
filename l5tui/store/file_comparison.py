"""Whether the files of two runs hold the same bits."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from l5tui.store.netcdf import lock, told
from l5tui.workspace import require_regular

if TYPE_CHECKING:
    import netCDF4
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
    import netCDF4

    same = 0
    for path in (first, second):
        with told(path, "read"):
            require_regular(path)
    with (
        lock,
        told(first, "read"),
        netCDF4.Dataset(first) as one,
        told(second, "read"),
        netCDF4.Dataset(second) as other,
    ):
        for file in (one, other):
            file.set_auto_mask(False)
            file.set_auto_scale(False)
        for name in dict.fromkeys([*one.variables, *other.variables]):
            if not any(_is_numeric(file, name) for file in (one, other)):
                continue
            if difference := _compare(name, one, other):
                return same, difference
            same += 1
    return same, None


def _is_numeric(file: netCDF4.Dataset, name: str) -> bool:
    return (
        name in file.variables and isinstance(file[name].dtype, np.dtype) and file[name].dtype.kind in "iuf"
    )


def _compare(name: str, one: netCDF4.Dataset, other: netCDF4.Dataset) -> Difference | None:
    layouts = _layout(one, name), _layout(other, name)
    if layouts[0] != layouts[1]:
        return Difference(name, None, layouts)
    pair = one[name], other[name]
    if not pair[0].shape:
        return _first_in(name, (), np.atleast_1d(pair[0][...]), np.atleast_1d(pair[1][...]))
    # One realization, or what else comes first, at a time: the largest variables do not fit twice.
    for place in range(pair[0].shape[0]):
        parts = [np.atleast_1d(np.asarray(variable[place])) for variable in pair]
        if difference := _first_in(name, (place,), *parts, scalar=len(pair[0].shape) == 1):
            return difference
    return None


def _layout(file: netCDF4.Dataset, name: str) -> str:
    if name not in file.variables:
        return "no such variable"
    dtype = file[name].dtype
    return f"{dtype.name if isinstance(dtype, np.dtype) else 'text'} {file[name].shape}"


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
