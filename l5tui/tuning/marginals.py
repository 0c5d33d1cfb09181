"""How one parameter of an inference is distributed, in numbers and in parts of its range."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from l5tui.model.arrays import FloatArray

BINS: Final = 10
"""Parts of a parameter's range that its marginal is shown in."""


@dataclass(frozen=True)
class Marginal:
    """The marginal of one parameter.

    Parameters
    ----------
    mean, std : float
    low, high : float
        Ends of the 90 % interval between the quantiles 0.05 and 0.95.
    shares : tuple of float
        Probability of each tenth of the parameter's range, of its logarithm where it is searched by that.
    """

    mean: float
    std: float
    low: float
    high: float
    shares: tuple[float, ...]


def marginal(values: FloatArray, spread: Mapping[str, Any], weights: FloatArray | None = None) -> Marginal:
    """Describe draws of a parameter.

    Parameters
    ----------
    values : ndarray, shape (draw,)
    spread : mapping
        Its range: ``low``, ``high`` and maybe ``log``.
    weights : ndarray, shape (draw,), optional
        By default each draw is as likely as any other.
    """
    import numpy as np

    each = np.ones(len(values)) if weights is None else weights
    order = np.argsort(values)
    reached = np.cumsum(each[order]) / each.sum()
    low, high = (float(values[order][np.searchsorted(reached, share)]) for share in (0.05, 0.95))
    scale = np.log if spread.get("log") else np.asarray
    ends = scale(np.array([spread["low"], spread["high"]], dtype=float))
    counts, _ = np.histogram(scale(values), bins=BINS, range=(float(ends[0]), float(ends[1])), weights=each)
    mean = float(np.average(values, weights=each))
    std = math.sqrt(float(np.average((values - mean) ** 2, weights=each)))
    return Marginal(mean, std, low, high, tuple((counts / each.sum()).tolist()))
