"""Whether an experiment can be searched, its parameters inferred, or their sensitivity found."""

from __future__ import annotations

from collections.abc import Callable

from l5tui.config.experiment import Experiment
from l5tui.errors import L5Error

EXAMPLE = '[tuning.space]\n"plasticity.tau_learn" = {low = 100.0, high = 4000.0}'


def space_fault(experiment: Experiment) -> str:
    """Return the fault that prevents a study; empty if there is none."""
    if not experiment.tuning.space:
        return f"It has nothing to search: in the form, a adds the parameter at the cursor; in the TOML\n{EXAMPLE}"
    from l5tui.tuning.study import checked_space

    return _fault(lambda: checked_space(experiment))


def inference_fault(experiment: Experiment, method: str, budget: int) -> str:
    """Return the fault or the missing package that prevents an inference; empty if there is none."""
    if not experiment.tuning.space:
        return space_fault(experiment)
    from l5tui.tuning.inference.infer import checked_inference
    from l5tui.tuning.inference.libraries import see_installed

    return _fault(lambda: see_installed(method)) or _fault(lambda: checked_inference(experiment, budget))


def sensitivity_fault(experiment: Experiment, samples: int) -> str:
    """Return the fault or the missing package that prevents a sensitivity design; empty if there is none."""
    if not experiment.tuning.space:
        return space_fault(experiment)
    from l5tui.tuning.sensitivity import checked_design

    return _fault(lambda: checked_design(experiment, samples))


def _fault(check: Callable[[], object]) -> str:
    try:
        check()
    except L5Error as error:
        return str(error)
    return ""
