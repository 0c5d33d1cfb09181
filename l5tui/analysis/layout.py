"""Layout of a stored run's neurons."""

from __future__ import annotations

from typing import TYPE_CHECKING

from l5tui.config import POPULATIONS
from l5tui.model.layout import Layout

if TYPE_CHECKING:
    import xarray as xr


def layout_of(dataset: xr.Dataset) -> Layout:
    """Return the layout of a run's neurons.

    Parameters
    ----------
    dataset : xarray.Dataset
        A run, with the coordinate ``neuron_population`` (neuron).

    Returns
    -------
    Layout
        Sizes of the populations CS, CC, PV and SST.

    Examples
    --------
    >>> import xarray as xr
    >>> layout_of(xr.Dataset(coords={"neuron_population": ("neuron", ["CS", "CS", "CC", "PV", "SST"])})).sizes
    (2, 1, 1, 1)
    """
    names = list(dataset["neuron_population"].values)
    return Layout(tuple(names.count(population) for population in POPULATIONS))
