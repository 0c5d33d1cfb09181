"""The expected improvement, and where it is largest."""

from __future__ import annotations

from typing import Any

import numpy as np
from bayes_opt.acquisition import AcquisitionFunction

from l5tui.model.arrays import BoolArray, FloatArray
from l5tui.tuning.proposers.encoding import encode_units, snap
from l5tui.tuning.space import SearchSpace

GLOBAL = 2000
LOCAL = 500
SPREADS = (0.2, 0.05, 0.01)
"""Widths, in units of the cube, of the clouds around the best points."""
CENTRES = 4
ROUNDS = 3
SAME_PLACE = 1e-6
"""Distance along every axis within which two points are one."""


class ImprovementOfBest(AcquisitionFunction):
    """The logarithm of the expected improvement, sought by sampling: far and wide, then near what is best.

    The logarithm still differs between points whose expected improvement underflows (Ament et al. 2023, NeurIPS 36).

    Parameters
    ----------
    space : SearchSpace
    """

    def __init__(self, space: SearchSpace) -> None:
        super().__init__()
        self._search_space = space
        self._best = 0.0
        self._noise = 0.0
        self._known: FloatArray = np.zeros((0, 0))
        self.chosen: FloatArray | None = None
        """Place in the unit cube that was suggested last."""

    def base_acq(self, mean: FloatArray, std: FloatArray) -> FloatArray:
        """Logarithm of the expected improvement over the best target, for normal predictions."""
        from scipy.special import log_ndtr

        std = np.maximum(std, 1e-12)
        z = (mean - self._best) / std
        # EI = σ (φ(z) + z Φ(z)); for z far below 0 it tends to σ φ(z) / z².
        phi = np.exp(-0.5 * z**2) / np.sqrt(2 * np.pi)
        with np.errstate(divide="ignore", invalid="ignore"):
            near = np.log(np.maximum(phi + z * np.exp(log_ndtr(z)), 0.0))
            far = -0.5 * z**2 - 0.5 * np.log(2 * np.pi) - 2 * np.log(np.abs(z))
        logarithm: FloatArray = np.log(std) + np.where(z > -6, near, far)
        return logarithm

    def suggest(
        self,
        gp: Any,
        target_space: Any,
        n_random: int = GLOBAL,
        n_smart: int = ROUNDS,
        fit_gp: bool = True,
        random_state: Any = None,
    ) -> FloatArray:
        """Return the most promising row; its place in the unit cube is `chosen`."""
        if fit_gp:
            self._fit_gp(gp, target_space)
        self._best = float(target_space.target.max())
        self._known = target_space.params
        # Of a kernel that is a sum of which the second part is the noise, on the scale of the targets.
        self._noise = float(gp.kernel_.k2.noise_level) * float(gp._y_train_std) ** 2
        order = np.argsort(-target_space.target, kind="stable")[:CENTRES]
        centres = _decode(self._search_space, target_space.params[order])
        units = np.concatenate([random_state.random_sample((n_random, centres.shape[1])), centres])
        units = np.concatenate([units, *(self._cloud(centres, s, random_state) for s in SPREADS)])
        best, value = self._largest(gp, units)
        for spread in SPREADS[-1] * 0.5 ** np.arange(n_smart):
            found, higher = self._largest(gp, self._cloud(best[None], 2 * spread, random_state))
            if higher > value:
                best, value = found, higher
        self.chosen = best
        row: FloatArray = encode_units(self._search_space, best[None])[0]
        return row

    def _cloud(self, centres: FloatArray, spread: float, random_state: Any) -> FloatArray:
        """Points around some centres, each moved along some of the dimensions only."""
        count, dimensions = LOCAL // len(centres), centres.shape[1]
        repeated = np.repeat(centres, count, axis=0)
        moved = random_state.random_sample(repeated.shape) < max(0.5, 1 / dimensions)
        moved[np.arange(len(moved)), random_state.randint(dimensions, size=len(moved))] = True
        return np.asarray(repeated + moved * spread * random_state.standard_normal(repeated.shape))

    def _largest(self, gp: Any, units: FloatArray) -> tuple[FloatArray, float]:
        units = snap(self._search_space, units)
        rows = encode_units(self._search_space, units)
        mean, std = gp.predict(rows, return_std=True)
        # What a trial would scatter by promises nothing; only what is not known of the mean does.
        latent = np.sqrt(np.maximum(std**2 - self._noise, 1e-12))
        values = self.base_acq(mean, latent)
        values[self._are_known(rows)] = -np.inf
        index = int(np.argmax(values))
        return units[index], float(values[index])

    def _are_known(self, rows: FloatArray) -> BoolArray:
        """Which rows are those of trials, shape (point,)."""
        nearest = np.full(len(rows), np.inf)
        for known in self._known:
            np.minimum(nearest, np.abs(rows - known).max(axis=1), out=nearest)
        return np.asarray(nearest < SAME_PLACE)

    def get_acquisition_params(self) -> dict[str, Any]:
        """Nothing that would have to be kept."""
        return {}

    def set_acquisition_params(self, params: dict[str, Any]) -> None:
        """Nothing that would have to be set."""


def _decode(space: SearchSpace, rows: FloatArray) -> FloatArray:
    """Places in the unit cube of rows, shape (point, dimension)."""
    columns, at = [], 0
    for dimension in space.dimensions:
        if dimension.choices:
            count = len(dimension.choices)
            columns.append((np.argmax(rows[:, at : at + count], axis=1) + 0.5) / count)
            at += count
        else:
            columns.append(rows[:, at])
            at += 1
    return np.stack(columns, axis=1)
