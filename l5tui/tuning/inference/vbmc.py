"""Variational Bayesian Monte Carlo (Acerbi 2020, NeurIPS 33): a Gaussian process of the noisy likelihood."""

from __future__ import annotations

import copy
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from l5tui.model.arrays import FloatArray
from l5tui.tuning.inference.libraries import library
from l5tui.tuning.inference.posterior import Estimate, Posterior, Watcher
from l5tui.tuning.inference.prior import Prior
from l5tui.tuning.inference.simulator import Simulator

log = logging.getLogger(__name__)

EDGE = 0.1
"""Part of each range, at both ends, that the first points stay away from."""
WATCHED_DRAWS = 2000
"""Of the posterior of each iteration, to be shown."""
LOGGERS = ("VBMC", "VBMC_init")
"""PyVBMC's own, which write on standard output, where others expect lines of JSON or a table."""


def run_vbmc(
    simulator: Simulator,
    prior: Prior,
    dimensions: int,
    budget: int,
    draws: int,
    seed: int,
    watch: Watcher = lambda estimate: None,
) -> Posterior:
    """Infer by VBMC.

    Parameters
    ----------
    simulator : Simulator
        Its first points are evaluated at once, the others one after the other, as each depends on those before it.
    prior : Prior
    dimensions : int
    budget : int
        Maximum number of simulated points.
    draws : int
        Of the posterior that is found.
    seed : int
    watch : callable, optional
        Called with the posterior of each iteration when the next iteration requests its first point.
    """
    search: Any = None
    iterations = 0

    def target(units: FloatArray) -> tuple[FloatArray, FloatArray]:
        nonlocal iterations
        if (ended := _ended_iterations(search)) > iterations:
            iterations = ended
            watch(_estimate(search, ended, simulator.used, seed))
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
    with threadpool_limits(limits=1, user_api="blas"), _into_own_log(), warnings.catch_warnings():
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
        found, details = search.optimize()
        units = np.clip(found.sample(draws)[0], 0, 1)
        density = np.asarray(found.pdf(units, log_flag=True)).ravel()
    return Posterior(
        method="vbmc",
        units=units,
        log_density=density,
        log_evidence=float(details["elbo"]),
        log_evidence_sd=float(details["elbo_sd"]),
        converged=bool(details["success_flag"]),
        message=" ".join(str(details["message"]).split()),
        evaluations=simulator.used,
    )


@contextmanager
def _into_own_log() -> Iterator[None]:
    """Have what PyVBMC says in the workspace's log, and nowhere else."""

    def keep(record: logging.LogRecord) -> bool:
        log.info("pyvbmc: %s", record.getMessage())
        return False

    loggers = [logging.getLogger(name) for name in LOGGERS]
    for logger in loggers:
        logger.addFilter(keep)
    try:
        yield
    finally:
        for logger in loggers:
            logger.removeFilter(keep)


def _ended_iterations(search: Any) -> int:
    """Return the number of iterations that have ended; 0 while the search is being set up."""
    known = search.iteration_history.get("elbo_sd") if search is not None else None
    return 0 if known is None else len(known)


def _estimate(search: Any, iteration: int, evaluations: int, seed: int) -> Estimate:
    """Return the posterior of the last iteration."""
    history = search.iteration_history
    found = copy.deepcopy(history["vp"][-1])
    # The search's own random numbers stay as they are: watching it must not change what it finds.
    found.rng = np.random.default_rng([seed, iteration])
    return Estimate(
        units=np.clip(found.sample(WATCHED_DRAWS)[0], 0, 1),
        log_evidence=float(history["elbo"][-1]),
        log_evidence_sd=float(history["elbo_sd"][-1]),
        evaluations=evaluations,
        is_bound=True,
        stage=f"iteration {iteration}",
    )
