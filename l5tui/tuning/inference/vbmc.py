"""Variational Bayesian Monte Carlo (Acerbi 2020, NeurIPS 33): a Gaussian process of the noisy likelihood."""

from __future__ import annotations

import logging
import warnings

import numpy as np

from l5tui.model.arrays import FloatArray
from l5tui.tuning.inference.libraries import library
from l5tui.tuning.inference.posterior import Posterior
from l5tui.tuning.inference.prior import Prior
from l5tui.tuning.inference.simulator import Simulator

EDGE = 0.1
"""Part of each range, at both ends, that the first points stay away from."""
QUIET = logging.CRITICAL


def run_vbmc(
    simulator: Simulator, prior: Prior, dimensions: int, budget: int, draws: int, seed: int
) -> Posterior:
    """Infer by VBMC.

    Parameters
    ----------
    simulator : Simulator
        Its first points are evaluated at once, the others one after the other, as each depends on those before it.
    prior : Prior
    dimensions : int
    budget : int
        Points that may be simulated.
    draws : int
        Of the posterior that is found.
    seed : int
    """
    from threadpoolctl import threadpool_limits

    def target(units: FloatArray) -> tuple[FloatArray, FloatArray]:
        found = simulator.evaluate(np.atleast_2d(units))
        return np.array([each.value for each in found]), np.array([each.noise for each in found])

    low, high = np.zeros((1, dimensions)), np.ones((1, dimensions))
    options = {
        "specify_target_noise": True,
        "vectorized_target": True,
        "max_fun_evals": budget,
        "display": "off",
        "show_tips": False,
    }
    # More threads gain nothing on matrices of this size, and would make the bits depend on their number.
    with threadpool_limits(limits=1, user_api="blas"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        search = library("pyvbmc").VBMC(
            target,
            np.full((1, dimensions), 0.5),
            low,
            high,
            low + EDGE,
            high - EDGE,
            options=options,
            log_prior=lambda units: float(prior.log_density(np.atleast_2d(units))[0]),
            seed=seed,
        )
        found, told = search.optimize()
        units = np.clip(found.sample(draws)[0], 0, 1)
        density = np.asarray(found.pdf(units, log_flag=True)).ravel()
    return Posterior(
        method="vbmc",
        units=units,
        log_density=density,
        log_evidence=float(told["elbo"]),
        log_evidence_sd=float(told["elbo_sd"]),
        converged=bool(told["success_flag"]),
        message=" ".join(str(told["message"]).split()),
        evaluations=simulator.used,
    )
