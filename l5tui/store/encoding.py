"""How a dataset is laid out in a NetCDF file: what is compressed, and attributes that NetCDF can hold."""

from __future__ import annotations

import json
import zlib
from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from l5tui.errors import StoreError

if TYPE_CHECKING:
    import xarray as xr

SMALL_BYTES = 16_384
"""Compression needs chunks, which cost more than they save in a variable below this."""

WORTHWHILE = 0.7
"""A variable is compressed where that leaves at most this fraction. Weights that have learned are as good as
noise: compressing them takes fifteen times as long as writing them, to save a tenth."""

SAMPLES, SAMPLE_VALUES = 8, 8_192


def encodings(dataset: xr.Dataset) -> dict[Hashable, dict[str, Any]]:
    """Return the encoding of every variable, regardless of the file that it was read from.

    Each keeps its dtype; NaN marks what is missing in floating-point data; coordinates have nothing missing.
    """
    chosen: dict[Hashable, dict[str, Any]] = {}
    for name, variable in dataset.variables.items():
        encoding: dict[str, Any] = {}
        if name in dataset.coords and variable.dtype.kind == "f":
            encoding["_FillValue"] = None
        if pays_to_compress(variable.values):
            encoding.update(zlib=True, complevel=1, shuffle=True)
        chosen[name] = encoding
    return chosen


def pays_to_compress(values: NDArray[Any]) -> bool:
    """Whether zlib makes an array markedly smaller, judged by samples spread over it."""
    if values.dtype.kind not in "fiub" or values.nbytes < SMALL_BYTES:
        return False
    flat = np.ascontiguousarray(values).reshape(-1)
    # Samples must not overlap: what comes twice compresses well, whatever it is.
    step = max(flat.size // SAMPLES, SAMPLE_VALUES)
    starts = range(0, flat.size, step)
    sample = b"".join(_shuffled(flat[start : start + SAMPLE_VALUES]) for start in starts)
    return len(zlib.compress(sample, 1)) <= WORTHWHILE * len(sample)


def _shuffled(values: NDArray[Any]) -> bytes:
    """All first bytes, then all second ones and so on, as NetCDF's shuffle filter does."""
    return values.view(np.uint8).reshape(-1, values.itemsize).T.tobytes()


def with_plain_attributes(dataset: xr.Dataset) -> xr.Dataset:
    """Return a dataset with attributes that NetCDF can store: None, booleans and mappings become JSON text.

    Raises
    ------
    StoreError
        Where an attribute is something else.
    """
    plain = dataset.copy(deep=False)
    plain.attrs = _plain(dataset.attrs, "the dataset")
    for name, variable in plain.variables.items():
        variable.attrs = _plain(variable.attrs, str(name))
    return plain


def _plain(attributes: Mapping[Any, Any], owner: str) -> dict[str, Any]:
    return {str(name): _plain_value(value, f"{owner}.{name}") for name, value in attributes.items()}


def _plain_value(value: object, where: str) -> object:
    if isinstance(value, np.bool_):
        value = bool(value)
    if value is None or isinstance(value, (bool, dict)):
        try:
            return json.dumps(value, ensure_ascii=False)
        except TypeError as error:
            raise StoreError(f"attribute {where}: {error}") from error
    if isinstance(value, (str, int, float, np.number)):
        return value
    if isinstance(value, (list, tuple, np.ndarray)):
        array = np.asarray(value)
        if array.ndim <= 1 and array.dtype.kind in "iufU":
            return list(map(str, value)) if array.dtype.kind == "U" else array
    raise StoreError(f"attribute {where}: NetCDF cannot hold {type(value).__name__} {value!r:.60}")
