"""Read NetCDF-4 files with h5py, apart from every file that the process has open by the NetCDF library.

HDF5 shares the state of a file that is open twice in one process, and the fill value of a text variable then refers to
the handle that was closed first: the next opening of the file crashes Python. h5py has an HDF5 of its own, and reads
here through a Python file object, which HDF5 never takes for a file that is open already. A user may therefore hold
the file by xarray, netCDF4 or h5py.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from l5tui.workspace import require_regular

if TYPE_CHECKING:
    import h5py
    import xarray as xr
    from numpy.typing import NDArray

LIBRARY_ATTRIBUTES: Final = frozenset(
    {"CLASS", "NAME", "DIMENSION_LIST", "REFERENCE_LIST", "_NCProperties", "_nc3_strict"}
    | {"_Netcdf4Coordinates", "_Netcdf4Dimid"}
)
"""Attributes by which HDF5 and NetCDF describe the layout of a file; they are no part of its content."""

DIMENSION_ONLY: Final = b"This is a netCDF dimension but not a netCDF variable"
"""Beginning of the NAME of a dimension without coordinate."""

DAMAGE = (OSError, RuntimeError, KeyError, ValueError, TypeError, IndexError)
"""Exceptions of h5py for files that are damaged or not NetCDF-4."""


class NetcdfFile:
    """One group of an open NetCDF-4 file.

    Parameters
    ----------
    group : h5py.Group
    """

    def __init__(self, group: h5py.Group) -> None:
        import h5py

        opened = {name: group[name] for name in group}
        self._group = group
        self._variables = {
            name: each
            for name, each in opened.items()
            if isinstance(each, h5py.Dataset) and not _tag(each, "NAME").startswith(DIMENSION_ONLY)
        }

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the variables, in the order of the file."""
        return tuple(self._variables)

    def __contains__(self, name: str) -> bool:
        return name in self._variables

    def layout(self, name: str) -> tuple[np.dtype[Any], tuple[int, ...]]:
        """Return dtype (``object`` for text) and shape of a variable."""
        variable = self._variables[name]
        return variable.dtype, tuple(variable.shape)

    def is_larger(self, name: str, largest: int | None) -> bool:
        """Return whether a variable has more bytes than a limit; coordinates never have."""
        dtype, shape = self.layout(name)
        return largest is not None and self.dims(name) != (name,) and dtype.itemsize * prod(shape) > largest

    def values(self, name: str, *index: int | slice) -> NDArray[Any]:
        """Read a variable, or the part of it that `index` selects along each dimension from the first."""
        variable = self._variables[name]
        if variable.dtype.kind == "O":
            return np.asarray(variable.asstr()[index], dtype=str)
        return np.asarray(variable[index])

    def dims(self, name: str) -> tuple[str, ...]:
        """Return the names of a variable's dimensions."""
        from h5py import h5r

        variable = self._variables[name]
        if "DIMENSION_LIST" not in variable.attrs:
            return (name,) if variable.ndim else ()
        scales = (h5r.get_name(each[0], variable.id) for each in variable.attrs["DIMENSION_LIST"])
        return tuple(scale.decode().rpartition("/")[2] for scale in scales)

    def attributes(self, name: str | None = None) -> dict[str, Any]:
        """Return the attributes of a variable, or of the group."""
        attributes = (self._group if name is None else self._variables[name]).attrs
        return {key: _plain(attributes[key]) for key in attributes if key not in LIBRARY_ATTRIBUTES}

    def coordinates_of(self, names: Iterable[str]) -> list[str]:
        """Return the coordinates along the dimensions of some variables, as xarray selects them."""
        needed = {dim for name in names for dim in self.dims(name)}
        owners = (self._group, *self._variables.values())
        auxiliary = {name for owner in owners for name in _tag(owner, "coordinates").decode().split()}
        candidates = [name for name in self.names if name in needed or name in auxiliary]
        return [name for name in candidates if needed.issuperset(self._decoded_dims(name))]

    def _decoded_dims(self, name: str) -> tuple[str, ...]:
        """Return the dimensions without that of the letters of a text."""
        letters = self._variables[name].dtype == np.dtype("S1")
        return self.dims(name)[:-1] if letters else self.dims(name)

    def dataset(self, names: Iterable[str], coordinates: Iterable[str] = ()) -> xr.Dataset:
        """Read variables into memory, decoded as `xarray.load_dataset` does without times.

        Parameters
        ----------
        names : iterable of str
        coordinates : iterable of str, optional
            Variables that become coordinates even if no attribute of `names` says so.
        """
        import xarray as xr

        added = list(coordinates)
        variables = {name: self._variable(name) for name in dict.fromkeys([*names, *added])}
        raw = xr.Dataset(variables, attrs=self.attributes())
        return xr.decode_cf(raw, decode_times=False).set_coords(added)

    def _variable(self, name: str) -> xr.Variable:
        import xarray as xr

        return xr.Variable(self.dims(name), self.values(name), self.attributes(name))


@contextmanager
def open_netcdf(path: Path, group: str | None = None) -> Iterator[NetcdfFile]:
    """Open a NetCDF-4 file to read; closed at the end of the block.

    Parameters
    ----------
    path : Path
    group : str, optional
        A group of the file; the root by default.

    Raises
    ------
    OSError
        If there is no such file, or it is damaged or not NetCDF-4.
    """
    import h5py

    require_regular(path)
    with path.open("rb", buffering=0) as file:
        source = _Source(file.fileno())
        try:
            with h5py.File(source, "r") as opened:
                yield NetcdfFile(opened if group is None else opened[group])
        except DAMAGE as error:
            raise source.fault or OSError(f"NetCDF: {error}") from error
        if source.fault is not None:
            raise source.fault


class _Source:
    """A file for h5py, which ignores exceptions while it reads: the first one is stored."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._offset = 0
        self.fault: OSError | None = None

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        start = os.fstat(self._descriptor).st_size if whence == os.SEEK_END else 0
        self._offset = start + offset
        return self._offset

    def tell(self) -> int:
        return self._offset

    def readinto(self, buffer: memoryview) -> int:
        wanted = memoryview(buffer).cast("B")
        done = 0
        try:
            while done < len(wanted):
                count = os.preadv(self._descriptor, [wanted[done:]], self._offset + done)
                if not count:
                    raise OSError("NetCDF: the file ends early")
                done += count
        except OSError as error:
            wanted[done:] = bytes(len(wanted) - done)
            self.fault = self.fault or error
        self._offset += done
        return len(wanted)

    def read(self, size: int = -1) -> bytes:
        data = os.pread(self._descriptor, size, self._offset)
        self._offset += len(data)
        return data


def _tag(owner: h5py.HLObject, name: str) -> bytes:
    """Return an attribute of text, empty if there is none."""
    from h5py import h5a

    key = name.encode()
    if not h5a.exists(owner.id, key):
        return b""
    value = owner.attrs[name]
    return value.encode() if isinstance(value, str) else bytes(value)


def _plain(value: Any) -> Any:
    """Return an attribute's value as the NetCDF library does: text as str, one number as a scalar."""
    import h5py

    if isinstance(value, h5py.Empty):
        return "" if value.dtype.kind in "SO" else np.empty(0, value.dtype)
    if isinstance(value, bytes):
        return value.decode(errors="surrogateescape")
    if isinstance(value, np.ndarray):
        plain = value.astype(str).tolist() if value.dtype.kind == "S" else value
        plain = plain.tolist() if value.dtype.kind == "O" else plain
        return plain[0] if len(plain) == 1 else plain
    return value
