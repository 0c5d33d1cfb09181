"""Which learning rules have been compiled; any other runs on the reference engine."""

from __future__ import annotations

from l5tui.config import Experiment

NO_RULE, BCM, OJA, COVARIANCE = range(4)
CODES = {"none": NO_RULE, "bcm": BCM, "sliding_bcm": BCM, "oja": OJA, "covariance": COVARIANCE}
"""What compiled code calls each rule."""


def is_compiled(experiment: Experiment) -> bool:
    """Return whether the learning rule of an experiment has a compiled form.

    Parameters
    ----------
    experiment : Experiment

    Returns
    -------
    bool
    """
    return experiment.plasticity.rule in CODES
