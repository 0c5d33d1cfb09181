"""Whether an experiment can be searched."""

from __future__ import annotations

from l5tui.config.experiment import Experiment
from l5tui.errors import ConfigError

EXAMPLE = '[tuning.space]\n"plasticity.tau_learn" = {low = 100.0, high = 4000.0}'


def space_fault(experiment: Experiment) -> str:
    """What is to be mended before a study can begin; empty where nothing is."""
    if not experiment.tuning.space:
        return f"It has nothing to search: in the form, a adds the parameter at the cursor; in the TOML\n{EXAMPLE}"
    from l5tui.tuning.study import checked_space

    try:
        checked_space(experiment)
    except ConfigError as error:
        return "\n".join(error.lines())
    return ""
