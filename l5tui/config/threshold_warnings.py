"""Warnings about the sliding threshold of the BCM rules."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from l5tui.config.config_warning import ConfigWarning

if TYPE_CHECKING:
    from l5tui.config.experiment import Experiment

ILL_POSED_GAMMA = 2.0
"""Exponent of the supralinear transfer from which the BCM rules are ill-posed near silence."""


def ill_posed_threshold(experiment: Experiment) -> Iterator[ConfigWarning]:
    """Warn where silent neurons learn from rounding errors.

    As θ is quadratic in the rates, r²/θ is of order 1 however small they are. Without a floor of the transfer
    function, silent neurons decay towards 0, and what they learn does not.
    """
    network, rule = experiment.network, experiment.plasticity.rule
    if rule not in ("bcm", "sliding_bcm") or network.transfer != "supralinear":
        return
    if network.gamma >= ILL_POSED_GAMMA and not experiment.plasticity.threshold_floor:
        yield ConfigWarning(
            "network.gamma",
            f"with {network.gamma:g} the rule {rule} is ill-posed near silence: r²/θ is of order 1 however small "
            "the rates are, so that weights depend on rounding errors; set plasticity.threshold_floor above 0",
            ("plasticity.rule", "network.transfer", "plasticity.threshold_floor"),
        )
