"""The names of what a study can seek."""

from __future__ import annotations

from l5tui.config import Experiment
from l5tui.config.measure_names import measure_names
from l5tui.config.spelling import did_you_mean
from l5tui.errors import ConfigError, Fault


def objective_names() -> tuple[str, ...]:
    """Every name, as `l5tui.tracking.flatten.metrics_of` gives them."""
    return ("loss", "loss/targets", *measure_names())


def check_objective(experiment: Experiment, source: str = "") -> None:
    """See that an experiment's objective is one.

    Raises
    ------
    ConfigError
        Where there is no measure of that name.
    """
    name = experiment.tuning.objective
    if name == "loss/targets" and not experiment.targets:
        fault = Fault("tuning.objective", f'"{name}" without targets', "a table [targets] beside it")
        raise ConfigError([fault], source)
    if name not in (known := objective_names()):
        near = did_you_mean(name, known)
        allowed = f"loss, a term such as loss/rmse, or a measure such as after/DS.CS{near}"
        raise ConfigError([Fault("tuning.objective", f'"{name}"', allowed)], source)
