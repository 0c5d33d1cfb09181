"""In which form the weights of an experiment can be held."""

from __future__ import annotations

from l5tui.config import Experiment


def is_low_rank(experiment: Experiment) -> bool:
    """Return whether the weights of an experiment are exactly W(0) plus a few outer products.

    Parameters
    ----------
    experiment : Experiment

    Returns
    -------
    bool
    """
    plasticity = experiment.plasticity
    from_stimulus = plasticity.rule in ("bcm", "sliding_bcm") and plasticity.presynaptic_term == "stimulus"
    return plasticity.rule == "none" or (from_stimulus and not plasticity.dale)
