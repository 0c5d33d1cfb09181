"""Bayesian optimization: a Gaussian process of what was seen, and the point that promises most."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from threadpoolctl import threadpool_limits

from l5tui.model.arrays import FloatArray
from l5tui.tuning.proposers.encoding import encode
from l5tui.tuning.proposers.proposer import Observation, trial_generator
from l5tui.tuning.proposers.sobol import SobolSequence
from l5tui.tuning.space import Point, SearchSpace

if TYPE_CHECKING:
    from bayes_opt import BayesianOptimization
    from sklearn.gaussian_process.kernels import Kernel

OFTEN = 40
"""Observations up to which the kernel is fitted afresh each time; it takes longer the more there are."""
REFIT_EVERY = 10
"""Observations after which it is fitted again, from `OFTEN` on."""


class BayesianSearch:
    """Fits a Gaussian process to the trials so far and maximizes the expected improvement.

    The first points come from a Sobol' sequence. Points that are running count as if they had come out as badly
    as the worst so far, so that no two workers try the same (constant liar; Ginsbourger et al. 2010).

    Parameters
    ----------
    space : SearchSpace
    seed : int
    initial : int
        Number of trials of the initial design, before the Gaussian process is used.
    """

    limit: int | None = None

    def __init__(self, space: SearchSpace, seed: int, initial: int) -> None:
        self._space = space
        self._seed = seed
        self._initial = initial
        self._first = SobolSequence(space, seed)
        self._fitted: tuple[bytes, Kernel] | None = None

    def propose(self, number: int, observed: Sequence[Observation], pending: Sequence[Point]) -> Point:
        """See `l5tui.tuning.proposers.proposer.Proposer`."""
        scores = np.array([each.score for each in observed])
        if number < self._initial or len(np.unique(scores)) < 2:
            return self._first.propose(number, observed, pending)
        # More threads gain nothing on matrices of this size, and would make the bits depend on their number.
        with threadpool_limits(limits=1, user_api="blas"):
            return self._most_promising(number, observed, pending)

    def _most_promising(
        self, number: int, observed: Sequence[Observation], pending: Sequence[Point]
    ) -> Point:
        from l5tui.tuning.proposers.acquisition import ImprovementOfBest

        scores = np.array([each.score for each in observed])
        random = np.random.RandomState(trial_generator(self._seed, number).integers(2**32, dtype=np.uint32))
        targets = -tamed(scores)
        acquisition = ImprovementOfBest(self._space)
        rows = encode(self._space, [each.point for each in observed])
        optimizer = _optimizer(rows, targets, acquisition)
        self._set_kernel(optimizer, rows, scores)
        if pending:
            # As the kernel is set, a lie changes what is expected near it and nothing else.
            lies = np.full(len(pending), targets.min())
            _register(optimizer, encode(self._space, pending), lies)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            acquisition.suggest(optimizer._gp, optimizer.space, random_state=random)
        assert acquisition.chosen is not None
        return self._space.point(acquisition.chosen)

    def _set_kernel(self, optimizer: BayesianOptimization, rows: FloatArray, scores: FloatArray) -> None:
        """Give the process a kernel fitted to the observations, or to the first of them where they are many."""
        from sklearn.gaussian_process.kernels import Matern, WhiteKernel

        count = len(scores)
        known = count if count <= OFTEN else max(OFTEN, count - count % REFIT_EVERY)
        fitted_to = scores[:known].tobytes()
        if self._fitted is None or self._fitted[0] != fitted_to:
            start = Matern(np.full(rows.shape[1], 0.5), (0.05, 20.0), nu=2.5) + WhiteKernel(1e-2, (1e-5, 0.5))
            optimizer.set_gp_params(kernel=start, alpha=1e-8, n_restarts_optimizer=0, normalize_y=True)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                optimizer._gp.fit(rows[:known], -tamed(scores[:known]))
            self._fitted = fitted_to, optimizer._gp.kernel_
        optimizer._gp.set_params(kernel=self._fitted[1], optimizer=None)


def tamed(scores: FloatArray) -> FloatArray:
    """Scores on a scale on which the process can model them: fine near the best, coarse far from it.

    A loss has a heavy tail where rates run into their cap or a population dies. What is worse than the median
    counts as the median, and the rest by the logarithm of its distance from the best, in units of the lower
    quarter's.

    Parameters
    ----------
    scores : ndarray, shape (trial,)
    """
    best, quarter, middle = np.quantile(scores, (0.0, 0.25, 0.5))
    unit = (quarter - best) or (middle - best) or 1.0
    tame: FloatArray = np.log1p((np.minimum(scores, middle) - best) / unit)
    return tame


def _optimizer(rows: FloatArray, targets: FloatArray, acquisition: Any) -> BayesianOptimization:
    from bayes_opt import BayesianOptimization

    bounds = {f"{index:04d}": (0.0, 1.0) for index in range(rows.shape[1])}
    optimizer = BayesianOptimization(
        None, bounds, acquisition_function=acquisition, random_state=0, verbose=0
    )
    _register(optimizer, rows, targets)
    return optimizer


def _register(optimizer: BayesianOptimization, rows: FloatArray, targets: FloatArray) -> None:
    """Register observations; of several at one point only the best, because the optimizer accepts one for a point."""
    for index in np.argsort(-targets, kind="stable"):
        if rows[index] not in optimizer.space:
            optimizer.space.register(rows[index], float(targets[index]))
