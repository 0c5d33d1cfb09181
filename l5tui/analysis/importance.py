"""Importance of each searched parameter for the objective."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from l5tui.analysis.ranks import gaussian_ranks
from l5tui.analysis.study_table import StudyTable
from l5tui.model.arrays import FloatArray, IntArray

FEWEST = 10
"""Number of trials with a value below which importance is not defined."""

MOST = 1000
"""Largest number of trials that the forest learns from: the last ones."""

FOLDS = 5
REPEATS = 2
TREES = 40
SHUFFLES = 4
"""Number of times that a parameter is shuffled in each held-out part."""


@dataclass(frozen=True)
class Importance:
    """Share of each parameter in a random forest's prediction.

    Parameters
    ----------
    paths : tuple of str
        The searched parameters.
    mean : ndarray, shape (dimension,)
        Sums to 1; NaN where there are too few trials, or where nothing can be predicted.
    spread : ndarray, shape (dimension,)
        Standard deviation over the held-out parts, on the same scale.
    explained : float
        Share of the variance of the ranks of held-out trials that the forest predicts: below about 0.3 the
        shares say little. NaN as above.
    trials : int
        Number of trials that the forest learns from.
    """

    paths: tuple[str, ...]
    mean: FloatArray
    spread: FloatArray
    explained: float
    trials: int


def importance(table: StudyTable, seed: int = 0) -> Importance:
    """Estimate the importance of each parameter by permutation (Breiman 2001, Mach. Learn. 45:5).

    A random forest learns the normal scores of the objective's ranks. The importance of a parameter is the
    rise of the squared error on held-out trials when its values are shuffled among them. It holds for the
    part of the space that the search has sampled, which in a Bayesian search is mostly near the best points.

    Parameters
    ----------
    table : StudyTable
        Trials of the study.
    seed : int
        The same seed gives the same numbers.

    Returns
    -------
    Importance
        NaN if fewer than `FEWEST` trials have a value, or if all values are equal.
    """
    rows = np.flatnonzero(table.finished)[-MOST:]
    undefined = np.full(len(table.axes), np.nan)
    nothing = Importance(table.paths, undefined, undefined, np.nan, len(rows))
    if len(rows) < FEWEST or len(np.unique(table.values[rows])) < 2:
        return nothing
    scores = gaussian_ranks(table.values[rows])
    rises, errors = _rises(table.units[rows], scores, seed)
    means = np.maximum(rises.mean(axis=0), 0.0)
    explained = 1.0 - float(errors.mean() / scores.var())
    if not means.sum() > 0:
        return Importance(table.paths, undefined, undefined, explained, len(rows))
    total = means.sum()
    return Importance(table.paths, means / total, rises.std(axis=0) / total, explained, len(rows))


def _rises(units: FloatArray, scores: FloatArray, seed: int) -> tuple[FloatArray, FloatArray]:
    """Rise of the squared error in each held-out part, shape (part, dimension), and the error itself."""
    from sklearn.ensemble import RandomForestRegressor

    generator = np.random.default_rng(seed)
    rises, errors = [], []
    for held_out in _parts(len(scores), generator):
        seen = np.setdiff1d(np.arange(len(scores)), held_out)
        forest = RandomForestRegressor(
            TREES, min_samples_leaf=2, random_state=int(generator.integers(2**31)), n_jobs=1
        ).fit(units[seen], scores[seen])
        shuffled = _shuffled(units[held_out], generator)
        predicted = forest.predict(shuffled.reshape(-1, units.shape[1])).reshape(shuffled.shape[:-1])
        error = ((predicted - scores[held_out]) ** 2).mean(axis=-1)
        errors.append(error[0, 0])
        rises.append(error[1:].mean(axis=1) - error[0, 0])
    return np.array(rises), np.array(errors)


def _parts(count: int, generator: np.random.Generator) -> list[IntArray]:
    """Rows to hold out: everything once in `FOLDS` parts, `REPEATS` times."""
    return [
        part
        for _ in range(REPEATS)
        for part in np.array_split(generator.permutation(count), FOLDS)
        if len(part)
    ]


def _shuffled(units: FloatArray, generator: np.random.Generator) -> FloatArray:
    """Return the rows as they are, then with each column shuffled.

    The result has shape (1 + dimension, shuffle, row, dimension). All rows are predicted in one call, because a
    call of the forest costs more than its predictions.
    """
    rows, dimensions = units.shape
    copies = np.broadcast_to(units, (1 + dimensions, SHUFFLES, rows, dimensions)).copy()
    for column in range(dimensions):
        for shuffle in range(SHUFFLES):
            copies[1 + column, shuffle, :, column] = generator.permutation(units[:, column])
    return copies
