"""Approximate Bayesian computation by sequential Monte Carlo: no surrogate, and no family of distributions.

Simulated measures are accepted with the probability that the targets' uncertainties give their distance (Wilkinson
2013, Stat. Appl. Genet. Mol. Biol. 12:129), first tempered, then in full (Del Moral et al. 2006, J. R. Stat. Soc. B
68:411). Each particle keeps its simulated circuits, so that the posterior is that of the expected acceptance (Andrieu
and Roberts 2009, Ann. Stat. 37:697): the synthetic likelihood N(μ; y, σ² + τ²/n) of Wood (2010, Nature 466:1102), where
a measure has the mean μ and the standard deviation τ over circuits, and n circuits are simulated at each point.
"""

from __future__ import annotations

import math

import numpy as np

from l5tui.model.arrays import FloatArray
from l5tui.tuning.inference.posterior import Estimate, Posterior, Watcher
from l5tui.tuning.inference.prior import Prior
from l5tui.tuning.inference.simulator import Simulator

GENERATIONS = 6
"""Parts that the budget is shared out in."""
FEWEST = 10
"""Particles, at least."""
SETTLED = 2
DIFFERENT = 50
"""Generations at the full likelihood, and different draws in them, from which it counts as converged."""
KEPT = 0.5
"""Share of the particles that a generation's weights must be worth."""


def run_smc(
    simulator: Simulator,
    prior: Prior,
    dimensions: int,
    budget: int,
    draws: int,
    seed: int,
    watch: Watcher = lambda estimate: None,
) -> Posterior:
    """Infer by sequential Monte Carlo.

    Parameters
    ----------
    simulator, prior, dimensions, budget, draws, seed, watch
        As in `l5tui.tuning.inference.vbmc.run_vbmc`; each generation is evaluated at once.
    """
    from scipy.special import logsumexp
    from scipy.stats import qmc

    random = np.random.default_rng(seed)
    count = max(FEWEST, budget // GENERATIONS)
    with np.errstate(all="ignore"):
        uniforms = qmc.Sobol(dimensions, rng=random).random(2 ** math.ceil(math.log2(count)))[:count]
    units = prior.transform(uniforms)
    values = _values(simulator, units)
    temper, evidence, variance = 0.0, 0.0, 0.0
    settled, kept_units, accepted = 0, [], []
    while simulator.used + count <= budget or temper == 0:
        if temper < 1:
            step = _next_temper(values, temper)
            logs = (step - temper) * values
            evidence += float(logsumexp(logs) - math.log(count))
            weights = np.exp(logs - logsumexp(logs))
            variance += float(np.sum(weights**2) - 1 / count)
            chosen = _resampled(weights, random)
            units, values, temper = units[chosen], values[chosen], step
        if simulator.used + count > budget:
            break
        units, values, share = _moved(simulator, prior, units, values, temper, random)
        accepted.append(share)
        if temper == 1:
            settled += 1
            kept_units.append((units, values))
        known = np.concatenate([each for each, _ in kept_units]) if kept_units else units
        stage = f"at {100 * temper:.3g} % of the likelihood"
        watch(Estimate(known, evidence, math.sqrt(variance), simulator.used, False, stage))
    if not kept_units:
        kept_units = [(units, values)]
    pool, pool_values = (np.concatenate(each) for each in zip(*kept_units, strict=True))
    rows = random.integers(len(pool), size=draws)
    different = len(np.unique(pool, axis=0))
    moved = f"{100 * np.mean(accepted):.0f} % of the moves accepted" if accepted else "no moves"
    message = f"the budget ended at {100 * temper:.0f} % of the likelihood; increase it"
    if temper == 1:
        message = f"{settled} generations of {count} particles in full, {moved}, {different} different draws"
    return Posterior(
        method="abc",
        units=pool[rows],
        log_density=pool_values[rows] + prior.log_density(pool[rows]),
        log_evidence=evidence,
        log_evidence_sd=math.sqrt(variance),
        converged=settled >= SETTLED and different >= DIFFERENT,
        message=message,
        evaluations=simulator.used,
    )


def _values(simulator: Simulator, units: FloatArray) -> FloatArray:
    return np.array([each.kernel for each in simulator.evaluate(units)])


def _next_temper(values: FloatArray, temper: float) -> float:
    """Return the largest power of the likelihood at which the weights are still worth `KEPT` of the particles."""
    from scipy.optimize import brentq

    def spare(step: float) -> float:
        logs = (step - temper) * (values - values.max())
        weights = np.exp(logs)
        return float(weights.sum() ** 2 / (weights**2).sum() - KEPT * len(values))

    if spare(1.0) >= 0:
        return 1.0
    return float(brentq(spare, temper, 1.0, xtol=1e-6))


def _resampled(weights: FloatArray, random: np.random.Generator) -> FloatArray:
    """Rows that survive, by systematic resampling."""
    places = (random.random() + np.arange(len(weights))) / len(weights)
    rows: FloatArray = np.minimum(np.searchsorted(np.cumsum(weights), places), len(weights) - 1)
    return rows


def _moved(
    simulator: Simulator,
    prior: Prior,
    units: FloatArray,
    values: FloatArray,
    temper: float,
    random: np.random.Generator,
) -> tuple[FloatArray, FloatArray, float]:
    """One step of Metropolis and Hastings for each particle; those that would leave the cube are reflected."""
    dimensions = units.shape[1]
    spread = np.cov(units.T).reshape(dimensions, dimensions) + 1e-6 * np.eye(dimensions)
    steps = random.multivariate_normal(np.zeros(dimensions), 2.38**2 / dimensions / 2 * spread, len(units))
    proposed = 1 - np.abs(1 - np.mod(units + steps, 2))
    new = _values(simulator, proposed)
    gain = temper * (new - values) + prior.log_density(proposed) - prior.log_density(units)
    taken = np.log(random.random(len(units))) < gain
    return np.where(taken[:, None], proposed, units), np.where(taken, new, values), float(taken.mean())
