"""Learning rules, one a file; `l5tui.config.rules` has the line that registers each."""

from __future__ import annotations

from l5tui.config import Experiment
from l5tui.config.rules import CONTROL, rule_class
from l5tui.model.plasticity.rule import Activity, Rule

__all__ = ["Activity", "Rule", "rule_of"]


def rule_of(experiment: Experiment) -> type[Rule] | None:
    """Return the class of an experiment's rule; None for the rule ``none``.

    Parameters
    ----------
    experiment : Experiment

    Returns
    -------
    type of Rule or None

    Raises
    ------
    ConfigError
        Where it comes from a package that cannot be loaded.
    """
    name = experiment.plasticity.rule
    if name == CONTROL:
        return None
    found: type[Rule] = rule_class(name)
    return found
