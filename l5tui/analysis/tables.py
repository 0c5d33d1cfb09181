"""Measures of a run as plain rows, for the catalogue, MLflow, CSV and JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

from l5tui.analysis.targets import TargetRow, stored_target_rows
from l5tui.config.measure_names import CELL_COUNTS, CONDITIONS, COUNT
from l5tui.config.populations import POPULATIONS

if TYPE_CHECKING:
    import xarray as xr

    from l5tui.model.arrays import FloatArray


@dataclass(frozen=True)
class SelectivityRow:
    """One cell of the selectivity table.

    Parameters
    ----------
    condition : str
        ``before`` or ``after`` learning.
    measure : str
        ``rate``, ``OS``, ``DS``, ``OS_p``, ``OS_vector`` or ``DS_vector``.
    statistic : str
        ``mean`` over realizations, ``std_of_means`` of the realizations' means, or ``mean_of_stds``, the mean
        of their standard deviations over neurons.
    population : str
        CS, CC, PV or SST.
    value : float
        NaN where it is not defined.
    """

    condition: str
    measure: str
    statistic: str
    population: str
    value: float


@dataclass(frozen=True)
class WeightRow:
    """One cell of the weight table.

    Parameters
    ----------
    post, pre : str
        Populations of the block.
    quantity : str
        ``initial``, ``final``, ``change`` or ``target``.
    statistic : str
        As in `SelectivityRow`; ``mean_of_stds`` is over the block's pairs.
    value : float
        NaN where it is not defined.
    """

    post: str
    pre: str
    quantity: str
    statistic: str
    value: float


@dataclass(frozen=True)
class RunTables:
    """All measures of a run.

    Parameters
    ----------
    selectivity : tuple of SelectivityRow
        Rate and selectivity before and after learning.
    weights : tuple of WeightRow
        Mean weights of the 16 blocks.
    summary : mapping of str to float
        One number a name; counts are whole numbers, undefined ones NaN.
    loss : float
        The loss; NaN where a term is not defined.
    loss_terms : mapping of str to float
        Each term, before it is weighted.
    targets : tuple of TargetRow
        Experimental findings and the distance of the run from each.
    cells : tuple of SelectivityRow
        Cells behind the means, summed over realizations: the measure is one of
        `l5tui.config.measure_names.CELL_COUNTS`, the statistic `COUNT`. Empty for runs of earlier versions.
    """

    selectivity: tuple[SelectivityRow, ...]
    weights: tuple[WeightRow, ...]
    summary: Mapping[str, float]
    loss: float
    loss_terms: Mapping[str, float]
    targets: tuple[TargetRow, ...] = ()
    cells: tuple[SelectivityRow, ...] = ()


def cells_with_spread(tables: RunTables) -> dict[tuple[str, str, str], tuple[float, float]]:
    """Return the mean and the standard deviation of the realizations' means.

    One realization has no such deviation: it is NaN whatever its row contains, as the original variant and
    earlier versions divide by n and store 0.

    Parameters
    ----------
    tables : RunTables
        Measures of a run.

    Returns
    -------
    dict of (str, str, str) to (float, float)
        Mean and standard deviation by (condition, measure, population).
    """
    cells = {
        (row.condition, row.measure, row.statistic, row.population): row.value for row in tables.selectivity
    }
    alone = tables.summary.get("realizations") == 1
    return {
        (condition, measure, population): (
            mean,
            math.nan if alone else cells[condition, measure, "std_of_means", population],
        )
        for (condition, measure, statistic, population), mean in cells.items()
        if statistic == "mean"
    }


def named_measures(tables: RunTables) -> dict[str, float]:
    """Return every number of the tables except the loss, by name.

    Parameters
    ----------
    tables : RunTables
        Measures of a run.

    Returns
    -------
    dict of str to float
        ``loss/TERM``, ``CONDITION/MEASURE.POPULATION``, ``weight_QUANTITY/POST_from_PRE``, ``summary/NAME`` and
        ``cells_CONDITION/COUNT.POPULATION``; a
        statistic other than the mean is added at the end, as in ``before/rate.PV.std_of_means``. NaN where a
        number is not defined.
    """
    cells = {f"cells_{row.condition}/{row.measure}.{row.population}": row.value for row in tables.cells}
    measures = {f"loss/{term}": value for term, value in tables.loss_terms.items()}
    for row in tables.selectivity:
        name = f"{row.condition}/{row.measure}.{row.population}"
        measures[_with_statistic(name, row.statistic)] = row.value
    for cell in tables.weights:
        name = f"weight_{cell.quantity}/{cell.post}_from_{cell.pre}"
        measures[_with_statistic(name, cell.statistic)] = cell.value
    return measures | {f"summary/{name}": value for name, value in tables.summary.items()} | cells


def run_tables(dataset: xr.Dataset) -> RunTables:
    """Return the tables of a run from its dataset alone.

    Parameters
    ----------
    dataset : xarray.Dataset
        As `l5tui.analysis.run_dataset.run_dataset` returns it, or as read from a file.

    Returns
    -------
    RunTables
    """
    selectivity, weights = dataset["selectivity"], dataset["block_weights"]
    summary = json.loads(dataset.attrs["summary"])
    return RunTables(
        selectivity=tuple(
            SelectivityRow(condition, measure, statistic, population, value)
            for (condition, measure, statistic, population), value in _cells(selectivity)
        ),
        weights=tuple(
            WeightRow(post, pre, quantity, statistic, value)
            for (quantity, statistic, post, pre), value in _cells(weights)
        ),
        summary={name: math.nan if value is None else value for name, value in summary.items()},
        loss=float(dataset.attrs["loss"]),
        loss_terms={str(term): float(value) for (term,), value in _cells(dataset["loss_terms"])},
        targets=stored_target_rows(dataset),
        cells=() if "cells" not in dataset else count_rows(dataset["cells"].sum("realization").values),
    )


def count_rows(counts: FloatArray) -> tuple[SelectivityRow, ...]:
    """Return counts of cells as rows.

    Parameters
    ----------
    counts : ndarray, shape (condition, count, population)
        Summed over realizations.

    Returns
    -------
    tuple of SelectivityRow
        With the statistic `COUNT`.
    """
    labels = product(CONDITIONS, CELL_COUNTS, POPULATIONS)
    return tuple(
        SelectivityRow(condition, name, COUNT, population, float(value))
        for (condition, name, population), value in zip(labels, counts.ravel(), strict=True)
    )


def _with_statistic(name: str, statistic: str) -> str:
    return name if statistic == "mean" else f"{name}.{statistic}"


def _cells(array: xr.DataArray) -> Iterator[tuple[tuple[str, ...], float]]:
    """Every value of an array with its labels, in order."""
    labels = product(*([str(label) for label in array[dim].values] for dim in array.dims))
    return zip(labels, (float(value) for value in array.values.ravel()), strict=True)
