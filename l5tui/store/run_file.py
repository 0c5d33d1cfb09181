"""A run's file while the run goes on: trajectories are written piece by piece, all else at the end."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from l5tui.analysis.trajectories import TrajectoryVariable
from l5tui.errors import StoreError
from l5tui.store import netcdf
from l5tui.store.filesystem import replace_durably

if TYPE_CHECKING:
    import numpy as np
    import xarray as xr

COMPRESSED = {"rates"}
"""Trajectories that compression makes markedly smaller; weights and their factors are as good as noise."""

CHUNK_BINS = 32
"""Length of a compressed chunk along time; pieces of this length are compressed once."""

BUSY_SECONDS = 0.2
"""Time that a discard waits for a thread that writes."""


class RunFile:
    """The NetCDF file of a run that is not finished, under a temporary name.

    Parameters
    ----------
    path : Path
        ``<run id>.nc``, which appears when the file is whole.
    variables : mapping of str to TrajectoryVariable
        What will be put piece by piece; what is never put reads as NaN.

    Raises
    ------
    StoreError
        Where it cannot be written.
    """

    def __init__(self, path: Path, variables: Mapping[str, TrajectoryVariable]) -> None:
        import netCDF4

        self._path = path
        self._part = netcdf.part_of(path)
        self._is_discarded = False
        with netcdf.store_errors(path, "written"), netcdf.lock:
            path.parent.mkdir(exist_ok=True)
            self._file = netCDF4.Dataset(self._part, "w", format="NETCDF4")
            for name, variable in variables.items():
                self._define(name, variable)

    def _define(self, name: str, variable: TrajectoryVariable) -> None:
        for dim, length in zip(variable.dims, variable.shape, strict=True):
            if dim not in self._file.dimensions:
                self._file.createDimension(dim, length)
        layout: dict[str, Any] = {"contiguous": True}
        if name in COMPRESSED:
            _, directions, length, *rest = variable.shape
            chunks = (1, directions, min(CHUNK_BINS, length), *rest)
            layout = {"zlib": True, "complevel": 1, "shuffle": True, "chunksizes": chunks}
        created = self._file.createVariable(
            name, variable.dtype, variable.dims, fill_value=float("nan"), **layout
        )
        created.setncatts(variable.attributes)

    def move(self, path: Path) -> None:
        """Continue in a folder that was moved, to which the open file belongs.

        Parameters
        ----------
        path : Path
            ``<run id>.nc`` in the folder's new place.
        """
        self._path = path
        self._part = netcdf.part_of(path)

    def put(self, realization: int, name: str, start: int, values: np.ndarray[Any, Any]) -> None:
        """Write a piece of one realization's trajectory.

        Parameters
        ----------
        realization : int
        name : str
        start : int
            Where the piece begins along the third dimension.
        values : ndarray, shape (direction, n, …)

        Raises
        ------
        StoreError
            Where it cannot be written, as on a full disk.
        """
        with netcdf.store_errors(self._path, "written"), netcdf.lock:
            self._file[name][realization, :, start : start + values.shape[1]] = values

    def finish(self, dataset: xr.Dataset) -> str:
        """Write everything else, and put the file into its place.

        Parameters, Returns and Raises are those of `write`.
        """
        digest = self.write(dataset)
        self.place()
        return digest

    def write(self, dataset: xr.Dataset) -> str:
        """Write everything else; the file is then whole, still under its temporary name.

        Parameters
        ----------
        dataset : xarray.Dataset
            Without the variables that were put.

        Returns
        -------
        str
            The file's SHA-256.

        Raises
        ------
        StoreError
            Where it cannot be written, or was discarded meanwhile; nothing is left behind.
        """
        with netcdf.store_errors(self._path, "written"):
            try:
                with netcdf.lock:
                    self._file.close()
                    netcdf.add(self._part, dataset)
                if self._is_discarded:
                    raise StoreError(f"{self._path} was discarded")
                return netcdf.file_sha256(self._part)
            except BaseException:
                self.discard()
                raise

    def place(self) -> None:
        """Give the whole file its final name, durably.

        Raises
        ------
        StoreError
            Where the system refuses.
        """
        with netcdf.store_errors(self._path, "written"):
            replace_durably(self._part, self._path)

    def touch(self) -> None:
        """Show other machines, which judge an unfinished file by its age, that the run is alive."""
        with suppress(OSError):
            os.utime(self._part)

    def discard(self) -> None:
        """Leave nothing behind; harmless when the file is in its place.

        A thread that still writes the file is not awaited: it writes to a file without a name.
        """
        self._is_discarded = True
        if netcdf.lock.acquire(timeout=BUSY_SECONDS):
            try:
                if self._file.isopen():
                    self._file.close()
            finally:
                netcdf.lock.release()
        self._part.unlink(missing_ok=True)
