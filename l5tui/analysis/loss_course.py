"""Loss during learning: every term at each recorded time, as if the run had ended there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from l5tui.analysis.block_weights import QUANTITIES
from l5tui.analysis.layout import layout_of
from l5tui.analysis.loss import loss_of, loss_terms
from l5tui.analysis.selectivity import realization_means, selectivity_table
from l5tui.analysis.statistics import STATISTICS, defined_mean
from l5tui.model.arrays import FloatArray

if TYPE_CHECKING:
    import xarray as xr


def loss_course(dataset: xr.Dataset) -> dict[int, dict[str, float]]:
    """Return the loss and its terms after each recorded stretch of steps that ends after the onset of learning.

    Parameters
    ----------
    dataset : xarray.Dataset
        A run's; empty where it has no rates of single neurons, or none that are means over periods.

    Returns
    -------
    dict of int to dict of str to float
        By the last step of each stretch: ``loss`` and its terms, NaN where they are not defined. There is no
        ``loss`` where it is the distance to targets, which speak of the end of a run.
    """
    if "rates" not in dataset or (dataset["last_step"] == dataset["first_step"]).all():
        return {}
    layout = layout_of(dataset)
    learned = dataset.isel(time=np.flatnonzero(dataset["last_step"] > dataset.attrs["onset_step"]))
    rates = learned["rates"].transpose("realization", "time", "direction", "neuron").values.astype(float)
    drop_whole = dataset.attrs["variant"] == "original"
    # A file without the attribute is of an l5tui that divided by n; its course then ends with its own loss.
    ddof, floor = int(dataset.attrs.get("std_ddof", 0)), float(dataset.attrs.get("silent_floor", 0.0))
    after = selectivity_table(
        *realization_means(rates, list(dataset["direction"].values), layout, drop_whole, ddof, floor), ddof
    )
    before = dataset["selectivity"].sel(condition="before").values
    blocks = learned["weight_mean"].transpose("time", "realization", "direction", "post", "pre").values
    course: dict[int, dict[str, float]] = {}
    for index, step in enumerate(learned["last_step"].values):
        weights = _with_final(dataset["block_weights"].values, defined_mean(blocks[index], (0, 1)))
        terms = loss_terms(before, after[:, :, index], weights, layout)
        form = dataset.attrs["loss_form"]
        loss = {} if form == "targets" else {"loss": loss_of(terms, form)}
        course[int(step)] = {**loss, **terms}
    return course


def _with_final(table: FloatArray, final: FloatArray) -> FloatArray:
    """Return a weight table with other final means, shape (4, 3, 4, 4)."""
    changed = table.copy()
    changed[QUANTITIES.index("final"), STATISTICS.index("mean")] = final
    return changed
