"""Which proposer a study's method means: the one place where that is decided."""

from __future__ import annotations

from l5tui.config.tuning import Tuning
from l5tui.tuning.proposers.proposer import Proposer
from l5tui.tuning.space import SearchSpace


def new_proposer(tuning: Tuning, space: SearchSpace) -> Proposer:
    """The proposer of a study.

    Parameters
    ----------
    tuning : Tuning
        Its method, seed, and numbers of trials.
    space : SearchSpace
    """
    if tuning.method == "random":
        from l5tui.tuning.proposers.random_search import RandomSearch

        return RandomSearch(space, tuning.seed)
    if tuning.method == "sobol":
        from l5tui.tuning.proposers.sobol import SobolSequence

        return SobolSequence(space, tuning.seed)
    if tuning.method == "grid":
        from l5tui.tuning.proposers.grid import Grid

        return Grid(space, tuning.trials)
    from l5tui.tuning.proposers.bayesian import BayesianSearch

    return BayesianSearch(space, tuning.seed, tuning.initial)
