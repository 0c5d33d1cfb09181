"""Learning rules, one a file. A new rule is a file here and a line in `RULES`."""

from __future__ import annotations

from l5tui.model.plasticity.bcm import Bcm
from l5tui.model.plasticity.covariance import Covariance
from l5tui.model.plasticity.oja import Oja
from l5tui.model.plasticity.rule import Activity, Rule
from l5tui.model.plasticity.sliding_bcm import SlidingBcm

RULES: dict[str, type[Rule]] = {rule.name: rule for rule in (Bcm, SlidingBcm, Oja, Covariance)}
"""Every rule by its name in the configuration; ``none`` is the absence of one."""

__all__ = ["RULES", "Activity", "Rule"]
