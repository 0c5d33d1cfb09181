"""Default budgets of inference and sensitivity analysis, and their checks; import-light, for the help of commands."""

from __future__ import annotations

from typing import Final

from l5tui.config.experiment import Experiment
from l5tui.errors import Fault

BUDGET: Final = 300
"""Points that an inference may simulate."""
SAMPLES: Final = 64
"""Base samples of a sensitivity design."""


def budget_faults(experiment: Experiment, budget: int) -> list[Fault]:
    """Return the fault of a budget that is too small for the number of searched parameters, if it is."""
    parameters = len(experiment.tuning.space)
    if budget >= (least := 10 * parameters):
        return []
    return [Fault("--budget", str(budget), f"{least} or more for {parameters} parameters")]
