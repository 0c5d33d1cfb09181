"""Gaussian-process estimate of the objective along each parameter, through the best point."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from threadpoolctl import threadpool_limits

from l5tui.analysis.parameter_axis import ParameterAxis
from l5tui.analysis.ranks import from_gaussian_ranks, gaussian_ranks
from l5tui.analysis.study_table import StudyTable
from l5tui.model.arrays import FloatArray, IntArray

if TYPE_CHECKING:
    from sklearn.gaussian_process import GaussianProcessRegressor

FEWEST = 5
"""Number of trials with a value below which there are no slices."""

MOST = 400
"""Largest number of trials that the process is conditioned on, as its time grows with their cube."""

MOST_FITTED = 120
"""Largest number of trials that the kernel is fitted to."""

STEPS = 30
"""Largest number of iterations of the kernel's optimization."""


@dataclass(frozen=True)
class Slice:
    """Gaussian process along one parameter, with all others as at the best point.

    Parameters
    ----------
    axis : ParameterAxis
        Axis of the parameter.
    places : ndarray, shape (grid,)
        Places on the axis.
    mean, std : ndarray, shape (grid,)
        Of the normal score of the objective's rank among the trials; small is small. NaN where there are too
        few trials.
    median, lower, upper : ndarray, shape (grid,)
        The same as values of the objective: the process's median and the 16 % and 84 % quantiles. Mapping
        back keeps order, so they stay these quantiles; they cannot leave the range of what was seen.
    """

    axis: ParameterAxis
    places: FloatArray
    mean: FloatArray
    std: FloatArray
    median: FloatArray
    lower: FloatArray
    upper: FloatArray


@dataclass(frozen=True)
class Slices:
    """A slice for each parameter.

    Parameters
    ----------
    slices : tuple of Slice
        Empty if there are too few trials or all have the same value.
    best : int or None
        Row of the trial at whose point the slices cross.
    trials : int
        Number of trials that the process is fitted to.
    """

    slices: tuple[Slice, ...]
    best: int | None
    trials: int


def slices(table: StudyTable, count: int = 61) -> Slices:
    """Return slices of a Gaussian process through the best point.

    The process is fitted to normal scores of the ranks, as in the search. Its standard deviation is that of
    the expected score, without the noise of a repetition at the same point.

    Parameters
    ----------
    table : StudyTable
        Trials of the study.
    count : int
        Largest number of places along each interval.

    Returns
    -------
    Slices
        Empty if fewer than `FEWEST` trials have a value, or if all values are equal.
    """
    rows = _chosen(table, MOST)
    if table.chosen is None or len(rows) < FEWEST or len(np.unique(table.values[rows])) < 2:
        return Slices((), table.chosen, len(rows))
    process = _process(table, rows)
    grids = [axis.grid(count) for axis in table.axes]
    points = [_through(table, column, grid) for column, grid in enumerate(grids)]
    means, stds = process.predict(_columns(table.axes, np.concatenate(points)), return_std=True)
    ends = np.cumsum([len(grid) for grid in grids])[:-1]
    # A kernel with noise in it gives back the spread of a new trial: what is shown is that of their mean.
    noise = float(process.kernel_.k2.noise_level) * float(process._y_train_std) ** 2
    spreads = np.sqrt(np.maximum(stds**2 - noise, 0.0))
    parts = zip(table.axes, grids, np.split(means, ends), np.split(spreads, ends), strict=True)
    values = table.values[rows]
    return Slices(tuple(_slice(*part, values) for part in parts), table.chosen, len(rows))


def _slice(
    axis: ParameterAxis, grid: FloatArray, mean: FloatArray, std: FloatArray, values: FloatArray
) -> Slice:
    median, lower, upper = (from_gaussian_ranks(mean + shift * std, values) for shift in (0.0, -1.0, 1.0))
    return Slice(axis, grid, mean, std, median, lower, upper)


def _through(table: StudyTable, column: int, grid: FloatArray) -> FloatArray:
    """Places in the unit cube along one axis through the best point, shape (grid, dimension)."""
    points = np.tile(table.units[table.chosen], (len(grid), 1))
    points[:, column] = table.axes[column].units(grid)
    return points


def _chosen(table: StudyTable, most: int) -> IntArray:
    """Rows with a value; of too many, the best half as many and the rest evenly through the others."""
    rows = np.flatnonzero(table.finished)
    if len(rows) <= most:
        return rows
    order = rows[np.argsort(-table.values[rows] if table.maximize else table.values[rows], kind="stable")]
    others = np.sort(order[most // 2 :])
    kept = np.linspace(0, len(others) - 1, most - most // 2).round().astype(int)
    return np.sort(np.concatenate([order[: most // 2], others[kept]]))


def _process(table: StudyTable, rows: IntArray) -> GaussianProcessRegressor:
    """Return a Gaussian process of the ranks of all trials, with a kernel fitted to a subset of them."""
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import Matern, WhiteKernel

    known = _columns(table.axes, table.units[rows])
    scores = gaussian_ranks(table.values[rows])
    spaced = np.unique(np.linspace(0, len(rows) - 1, min(len(rows), MOST_FITTED)).round().astype(int))
    start = Matern(np.full(known.shape[1], 0.5), (0.05, 20.0), nu=2.5) + WhiteKernel(1e-2, (1e-5, 0.5))
    # Threads cost such small matrices more than they gain.
    with threadpool_limits(limits=1, user_api="blas"), warnings.catch_warnings():
        # Of a length at its bound: a parameter that does not matter has one.
        warnings.simplefilter("ignore")
        fitted = GaussianProcessRegressor(start, alpha=1e-8, optimizer=_minimum, normalize_y=True)
        fitted.fit(known[spaced], scores[spaced])
        process = GaussianProcessRegressor(fitted.kernel_, alpha=1e-8, optimizer=None, normalize_y=True)
        return process.fit(known, scores)


def _minimum(objective: Any, start: FloatArray, bounds: FloatArray) -> tuple[FloatArray, float]:
    from scipy.optimize import minimize

    found = minimize(
        objective,
        start,
        method="L-BFGS-B",
        jac=True,
        bounds=list(map(tuple, bounds)),
        options={"maxiter": STEPS},
    )
    return found.x, float(found.fun)


def _columns(axes: Sequence[ParameterAxis], units: FloatArray) -> FloatArray:
    """Places as the process sees them: a column for an interval, one for each choice."""
    columns = []
    for axis, column in zip(axes, units.T, strict=True):
        if axis.choices:
            chosen = np.minimum((column * len(axis.choices)).astype(int), len(axis.choices) - 1)
            columns += [(chosen == each).astype(float) for each in range(len(axis.choices))]
        else:
            columns.append(column)
    return np.stack(columns, axis=1)
