"""How likely experiments' findings are, given a few circuits of a model, and how well that is known."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from l5tui.analysis.targets import target_rows
from l5tui.config.targets import Target
from l5tui.model.arrays import FloatArray

FAR: Final = 50.0
"""Nats below the best possible from which differences are compressed: no posterior reaches there."""
LOST: Final = 1e6
"""The same, uncompressed, of what diverged or is not defined."""
LEAST_NOISE: Final = 0.05
MODEST: Final = 4.0
"""Squared standard error of a mean over circuits, in squared uncertainties of its target, that is taken off."""


@dataclass(frozen=True)
class Likelihood:
    """A log-likelihood, estimated.

    Parameters
    ----------
    value : float
        Finite always.
    noise : float
        Its standard error, from the scatter over circuits; above 0.
    defined : bool
        Whether every measure was defined in every circuit.
    """

    value: float
    noise: float
    defined: bool


def log_likelihood(circuits: Sequence[Mapping[str, float]], targets: Mapping[str, Target]) -> Likelihood:
    """Gaussian log-likelihood of targets, from measures of single circuits.

    A value is compared with the mean over circuits; as the mean of few circuits scatters, its square is too large on
    average, and what it is too large by is taken off, as long as the mean's standard error is at most twice the
    target's uncertainty; what the squared error is more than that widens the target instead, so that circuits that
    scatter wildly never look good. A sign or an order costs nothing on the right side. Where the uncertainty is
    relative, deviations are taken relative to each circuit's own wanted value.

    Parameters
    ----------
    circuits : sequence of mapping of str to float
        Measures by their names, of at least two circuits.
    targets : mapping of str to Target
    """
    rows = [target_rows(each, targets) for each in circuits]
    ceiling = _ceiling(targets)
    with np.errstate(over="ignore", invalid="ignore"):
        deviations = np.array(
            [
                [
                    (row.predicted - row.wanted) / row.uncertainty if row.uncertainty > 0 else math.nan
                    for row in each
                ]
                for each in rows
            ]
        )
        weights = np.array([row.weight for row in rows[0]])
        relations = np.array([row.relation for row in rows[0]])
        defined = bool(len(rows) > 1 and np.isfinite(deviations).all() and (np.abs(deviations) < 1e100).all())
        if not defined:
            cost, noise = LOST, 1.0
        else:
            cost, noise = _cost(deviations, weights, relations)
    if cost > FAR:
        noise *= FAR / cost
        cost = FAR * (1 + math.log(cost / FAR))
    return Likelihood(ceiling - cost, max(noise, LEAST_NOISE), defined)


def _ceiling(targets: Mapping[str, Target]) -> float:
    """The log-likelihood of a model that hits every target."""
    return -sum(
        target.weight * math.log(target.uncertainty * math.sqrt(2 * math.pi))
        for target in targets.values()
        if target.demands == ("value",)
    )


def _cost(deviations: FloatArray, weights: FloatArray, relations: FloatArray) -> tuple[float, float]:
    """Nats below the ceiling, and their standard error; deviations (circuit, target) in standard deviations."""
    count = len(deviations)
    mean = deviations.mean(axis=0)
    error = deviations.var(axis=0, ddof=1) / count
    equal = relations == "="
    wrong = equal | ((relations == ">") & (mean < 0)) | ((relations == "<") & (mean > 0))
    effective = np.where(wrong, mean, 0.0)
    error = np.where(equal, error, 0.0)
    # What a mean is known too badly for widens the target, as no number of few circuits can be trusted to be near it.
    share = 1 / (1 + np.maximum(error - MODEST, 0.0))
    cost = 0.5 * float((weights * ((effective**2 - error) * share - np.log(share))).sum())
    influence = (deviations - mean) @ (weights * effective * share)
    linear = float(influence.var(ddof=1)) / count
    square = 0.5 * float(((weights * error * share) ** 2).sum())
    slope = np.where(error > MODEST, (error - effective**2) * share**2, -1.0)
    of_error = 0.5 * float(((weights * slope * error) ** 2).sum()) / (count - 1)
    # A mean that scatters is also the slope that its scatter is multiplied by, which counts that part twice.
    return cost, math.sqrt(max(linear - square, square) + of_error)
