"""Default budgets of inference and sensitivity analysis, and their checks; import-light, for the help of commands."""

from __future__ import annotations

import math
from typing import Final

from l5tui.errors import Fault

BUDGET: Final = 300
"""Points that an inference may simulate."""
SAMPLES: Final = 64
"""Base samples of a sensitivity design."""


def samples_faults(samples: int) -> list[Fault]:
    """Return the fault of a number of base samples that is no power of two, if it is none."""
    if samples >= 4 and samples & (samples - 1) == 0:
        return []
    near = max(4, 2 ** round(math.log2(max(samples, 1))))
    return [Fault("--samples", str(samples), f"a power of two from 4 on, such as {near}")]


def budget_faults(parameters: int, budget: int) -> list[Fault]:
    """Return the fault of a budget that is too small for the number of searched parameters, if it is."""
    if budget >= (least := max(10 * parameters, 1)):
        return []
    if not parameters:
        return [Fault("--budget", str(budget), "1 or more")]
    return [Fault("--budget", str(budget), f"{least} or more for {parameters} parameters")]
