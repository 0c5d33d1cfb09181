"""Writes a dataset as a run's file, through the same steps as a run."""

from __future__ import annotations

from pathlib import Path

import xarray as xr

from l5tui.store.netcdf import add, lock, part_of, put_in_place, store_errors


def write_run(path: Path, dataset: xr.Dataset) -> str:
    """Write a run's file, under a temporary name until it is whole and on disk.

    Parameters
    ----------
    path : Path
        ``<run id>.nc``; its folder is made where only that is missing.
    dataset : xarray.Dataset
        Attributes that NetCDF does not have (None, truth values, mappings) become JSON text.

    Returns
    -------
    str
        The file's SHA-256.

    Raises
    ------
    StoreError
        Where it cannot be written; nothing is left behind.
    """
    part = part_of(path)
    with store_errors(path, "written"):
        path.parent.mkdir(exist_ok=True)
        try:
            with lock:
                add(part, dataset)
            return put_in_place(part, path)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
