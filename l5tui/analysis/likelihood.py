"""Likelihood of experimental findings, and its standard error, from a few circuits of a model."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from l5tui.analysis.targets import target_rows
from l5tui.config.targets import Target
from l5tui.model.arrays import FloatArray

FAR: Final = 50.0
"""Nats below the best possible from which differences are compressed: no posterior reaches there."""
LOST: Final = 1e6
"""The same, uncompressed, of a simulation that diverged or of measures that are not defined."""
LEAST_NOISE: Final = 0.05
MODEST: Final = 4.0
"""Squared standard error of a mean, in squared uncertainties of its target, from which the target is widened."""


@dataclass(frozen=True)
class Likelihood:
    """A likelihood, estimated from a few circuits in two ways; which one is right depends on how it is used.

    Parameters
    ----------
    value : float
        Unbiased estimate of log N(μ; y, σ²), with μ the mean over all circuits, for a surrogate of the logarithm
        (`vbmc`). Always finite. Its exponential is biased upward.
    noise : float
        Standard error of `value`, from the scatter over circuits; above 0.
    defined : bool
        Whether every measure was defined in every circuit.
    kernel : float
        Logarithm of the acceptance kernel N(m; y, σ²), with m the mean over the n simulated circuits, for particles
        (`abc`). The kernel itself, not its logarithm, is averaged over draws of circuits: its expectation is exactly
        the synthetic likelihood N(μ; y, σ² + τ²/n), with τ² the variance between circuits. Always finite.
    """

    value: float
    noise: float
    defined: bool
    kernel: float


def log_likelihood(circuits: Sequence[Mapping[str, float]], targets: Mapping[str, Target]) -> Likelihood:
    """Estimate the Gaussian log-likelihood of targets from measures of single circuits.

    The mean over circuits is compared with a target's value. The squared distance of a mean that scatters is too large
    on average by the squared standard error of the mean; `Likelihood.value` subtracts it, as long as this standard
    error is at most twice the target's uncertainty. Any excess widens the target instead, so that circuits that
    scatter wildly never look good. `Likelihood.kernel` subtracts and widens nothing. A sign or an order costs nothing
    on the right side. Where the uncertainty is relative, deviations are relative to each circuit's own wanted value.

    Parameters
    ----------
    circuits : sequence of mapping of str to float
        Measures by their names, of at least two circuits; the likelihood of fewer is not defined.
    targets : mapping of str to Target
        Targets by the name of their measure.

    Returns
    -------
    Likelihood
        In nats; always finite.

    References
    ----------
    Wood 2010, Nature 466:1102 (synthetic likelihood).

    Examples
    --------
    >>> from l5tui.config.targets import Target
    >>> targets = {"after/DS.CS": Target(value=0.3, uncertainty=0.1, source="example")}
    >>> found = log_likelihood([{"after/DS.CS": 0.2}, {"after/DS.CS": 0.4}], targets)
    >>> found.defined, round(found.kernel, 3)
    (True, 1.384)
    """
    # Without any circuit, as where a trial failed, nothing is defined.
    rows = [target_rows(each, targets) for each in circuits or [{}]]
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
            cost, noise, distance = LOST, 1.0, LOST
        else:
            cost, noise = _cost(deviations, weights, relations)
            distance = 0.5 * float((weights * _effective(deviations.mean(axis=0), relations) ** 2).sum())
    if cost > FAR:
        noise *= FAR / cost
    kernel = ceiling - _compressed(distance)
    return Likelihood(ceiling - _compressed(cost), max(noise, LEAST_NOISE), defined, kernel)


def _compressed(cost: float) -> float:
    """Nats below the ceiling, of which the logarithm counts beyond `FAR`."""
    return FAR * (1 + math.log(cost / FAR)) if cost > FAR else cost


def _effective(mean: FloatArray, relations: NDArray[np.str_]) -> FloatArray:
    """Mean deviations in standard deviations, 0 on the right side of a sign or an order, shape (target,)."""
    wrong = ((relations == ">") & (mean < 0)) | ((relations == "<") & (mean > 0))
    return np.where((relations == "=") | wrong, mean, 0.0)


def _ceiling(targets: Mapping[str, Target]) -> float:
    """Return the log-likelihood of a model that hits every target."""
    return -sum(
        target.weight * math.log(target.uncertainty * math.sqrt(2 * math.pi))
        for target in targets.values()
        if target.demands == ("value",)
    )


def _cost(deviations: FloatArray, weights: FloatArray, relations: NDArray[np.str_]) -> tuple[float, float]:
    """Nats below the ceiling, and their standard error; deviations (circuit, target) in standard deviations."""
    count = len(deviations)
    mean = deviations.mean(axis=0)
    error = deviations.var(axis=0, ddof=1) / count
    effective = _effective(mean, relations)
    error = np.where(relations == "=", error, 0.0)
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
