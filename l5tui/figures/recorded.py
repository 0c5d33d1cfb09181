"""Variables of a run's dataset, in the order in which they are drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from l5tui.config.populations import POPULATIONS
from l5tui.model.arrays import FloatArray

if TYPE_CHECKING:
    import xarray as xr

BY_POPULATION = ("population", "post", "pre")


def recorded(dataset: xr.Dataset, name: str, *dims: str, **at: Any) -> FloatArray | None:
    """Return a variable's values, or None if the dataset lacks it or none of them is finite.

    Parameters
    ----------
    dataset : xarray.Dataset
        Dataset of a run.
    name : str
        Name of the variable.
    *dims : str
        Order of the axes; populations are in the order of `POPULATIONS`.
    **at : label
        Where along further dimensions, by their coordinates.

    Returns
    -------
    ndarray or None
        In double precision; what is not finite, as in a run that diverged, is NaN.
    """
    if name not in dataset:
        return None
    order = {dim: list(POPULATIONS) for dim in dims if dim in BY_POPULATION}
    values = np.asarray(dataset[name].sel(**at).sel(order).transpose(*dims), dtype=np.float64)
    finite = np.isfinite(values)
    return np.where(finite, values, np.nan) if finite.any() else None


def directions_of(dataset: xr.Dataset) -> list[float]:
    """Return the directions of motion.

    Parameters
    ----------
    dataset : xarray.Dataset
        Dataset of a run.

    Returns
    -------
    list of float
        In degrees.
    """
    return [float(angle) for angle in dataset["direction"].values]


def steps_of(dataset: xr.Dataset) -> FloatArray:
    """Return the last step of each recorded stretch.

    Parameters
    ----------
    dataset : xarray.Dataset
        Dataset of a run.

    Returns
    -------
    ndarray, shape (time,)
        In steps.
    """
    return np.asarray(dataset["last_step"], dtype=np.float64)


def middle_steps_of(dataset: xr.Dataset) -> FloatArray:
    """Return the middle of each recorded stretch.

    Parameters
    ----------
    dataset : xarray.Dataset
        Dataset of a run.

    Returns
    -------
    ndarray, shape (time,)
        In steps.
    """
    return np.asarray(dataset["first_step"] + dataset["last_step"], dtype=np.float64) / 2


def condition_note(dataset: xr.Dataset) -> list[str]:
    """Return a note if rates before, or before and after, learning are missing.

    Parameters
    ----------
    dataset : xarray.Dataset
        Dataset of a run.

    Returns
    -------
    list of str
        One sentence; empty if rates before learning were recorded.
    """
    before, after = (
        recorded(dataset, f"rates_{condition}", "realization", "direction", "neuron") is not None
        for condition in ("before", "after")
    )
    if before:
        return []
    if not after:
        return ["No realization came to its end, so nothing was measured before or after learning."]
    return ["Nothing was recorded before learning, as it begins with the first step."]
