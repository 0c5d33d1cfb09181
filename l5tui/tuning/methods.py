"""Which proposer a study's method means: the one place where that is decided."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

from l5tui.config import Experiment
from l5tui.config.tuning import Tuning
from l5tui.tuning.proposers.bayesian import BayesianSearch
from l5tui.tuning.proposers.design import Design, local_units, saltelli_units
from l5tui.tuning.proposers.grid import Grid
from l5tui.tuning.proposers.proposer import Proposer
from l5tui.tuning.proposers.random_search import RandomSearch
from l5tui.tuning.proposers.sobol import SobolSequence
from l5tui.tuning.space import SearchSpace

SALTELLI: Final = "saltelli"
LOCAL: Final = "local"
VBMC: Final = "vbmc"
ABC: Final = "abc"

DESIGNS: Final = (SALTELLI, LOCAL)
"""Methods of studies that go through a design, for a sensitivity analysis."""

INFERENCES: Final = (VBMC, ABC)
"""Methods of studies that look for a posterior; they choose their own points."""

Kind: TypeAlias = Literal["search", "inference", "sensitivity"]


def study_kind(method: str) -> Kind:
    """Return the purpose of a study: a best point, a posterior, or the importance of parameters."""
    return "inference" if method in INFERENCES else "sensitivity" if method in DESIGNS else "search"


def study_proposer(method: str, trials: int, experiment: Experiment, space: SearchSpace) -> Proposer:
    """Return the proposer of a study.

    Parameters
    ----------
    method : str
        One of ``tuning.method``, or of `DESIGNS`.
    trials : int
        In all.
    experiment : Experiment
        Gives the seed and further settings.
    space : SearchSpace
    """
    tuning = experiment.tuning
    if method in DESIGNS:
        if method == LOCAL:
            return Design(space, local_units(space, experiment))
        return Design(space, saltelli_units(len(space), trials // (len(space) + 2), tuning.seed))
    return new_proposer(tuning, space)


def new_proposer(tuning: Tuning, space: SearchSpace) -> Proposer:
    """Return the proposer of a search.

    Parameters
    ----------
    tuning : Tuning
        Its method, seed, and numbers of trials.
    space : SearchSpace
    """
    if tuning.method == "random":
        return RandomSearch(space, tuning.seed)
    if tuning.method == "sobol":
        return SobolSequence(space, tuning.seed)
    if tuning.method == "grid":
        return Grid(space, tuning.trials)
    return BayesianSearch(space, tuning.seed, tuning.initial)
